/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic that tells when it wraps. Counterpart: include/linux/overflow.h. [4.18, )
 */
#ifndef VMSIM_KAPI_LINUX_OVERFLOW_H
#define VMSIM_KAPI_LINUX_OVERFLOW_H

#include "limits.h"
#include "types.h"

#if VMSIM_SINCE(4, 18, 0)
/* vmsim: exact [4.18, ), every name of this file */
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
#define check_shl_overflow(a, s, d) \
	({ \
		__typeof__(a) vmsim_a = (a); \
		unsigned int vmsim_s = (unsigned int)(s); \
		__typeof__(d) vmsim_d = (d); \
		int vmsim_bad = vmsim_s >= 8 * sizeof(*vmsim_d) || vmsim_a < 0; \
		*vmsim_d = vmsim_bad ? 0 : (__typeof__(*vmsim_d))((u64)vmsim_a << vmsim_s); \
		vmsim_bad || *vmsim_d < 0 || \
			((u64)*vmsim_d >> vmsim_s) != (u64)vmsim_a; \
	})

static inline size_t size_mul(size_t a, size_t b)
{
	size_t bytes;

	return __builtin_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t bytes;

	return __builtin_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t array3_size(size_t a, size_t b, size_t c)
{
	return size_mul(size_mul(a, b), c);
}

#define array_size(a, b) size_mul(a, b)
#define flex_array_size(p, member, count) size_mul(count, sizeof(*(p)->member))
#define struct_size(p, member, count) size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count) struct_size((type *)0, member, count)
#endif

#endif
