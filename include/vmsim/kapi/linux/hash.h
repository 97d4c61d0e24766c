/* SPDX-License-Identifier: MIT */
/*
 * Multiplicative hashes. Counterpart: include/linux/hash.h; the factors are others since 4.7.
 */
#ifndef VMSIM_KAPI_LINUX_HASH_H
#define VMSIM_KAPI_LINUX_HASH_H

#include "bits.h"
#include "types.h"

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(4, 7, 0)
#define GOLDEN_RATIO_32 0x61C88647
#define GOLDEN_RATIO_64 0x61C8864680B583EBULL
#define GOLDEN_RATIO_PRIME GOLDEN_RATIO_64
#define VMSIM_HASH_32 ((u32)GOLDEN_RATIO_32)
#define VMSIM_HASH_64 GOLDEN_RATIO_64
#else
#define GOLDEN_RATIO_PRIME_32 0x9e370001UL
#define GOLDEN_RATIO_PRIME_64 0x9e37fffffffc0001UL
#define GOLDEN_RATIO_PRIME GOLDEN_RATIO_PRIME_64
#define VMSIM_HASH_32 ((u32)GOLDEN_RATIO_PRIME_32)
#define VMSIM_HASH_64 GOLDEN_RATIO_PRIME_64
#endif

static inline u32 hash_32(u32 val, unsigned int bits)
{
	return (u32)(val * VMSIM_HASH_32) >> (32 - bits);
}

static inline u32 hash_64(u64 val, unsigned int bits)
{
	return (u32)((u64)(val * VMSIM_HASH_64) >> (64 - bits));
}

#define hash_long(val, bits) hash_64((unsigned long)(val), (bits))

static inline u32 hash_ptr(const void *ptr, unsigned int bits)
{
	return hash_long((unsigned long)ptr, bits);
}

static inline u32 hash32_ptr(const void *ptr)
{
	return (u32)((unsigned long)ptr ^ (unsigned long)ptr >> 32);
}

#endif
