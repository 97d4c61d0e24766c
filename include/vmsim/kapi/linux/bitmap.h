/* SPDX-License-Identifier: MIT */
/*
 * Bit arrays. Counterpart: include/linux/bitmap.h; only the functions that drivers of the ranked
 * list use.
 */
#ifndef VMSIM_KAPI_LINUX_BITMAP_H
#define VMSIM_KAPI_LINUX_BITMAP_H

#include "bitops.h"
#include "string.h"

/* vmsim: exact, every name of this file */
#define bitmap_zero(map, nbits) memset(map, 0, BITS_TO_LONGS(nbits) * sizeof(long))
#define bitmap_fill(map, nbits) memset(map, 0xff, BITS_TO_LONGS(nbits) * sizeof(long))
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

#endif
