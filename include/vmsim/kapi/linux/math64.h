/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/math64.h.
 */
#ifndef VMSIM_KAPI_LINUX_MATH64_H
#define VMSIM_KAPI_LINUX_MATH64_H

#include "types.h"
#include "../asm/div64.h"

/* vmsim: exact, every name of this file */
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = (u32)(dividend % divisor);
	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

#define div64_ul(x, y) div64_u64((x), (y))

#endif
