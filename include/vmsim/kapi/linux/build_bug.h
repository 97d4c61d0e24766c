/* SPDX-License-Identifier: MIT */
/*
 * Checks at compile time. Counterpart: include/linux/build_bug.h.
 */
#ifndef VMSIM_KAPI_LINUX_BUILD_BUG_H
#define VMSIM_KAPI_LINUX_BUILD_BUG_H

#include "compiler.h"

/* vmsim: exact, every name of this file */
#define BUILD_BUG_ON_ZERO(e) VMSIM_ZERO_UNLESS(!(e))
#define BUILD_BUG_ON_MSG(cond, text) \
	do { \
		_Static_assert(!(cond), text); \
	} while (0)
/* vmsim: exact for constant conditions */
#define BUILD_BUG_ON(cond) BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON failed: " #cond)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))
#define BUILD_BUG_ON_INVALID(e) ((void)sizeof((long)(e)))
#define BUILD_BUG() BUILD_BUG_ON_MSG(1, "BUILD_BUG failed")
#if VMSIM_SINCE(5, 1, 0)
/* vmsim: exact [5.1, ) */
#define static_assert(expr, ...) VMSIM_STATIC_ASSERT(expr, ##__VA_ARGS__, #expr)
#define VMSIM_STATIC_ASSERT(expr, text, ...) _Static_assert(expr, text)
#endif

#endif
