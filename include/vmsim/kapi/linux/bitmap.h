/* SPDX-License-Identifier: MIT */
/*
 * Bit arrays. Counterpart: include/linux/bitmap.h. Leaves out parsing and printing of lists, and
 * the arrays of 32-bit words.
 */
#ifndef VMSIM_KAPI_LINUX_BITMAP_H
#define VMSIM_KAPI_LINUX_BITMAP_H

#include "bitops.h"
#include "find.h"
#include "slab.h"
#include "string.h"

/* vmsim: exact, every name of this file */
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))
#define BITMAP_LAST_WORD_MASK(nbits) (~0UL >> (-(nbits) & (BITS_PER_LONG - 1)))
#define bitmap_zero(map, nbits) memset(map, 0, BITS_TO_LONGS(nbits) * sizeof(long))
#define bitmap_fill(map, nbits) memset(map, 0xff, BITS_TO_LONGS(nbits) * sizeof(long))
#define bitmap_copy(to, from, nbits) memcpy(to, from, BITS_TO_LONGS(nbits) * sizeof(long))
#define bitmap_empty(map, nbits) (find_first_bit(map, nbits) >= (nbits))
#define bitmap_full(map, nbits) (find_first_zero_bit(map, nbits) >= (nbits))

static inline void bitmap_set(unsigned long *map, unsigned int start, unsigned int count)
{
	for (; count; count--, start++)
		__set_bit(start, map);
}

static inline void bitmap_clear(unsigned long *map, unsigned int start, unsigned int count)
{
	for (; count; count--, start++)
		__clear_bit(start, map);
}

static inline int bitmap_weight(const unsigned long *map, unsigned int nbits)
{
	unsigned int i, weight = 0;

	for (i = 0; i < nbits / BITS_PER_LONG; i++)
		weight += (unsigned int)hweight_long(map[i]);
	if (nbits % BITS_PER_LONG)
		weight += (unsigned int)hweight_long(map[i] & BITMAP_LAST_WORD_MASK(nbits));
	return (int)weight;
}

/* The last word of `map`, or of `a` and `b` as `op` joins them, without the bits behind it. */
#define VMSIM_BITMAP_ANY(nbits, word) \
	({ \
		unsigned int vmsim_i; \
		unsigned long vmsim_any = 0; \
		for (vmsim_i = 0; vmsim_i < BITS_TO_LONGS(nbits); vmsim_i++) \
			vmsim_any |= (word) & (vmsim_i + 1 < BITS_TO_LONGS(nbits) ? \
						       ~0UL : \
						       BITMAP_LAST_WORD_MASK(nbits)); \
		vmsim_any != 0; \
	})

static inline int bitmap_and(unsigned long *to, const unsigned long *a, const unsigned long *b,
			     unsigned int nbits)
{
	return VMSIM_BITMAP_ANY(nbits, to[vmsim_i] = a[vmsim_i] & b[vmsim_i]);
}

static inline int bitmap_andnot(unsigned long *to, const unsigned long *a, const unsigned long *b,
				unsigned int nbits)
{
	return VMSIM_BITMAP_ANY(nbits, to[vmsim_i] = a[vmsim_i] & ~b[vmsim_i]);
}

static inline void bitmap_or(unsigned long *to, const unsigned long *a, const unsigned long *b,
			     unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		to[i] = a[i] | b[i];
}

static inline void bitmap_xor(unsigned long *to, const unsigned long *a, const unsigned long *b,
			      unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		to[i] = a[i] ^ b[i];
}

static inline void bitmap_complement(unsigned long *to, const unsigned long *from,
				     unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		to[i] = ~from[i];
}

static inline int bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return !VMSIM_BITMAP_ANY(nbits, a[vmsim_i] ^ b[vmsim_i]);
}

static inline int bitmap_intersects(const unsigned long *a, const unsigned long *b,
				    unsigned int nbits)
{
	return VMSIM_BITMAP_ANY(nbits, a[vmsim_i] & b[vmsim_i]);
}

static inline int bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return !VMSIM_BITMAP_ANY(nbits, a[vmsim_i] & ~b[vmsim_i]);
}

/* Towards higher bits; what comes in is 0. */
static inline void bitmap_shift_left(unsigned long *to, const unsigned long *from,
				     unsigned int shift, unsigned int nbits)
{
	unsigned int i;

	for (i = nbits; i-- > 0;)
		if (i >= shift && test_bit(i - shift, from))
			__set_bit(i, to);
		else
			__clear_bit(i, to);
}

static inline void bitmap_shift_right(unsigned long *to, const unsigned long *from,
				      unsigned int shift, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < nbits; i++)
		if (shift < nbits - i && test_bit(i + shift, from))
			__set_bit(i, to);
		else
			__clear_bit(i, to);
}

static inline unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
						       unsigned long start, unsigned int nr,
						       unsigned long align_mask)
{
	unsigned long end, used;

	for (;;) {
		start = find_next_zero_bit(map, size, start);
		start = (start + align_mask) & ~align_mask;
		end = start + nr;
		if (end > size)
			return end;
		used = find_next_bit(map, end, start);
		if (used >= end)
			return start;
		start = used + 1;
	}
}

/* Aligned runs of 2^order bits. */
static inline int bitmap_find_free_region(unsigned long *map, unsigned int bits, int order)
{
	unsigned int at, count = 1U << order;

	for (at = 0; at + count <= bits; at += count)
		if (find_next_bit(map, at + count, at) >= at + count) {
			bitmap_set(map, at, count);
			return (int)at;
		}
	return -ENOMEM;
}

static inline void bitmap_release_region(unsigned long *map, unsigned int at, int order)
{
	bitmap_clear(map, at, 1U << order);
}

static inline int bitmap_allocate_region(unsigned long *map, unsigned int at, int order)
{
	if (find_next_bit(map, at + (1U << order), at) < at + (1U << order))
		return -EBUSY;
	bitmap_set(map, at, 1U << order);
	return 0;
}

#if VMSIM_SINCE(4, 19, 0)
#define bitmap_alloc(nbits, gfp) \
	((unsigned long *)kmalloc_array(BITS_TO_LONGS(nbits), sizeof(long), (gfp)))
#define bitmap_zalloc(nbits, gfp) \
	((unsigned long *)kcalloc(BITS_TO_LONGS(nbits), sizeof(long), (gfp)))
#define bitmap_free(map) kfree(map)
#endif

#endif
