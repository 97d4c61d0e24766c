/* SPDX-License-Identifier: MIT */
/*
 * Single bits, atomically or not, and searches. Counterpart: include/linux/bitops.h.
 */
#ifndef VMSIM_KAPI_LINUX_BITOPS_H
#define VMSIM_KAPI_LINUX_BITOPS_H

#include "bits.h"
#include "compiler.h"
#include "find.h"
#include "types.h"

/* vmsim: exact, every name of this file */
static inline void set_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_or(addr + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static inline void change_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_xor(addr + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static inline int test_bit(long nr, const volatile unsigned long *addr)
{
	return (addr[BIT_WORD(nr)] & BIT_MASK(nr)) != 0;
}

static inline int test_and_set_bit(long nr, volatile unsigned long *addr)
{
	unsigned long mask = BIT_MASK(nr);

	return (__atomic_fetch_or(addr + BIT_WORD(nr), mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static inline int test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	unsigned long mask = BIT_MASK(nr);

	return (__atomic_fetch_and(addr + BIT_WORD(nr), ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static inline int test_and_change_bit(long nr, volatile unsigned long *addr)
{
	unsigned long mask = BIT_MASK(nr);

	return (__atomic_fetch_xor(addr + BIT_WORD(nr), mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

#define __set_bit(nr, addr) ((void)((addr)[BIT_WORD(nr)] |= BIT_MASK(nr)))
#define __clear_bit(nr, addr) ((void)((addr)[BIT_WORD(nr)] &= ~BIT_MASK(nr)))
#define __change_bit(nr, addr) ((void)((addr)[BIT_WORD(nr)] ^= BIT_MASK(nr)))

static inline int __test_and_set_bit(long nr, volatile unsigned long *addr)
{
	int was = test_bit(nr, addr);

	__set_bit(nr, addr);
	return was;
}

static inline int __test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	int was = test_bit(nr, addr);

	__clear_bit(nr, addr);
	return was;
}

static inline int __test_and_change_bit(long nr, volatile unsigned long *addr)
{
	int was = test_bit(nr, addr);

	__change_bit(nr, addr);
	return was;
}

#define __assign_bit(nr, addr, value) \
	((value) ? __set_bit(nr, addr) : __clear_bit(nr, addr))
#define clear_bit_unlock(nr, addr) clear_bit(nr, addr)
#define test_and_set_bit_lock(nr, addr) test_and_set_bit(nr, addr)
#define assign_bit(nr, addr, value) ((value) ? set_bit(nr, addr) : clear_bit(nr, addr))

static inline int ffs(int x)
{
	return __builtin_ffs(x);
}

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline unsigned long __ffs(unsigned long x)
{
	return (unsigned long)__builtin_ctzl(x);
}

static inline unsigned long __fls(unsigned long x)
{
	return 63 - (unsigned long)__builtin_clzl(x);
}

#define ffz(x) __ffs(~(x))

/* The builtin would be a call into the compiler's library where the CPU may lack the instruction. */
static inline unsigned int vmsim_weight(u64 x)
{
	x -= x >> 1 & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + (x >> 2 & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (unsigned int)(x * 0x0101010101010101ULL >> 56);
}

#define VMSIM_WEIGHT(x) \
	(__builtin_constant_p(x) ? (unsigned int)__builtin_popcountll(x) : vmsim_weight(x))
#define hweight8(x) VMSIM_WEIGHT((u8)(x))
#define hweight16(x) VMSIM_WEIGHT((u16)(x))
#define hweight32(x) VMSIM_WEIGHT((u32)(x))
#define hweight64(x) ((unsigned long)VMSIM_WEIGHT((u64)(x)))
#define hweight_long(x) hweight64((unsigned long)(x))

static inline u64 ror64(u64 word, unsigned int shift)
{
	return (word >> (shift & 63)) | (word << (-shift & 63));
}

static inline u64 rol64(u64 word, unsigned int shift)
{
	return (word << (shift & 63)) | (word >> (-shift & 63));
}

static inline s32 sign_extend32(u32 value, int index)
{
	return (s32)(value << (31 - index)) >> (31 - index);
}

static inline s64 sign_extend64(u64 value, int index)
{
	return (s64)(value << (63 - index)) >> (63 - index);
}

static inline unsigned long __ffs64(u64 x)
{
	return (unsigned long)__builtin_ctzll(x);
}

static inline u32 ror32(u32 word, unsigned int shift)
{
	return (word >> (shift & 31)) | (word << (-shift & 31));
}

static inline u32 rol32(u32 word, unsigned int shift)
{
	return (word << (shift & 31)) | (word >> (-shift & 31));
}

#endif
