/* SPDX-License-Identifier: MIT */
/*
 * Single bits, atomically or not, and searches. Counterpart: include/linux/bitops.h.
 */
#ifndef VMSIM_KAPI_LINUX_BITOPS_H
#define VMSIM_KAPI_LINUX_BITOPS_H

#include "bits.h"
#include "compiler.h"
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
#define clear_bit_unlock(nr, addr) clear_bit(nr, addr)
#define test_and_set_bit_lock(nr, addr) test_and_set_bit(nr, addr)
#define assign_bit(nr, addr, value) ((value) ? set_bit(nr, addr) : clear_bit(nr, addr))

static inline unsigned long vmsim_find_bit(const unsigned long *addr, unsigned long size,
					   unsigned long from, int want)
{
	while (from < size && test_bit((long)from, addr) != want)
		from++;
	return from < size ? from : size;
}

#define find_first_bit(addr, size) vmsim_find_bit(addr, size, 0, 1)
#define find_first_zero_bit(addr, size) vmsim_find_bit(addr, size, 0, 0)
#define find_next_bit(addr, size, from) vmsim_find_bit(addr, size, from, 1)
#define find_next_zero_bit(addr, size, from) vmsim_find_bit(addr, size, from, 0)
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_first_bit((addr), (size)); (bit) < (size); \
	     (bit) = find_next_bit((addr), (size), (bit) + 1))

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
#define hweight8(x) ((unsigned int)__builtin_popcount((u8)(x)))
#define hweight16(x) ((unsigned int)__builtin_popcount((u16)(x)))
#define hweight32(x) ((unsigned int)__builtin_popcount(x))
#define hweight64(x) ((unsigned long)__builtin_popcountll(x))
#define hweight_long(x) ((unsigned long)__builtin_popcountl(x))

static inline u32 ror32(u32 word, unsigned int shift)
{
	return (word >> (shift & 31)) | (word << (-shift & 31));
}

static inline u32 rol32(u32 word, unsigned int shift)
{
	return (word << (shift & 31)) | (word >> (-shift & 31));
}

#endif
