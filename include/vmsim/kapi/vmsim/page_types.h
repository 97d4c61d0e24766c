/* SPDX-License-Identifier: MIT */
/*
 * struct page as drivers see it: one element of mem_map per frame, 64 bytes; all zero means free and never touched.
 * Counterpart: include/linux/mm_types.h. Owner kind and known-zero state live in side arrays of the core.
 */
#ifndef VMSIM_KAPI_PAGE_TYPES_H
#define VMSIM_KAPI_PAGE_TYPES_H

#include "base_types.h"

struct address_space;

/* Bit numbers in page->flags, numbered as in Linux 6.12; the higher bits (zone, node) are not kept there. */
/* vmsim: simplified: 6.12's numbers in every era, in linux/page-flags.h */
enum pageflags {
	PG_locked,
	PG_writeback,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head, /* first page of a compound block; tails say so in compound_head */
	PG_waiters,
	PG_active,
	PG_workingset,
	PG_owner_priv_1,
	PG_owner_2,
	PG_arch_1,
	PG_reserved, /* never given out by the allocator, or marked so by a driver */
	PG_private,
	PG_private_2,
	PG_reclaim,
	PG_swapbacked,
	PG_unevictable,
	PG_mlocked,
	__NR_PAGEFLAGS
};

/* vmsim: simplified: the fields that drivers use, in linux/mm_types.h */
struct page {
	unsigned long flags;
	union {
		struct list_head lru;
		struct {
			unsigned long compound_head; /* bit 0 set: tail, the rest is the head's address */
			unsigned long compound_order; /* of a head page's first tail */
		};
	};
	struct address_space *mapping;
	unsigned long index;
	unsigned long VMSIM_KW(private);
	vmsim_atomic_t _mapcount; /* number of mappings; the kernel keeps this number minus one */
	vmsim_atomic_t _refcount;
	void *VMSIM_KW(virtual); /* kernel address of a high page while it is kmapped */
};

#endif
