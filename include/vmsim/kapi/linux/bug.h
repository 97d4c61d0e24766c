/* SPDX-License-Identifier: MIT */
/*
 * WARN and BUG. A BUG ends the driver's call as a kernel oops does. Counterpart: include/asm-
 * generic/bug.h.
 */
#ifndef VMSIM_KAPI_LINUX_BUG_H
#define VMSIM_KAPI_LINUX_BUG_H

#include "build_bug.h"
#include "compiler.h"

extern void vmsim_bug(const char *file, int line) __noreturn;
extern void vmsim_warn(const char *file, int line, const char *function, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* vmsim: exact, every name of this file */
#define BUG() vmsim_bug(__FILE__, __LINE__)
#define BUG_ON(condition) \
	do { \
		if (unlikely(condition)) \
			BUG(); \
	} while (0)

#define VMSIM_WARN_IF(condition, ...) \
	({ \
		int vmsim_warned = !!(condition); \
		if (unlikely(vmsim_warned)) \
			vmsim_warn(__FILE__, __LINE__, __func__, __VA_ARGS__); \
		unlikely(vmsim_warned); \
	})
#define VMSIM_WARN_IF_FIRST(condition, ...) \
	({ \
		static char vmsim_already; \
		int vmsim_hit = !!(condition); \
		if (unlikely(vmsim_hit && !vmsim_already)) { \
			vmsim_already = 1; \
			vmsim_warn(__FILE__, __LINE__, __func__, __VA_ARGS__); \
		} \
		unlikely(vmsim_hit); \
	})

#define WARN_ON(condition) VMSIM_WARN_IF(condition, "%s", "")
#if VMSIM_SINCE(2, 6, 16)
#define WARN_ON_ONCE(condition) VMSIM_WARN_IF_FIRST(condition, "%s", "")
#endif
#if VMSIM_SINCE(2, 6, 26)
#define WARN(condition, fmt, ...) VMSIM_WARN_IF(condition, fmt, ##__VA_ARGS__)
#endif
#if VMSIM_SINCE(2, 6, 28)
#define WARN_ONCE(condition, fmt, ...) VMSIM_WARN_IF_FIRST(condition, fmt, ##__VA_ARGS__)
#endif
#define WARN_ON_SMP(condition) WARN_ON(condition)

#endif
