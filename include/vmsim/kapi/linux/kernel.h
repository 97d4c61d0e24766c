/* SPDX-License-Identifier: MIT */
/*
 * The odds and ends most drivers use: formatting, parsing, arithmetic macros. Counterpart:
 * include/linux/kernel.h.
 */
#ifndef VMSIM_KAPI_LINUX_KERNEL_H
#define VMSIM_KAPI_LINUX_KERNEL_H

#include "stdarg.h"
#include "align.h"
#include "array_size.h"
#include "bitops.h"
#include "bug.h"
#include "compiler.h"
#include "container_of.h"
#include "errno.h"
#include "kstrtox.h"
#include "limits.h"
#include "linkage.h"
#include "log2.h"
#include "math.h"
#include "minmax.h"
#include "printk.h"
#include "sprintf.h"
#include "stddef.h"
#include "stringify.h"
#include "typecheck.h"
#include "types.h"

/* vmsim: exact, every name of this file */
#define READ 0
#define WRITE 1
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)((n)&0xffffffff))
#define PTR_IF(cond, ptr) ((cond) ? (ptr) : NULL)
#define u64_to_user_ptr(x) ((void __user *)(uintptr_t)(x))
#define ptr_to_u64(p) ((u64)(uintptr_t)(p))
#define _RET_IP_ ((unsigned long)__builtin_return_address(0))
#if VMSIM_UNTIL(5, 10, 0)
/* vmsim: exact, then sizeof_field */
#define FIELD_SIZEOF(t, f) sizeof(((t *)0)->f)
#endif

extern void vmsim_might_sleep(const char *file, int line);
#define might_sleep() vmsim_might_sleep(__FILE__, __LINE__)
#define might_sleep_if(cond) \
	do { \
		if (cond) \
			might_sleep(); \
	} while (0)
#define cant_sleep() ((void)0)
#define might_fault() might_sleep()

extern void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* vmsim: simplified: only marks the machine */
extern void add_taint(unsigned int flag, int lockdep_ok);
extern int hex_to_bin(unsigned char ch);
/* vmsim: simplified: an ordinary log line */
#define trace_printk(fmt, ...) printk(KERN_DEBUG fmt, ##__VA_ARGS__)
#define TAINT_USER 6

#endif
