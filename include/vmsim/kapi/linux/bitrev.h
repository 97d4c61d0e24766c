/* SPDX-License-Identifier: MIT */
/*
 * Bits in reverse. Counterpart: include/linux/bitrev.h.
 */
#ifndef VMSIM_KAPI_LINUX_BITREV_H
#define VMSIM_KAPI_LINUX_BITREV_H

#include "types.h"

/* vmsim: exact, every name of this file */
static inline u32 bitrev32(u32 x)
{
	x = x >> 16 | x << 16;
	x = (x & 0xff00ff00U) >> 8 | (x & 0x00ff00ffU) << 8;
	x = (x & 0xf0f0f0f0U) >> 4 | (x & 0x0f0f0f0fU) << 4;
	x = (x & 0xccccccccU) >> 2 | (x & 0x33333333U) << 2;
	return (x & 0xaaaaaaaaU) >> 1 | (x & 0x55555555U) << 1;
}

static inline u16 bitrev16(u16 x)
{
	return (u16)(bitrev32(x) >> 16);
}

static inline u8 bitrev8(u8 x)
{
	return (u8)(bitrev32(x) >> 24);
}

#endif
