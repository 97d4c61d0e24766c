/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/math.h.
 */
#ifndef VMSIM_KAPI_LINUX_MATH_H
#define VMSIM_KAPI_LINUX_MATH_H

#include "types.h"
#include "../asm/div64.h"

/* vmsim: exact, every name of this file */
#define __round_mask(x, y) ((__typeof__(x))((y) - 1))
#define round_up(x, y) ((((x) - 1) | __round_mask(x, y)) + 1)
#define round_down(x, y) ((x) & ~__round_mask(x, y))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((unsigned long long)(n), (d))
#define DIV_ROUND_CLOSEST(x, divisor) (((x) + (divisor) / 2) / (divisor))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y) ((x) - ((x) % (y)))
#define mult_frac(x, n, d) \
	({ \
		__typeof__(x) vmsim_x = (x); \
		(vmsim_x / (d)) * (n) + ((vmsim_x % (d)) * (n)) / (d); \
	})
#define abs(x) \
	({ \
		__typeof__(x) vmsim_x = (x); \
		vmsim_x < 0 ? (__typeof__(x))-vmsim_x : vmsim_x; \
	})
extern unsigned long int_sqrt(unsigned long x); /* vmsim: exact */

#endif
