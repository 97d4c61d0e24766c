/* SPDX-License-Identifier: MIT */
/*
 * printk and its levels. Counterpart: include/linux/printk.h, kern_levels.h. A level is a prefix
 * of the format string.
 */
#ifndef VMSIM_KAPI_LINUX_PRINTK_H
#define VMSIM_KAPI_LINUX_PRINTK_H

#include "compiler.h"
#include "kern_levels.h"

extern int printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern int vprintk(const char *fmt, __builtin_va_list args);
extern int printk_ratelimit(void);
extern void dump_stack(void);
#define _printk printk

#if VMSIM_SINCE(2, 6, 36)
/* The argument of %pV: a format and its arguments. vmsim: exact [2.6.36, ) */
struct va_format {
	const char *fmt;
	__builtin_va_list *va;
};
#endif

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

/* vmsim: exact, every name of this file */
#define no_printk(fmt, ...) \
	({ \
		if (0) \
			printk(fmt, ##__VA_ARGS__); \
		0; \
	})
#define pr_info(fmt, ...) printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#ifdef DEBUG
#define pr_debug(fmt, ...) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_debug(fmt, ...) no_printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#endif

#if VMSIM_SINCE(2, 6, 28)
/* vmsim: exact [2.6.28, ) */
#define pr_emerg(fmt, ...) printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...) printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...) printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...) printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...) printk(KERN_CONT fmt, ##__VA_ARGS__)
#define pr_devel(fmt, ...) pr_debug(fmt, ##__VA_ARGS__)
#if VMSIM_UNTIL(5, 6, 0)
/* vmsim: exact [2.6.28, 5.6), then pr_warn */
#define pr_warning(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#endif
#if VMSIM_SINCE(2, 6, 35)
/* vmsim: exact [2.6.35, ) */
#define pr_warn(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#endif

#define VMSIM_PRINTK_ONCE(print, ...) \
	({ \
		static char vmsim_printed; \
		if (!vmsim_printed) { \
			vmsim_printed = 1; \
			print(__VA_ARGS__); \
		} \
	})
#define VMSIM_PRINTK_RATED(print, ...) \
	do { \
		if (printk_ratelimit()) \
			print(__VA_ARGS__); \
	} while (0)

#define printk_once(fmt, ...) VMSIM_PRINTK_ONCE(printk, fmt, ##__VA_ARGS__)
#define pr_err_once(fmt, ...) VMSIM_PRINTK_ONCE(pr_err, fmt, ##__VA_ARGS__)
#define pr_warn_once(fmt, ...) VMSIM_PRINTK_ONCE(pr_warn, fmt, ##__VA_ARGS__)
#define pr_info_once(fmt, ...) VMSIM_PRINTK_ONCE(pr_info, fmt, ##__VA_ARGS__)
/* vmsim: simplified: one rate for all callers, every name of this block */
#define printk_ratelimited(fmt, ...) VMSIM_PRINTK_RATED(printk, fmt, ##__VA_ARGS__)
#define pr_err_ratelimited(fmt, ...) VMSIM_PRINTK_RATED(pr_err, fmt, ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...) VMSIM_PRINTK_RATED(pr_warn, fmt, ##__VA_ARGS__)
#define pr_info_ratelimited(fmt, ...) VMSIM_PRINTK_RATED(pr_info, fmt, ##__VA_ARGS__)
#define pr_debug_ratelimited(fmt, ...) pr_debug(fmt, ##__VA_ARGS__)

enum { DUMP_PREFIX_NONE, DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET };
extern void print_hex_dump(const char *level, const char *prefix, int prefix_type, int rowsize,
			   int groupsize, const void *buf, unsigned long len, _Bool ascii);
#define print_hex_dump_bytes(prefix, type, buf, len) \
	print_hex_dump(KERN_DEBUG, prefix, type, 16, 1, buf, len, 1)
#define print_hex_dump_debug(prefix, type, row, group, buf, len, ascii) \
	print_hex_dump(KERN_DEBUG, prefix, type, row, group, buf, len, ascii)
#endif

#endif
