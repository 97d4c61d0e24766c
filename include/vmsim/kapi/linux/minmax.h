/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/minmax.h.
 */
#ifndef VMSIM_KAPI_LINUX_MINMAX_H
#define VMSIM_KAPI_LINUX_MINMAX_H

#include "compiler.h"

/* Each argument is evaluated once; `op` picks the first. */
#define VMSIM_PICK(ta, a, op, tb, b) \
	({ \
		ta vmsim_a = (a); \
		tb vmsim_b = (b); \
		vmsim_a op vmsim_b ? vmsim_a : vmsim_b; \
	})

/* vmsim: simplified: no compile-time check that the signs agree */
#define min(x, y) VMSIM_PICK(__typeof__(x), x, <, __typeof__(y), y)
/* vmsim: simplified: no compile-time check that the signs agree */
#define max(x, y) VMSIM_PICK(__typeof__(x), x, >, __typeof__(y), y)
/* vmsim: exact, every name of this file */
#define min_t(type, x, y) VMSIM_PICK(type, x, <, type, y)
#define max_t(type, x, y) VMSIM_PICK(type, x, >, type, y)
#define min3(x, y, z) min((__typeof__(x))min(x, y), z)
#define max3(x, y, z) max((__typeof__(x))max(x, y), z)
#define min_not_zero(x, y) \
	({ \
		__typeof__(x) vmsim_x = (x); \
		__typeof__(y) vmsim_y = (y); \
		vmsim_x == 0 ? vmsim_y : (vmsim_y == 0 ? vmsim_x : min(vmsim_x, vmsim_y)); \
	})
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)
#define clamp(val, lo, hi) clamp_t(__typeof__(val), val, lo, hi)
#define clamp_val(val, lo, hi) clamp_t(__typeof__(val), val, lo, hi)
#define in_range(val, start, len) \
	({ \
		__typeof__(start) vmsim_start = (start); \
		(val) >= vmsim_start && (val) - vmsim_start < (len); \
	})
#define swap(a, b) \
	do { \
		__typeof__(a) vmsim_tmp = (a); \
		(a) = (b); \
		(b) = vmsim_tmp; \
	} while (0)

#endif
