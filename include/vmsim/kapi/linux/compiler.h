/* SPDX-License-Identifier: MIT */
/*
 * Branch hints, single accesses and compiler barriers. Counterpart: include/linux/compiler.h,
 * asm-generic/rwonce.h.
 */
#ifndef VMSIM_KAPI_LINUX_COMPILER_H
#define VMSIM_KAPI_LINUX_COMPILER_H

#include "compiler_attributes.h"

/* vmsim: exact, every name of this file */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")
#define unreachable() __builtin_unreachable()
#define __builtin_warning(x, y) (1)

#define VMSIM_JOIN_(a, b) a##b
#define VMSIM_JOIN(a, b) VMSIM_JOIN_(a, b)
#define __UNIQUE_ID(prefix) VMSIM_JOIN(VMSIM_JOIN(__vmsim_, prefix), __COUNTER__)
#ifndef __PASTE
#define __PASTE(a, b) VMSIM_JOIN(a, b)
#endif

#if VMSIM_SINCE(3, 19, 0)
/* vmsim: exact [3.19, ) */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
/* vmsim: exact [3.19, ) */
#define WRITE_ONCE(x, val) \
	do { \
		*(volatile __typeof__(x) *)&(x) = (val); \
	} while (0)
#endif
#if VMSIM_SINCE(2, 6, 26) && VMSIM_UNTIL(4, 15, 0)
/* vmsim: exact [2.6.26, 4.15), then READ_ONCE */
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#endif
#define data_race(expr) ({ (expr); })
#define OPTIMIZER_HIDE_VAR(var) __asm__("" : "=r"(var) : "0"(var))
#define RELOC_HIDE(ptr, off) ((__typeof__(ptr))((unsigned long)(ptr) + (off)))
#define __must_be_array(a) VMSIM_ZERO_UNLESS(!__same_type((a), &(a)[0]))

/* 0, or an error at compile time. */
#define VMSIM_ZERO_UNLESS(ok) ((int)sizeof(struct { int vmsim_must_hold : (ok) ? 1 : -1; }) * 0)

#endif
