/* SPDX-License-Identifier: MIT */
/*
 * Searches in bit arrays, a word at a time. Counterpart: include/linux/find.h. Included by
 * linux/bitops.h.
 */
#ifndef VMSIM_KAPI_LINUX_FIND_H
#define VMSIM_KAPI_LINUX_FIND_H

#include "bits.h"
#include "types.h"

/* vmsim: exact, every name of this file */
/* The first bit at or after `from` that is set in the words XOR `invert`; `size` if none is. */
static inline unsigned long vmsim_find_bit(const unsigned long *addr, unsigned long size,
					   unsigned long from, unsigned long invert)
{
	unsigned long word, at;

	if (from >= size)
		return size;
	word = (addr[BIT_WORD(from)] ^ invert) & (~0UL << (from % BITS_PER_LONG));
	at = from - from % BITS_PER_LONG;
	while (!word) {
		at += BITS_PER_LONG;
		if (at >= size)
			return size;
		word = addr[BIT_WORD(at)] ^ invert;
	}
	at += (unsigned long)__builtin_ctzl(word);
	return at < size ? at : size;
}

static inline unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
					  unsigned long from)
{
	return vmsim_find_bit(addr, size, from, 0);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
					       unsigned long from)
{
	return vmsim_find_bit(addr, size, from, ~0UL);
}

static inline unsigned long find_first_bit(const unsigned long *addr, unsigned long size)
{
	return vmsim_find_bit(addr, size, 0, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr, unsigned long size)
{
	return vmsim_find_bit(addr, size, 0, ~0UL);
}

static inline unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long at = size;

	while (at && !(addr[BIT_WORD(at - 1)] & BIT_MASK(at - 1)))
		at--;
	return at ? at - 1 : size;
}

#if VMSIM_SINCE(3, 17, 0)
static inline unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
					      unsigned long size, unsigned long from)
{
	for (from = find_next_bit(a, size, from); from < size;
	     from = find_next_bit(a, size, from + 1))
		if (b[BIT_WORD(from)] & BIT_MASK(from))
			break;
	return from;
}

#define find_first_and_bit(a, b, size) find_next_and_bit(a, b, size, 0)
#endif

#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_first_bit((addr), (size)); (bit) < (size); \
	     (bit) = find_next_bit((addr), (size), (bit) + 1))
#define for_each_set_bit_from(bit, addr, size) \
	for ((bit) = find_next_bit((addr), (size), (bit)); (bit) < (size); \
	     (bit) = find_next_bit((addr), (size), (bit) + 1))
#define for_each_clear_bit(bit, addr, size) \
	for ((bit) = find_first_zero_bit((addr), (size)); (bit) < (size); \
	     (bit) = find_next_zero_bit((addr), (size), (bit) + 1))
#define for_each_clear_bit_from(bit, addr, size) \
	for ((bit) = find_next_zero_bit((addr), (size), (bit)); (bit) < (size); \
	     (bit) = find_next_zero_bit((addr), (size), (bit) + 1))

#endif
