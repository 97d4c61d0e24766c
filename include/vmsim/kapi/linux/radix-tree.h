/* SPDX-License-Identifier: MIT */
/*
 * Pointers by number. Counterpart: include/linux/radix-tree.h. Leaves out nodes, which no driver
 * sees, and radix_tree_gang_lookup_slot().
 */
#ifndef VMSIM_KAPI_LINUX_RADIX_TREE_H
#define VMSIM_KAPI_LINUX_RADIX_TREE_H

#include "gfp.h"
#include "kernel.h"
#include "preempt.h"
#include "rcupdate.h"
#include "../vmsim/container_types.h"

/* vmsim: exact, every name of this file */
#define radix_tree_root xarray
#define RADIX_TREE_MAX_TAGS 3
#if VMSIM_SINCE(4, 20, 0)
#define RADIX_TREE_INIT(name, mask) { { NULL, #name }, { mask }, { NULL } }
#define RADIX_TREE(name, mask) struct radix_tree_root name = RADIX_TREE_INIT(name, mask)
#else
#define RADIX_TREE_INIT(mask) { { NULL, NULL }, { mask }, { NULL } }
#define RADIX_TREE(name, mask) struct radix_tree_root name = RADIX_TREE_INIT(mask)
#endif
#define INIT_RADIX_TREE(root, mask) \
	do { \
		(root)->xa_lock.owner = NULL; \
		(root)->xa_lock.name = #root; \
		(root)->gfp_mask = (mask); \
		(root)->rnode = NULL; \
	} while (0)
#if VMSIM_SINCE(4, 12, 0)
#define radix_tree_empty(root) ((root)->rnode == NULL)
#endif

extern int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item);
extern void *radix_tree_lookup(const struct radix_tree_root *root, unsigned long index);
extern void **radix_tree_lookup_slot(const struct radix_tree_root *root, unsigned long index);
extern void *radix_tree_delete(struct radix_tree_root *root, unsigned long index);
extern unsigned int radix_tree_gang_lookup(const struct radix_tree_root *root, void **results,
					   unsigned long first, unsigned int max);
extern unsigned int radix_tree_gang_lookup_tag(const struct radix_tree_root *root, void **results,
					       unsigned long first, unsigned int max,
					       unsigned int tag);
extern void *radix_tree_tag_set(struct radix_tree_root *root, unsigned long index,
				unsigned int tag);
extern void *radix_tree_tag_clear(struct radix_tree_root *root, unsigned long index,
				  unsigned int tag);
extern int radix_tree_tag_get(const struct radix_tree_root *root, unsigned long index,
			      unsigned int tag);
extern int radix_tree_tagged(const struct radix_tree_root *root, unsigned int tag);
#if VMSIM_SINCE(3, 15, 0)
extern void *radix_tree_delete_item(struct radix_tree_root *root, unsigned long index, void *item);
#endif
#define radix_tree_deref_slot(slot) (*(slot))
#if VMSIM_SINCE(4, 11, 0)
#define radix_tree_replace_slot(root, slot, item) ((void)(root), (void)(*(slot) = (item)))
#else
#define radix_tree_replace_slot(slot, item) ((void)(*(slot) = (item)))
#endif

/* vmsim: simplified: there is nothing to preload; preemption goes off as in Linux */
static inline int radix_tree_preload(gfp_t gfp)
{
	might_sleep_if(gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM);
	preempt_disable();
	return 0;
}

static inline void radix_tree_preload_end(void)
{
	preempt_enable();
}

#if VMSIM_SINCE(3, 4, 0)
extern void **vmsim_radix_next_slot(const struct radix_tree_root *root,
				    struct radix_tree_iter *iter, unsigned int tag);
#define VMSIM_RADIX_WALK(slot, root, iter, start, tag) \
	for ((iter)->index = 0, (iter)->next_index = (start); \
	     ((slot) = vmsim_radix_next_slot((root), (iter), (tag)));)
#define radix_tree_for_each_slot(slot, root, iter, start) \
	VMSIM_RADIX_WALK(slot, root, iter, start, 8)
#define radix_tree_for_each_tagged(slot, root, iter, start, tag) \
	VMSIM_RADIX_WALK(slot, root, iter, start, tag)
#endif

#endif
