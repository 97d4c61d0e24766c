/* SPDX-License-Identifier: MIT */
/*
 * Containers as drivers declare them. Counterpart: include/linux/{xarray,radix-tree,idr,kfifo,
 * mempool,notifier}.h. Any of them may be static, embedded or on a stack; all bytes zero is empty.
 * What an xarray holds is not kept in the struct but by the machine: `xa_head` only says that
 * there is something. Read by driver sources as C and by the core as C++20.
 */
#ifndef VMSIM_KAPI_CONTAINER_TYPES_H
#define VMSIM_KAPI_CONTAINER_TYPES_H

#include "base_types.h"
#include "lock_types.h"

/* Also struct radix_tree_root, which Linux has made the same struct since 4.20. */
/* vmsim: exact, in linux/xarray.h */
struct xarray {
	vmsim_spinlock_t xa_lock;
	union {
		vmsim_gfp_t xa_flags;
		vmsim_gfp_t gfp_mask;
	};
	union {
		void *xa_head;
		void *rnode;
	};
};

/* vmsim: exact, in linux/xarray.h */
struct xa_limit {
	unsigned int max;
	unsigned int min;
};

/* vmsim: exact, in linux/idr.h */
struct idr {
	struct xarray idr_rt;
	unsigned int idr_base;
	unsigned int idr_next;
};

/* vmsim: exact, in linux/idr.h */
struct ida {
	struct xarray xa;
};

/* vmsim: exact, in linux/radix-tree.h */
struct radix_tree_iter {
	unsigned long index;
	unsigned long next_index;
	unsigned long tags;
};

/* in and out count elements (bytes, in a fifo of records) for ever; mask is the size less one. */
/* vmsim: exact, in linux/kfifo.h */
struct __kfifo {
	unsigned int in;
	unsigned int out;
	unsigned int mask;
	unsigned int esize;
	void *data;
};

typedef void *(*vmsim_mempool_alloc_t)(vmsim_gfp_t gfp, void *pool_data);
typedef void (*vmsim_mempool_free_t)(void *element, void *pool_data);

/* vmsim: exact, in linux/mempool.h */
struct mempool_s {
	vmsim_spinlock_t lock;
	int min_nr; /* size of the reserve */
	int curr_nr; /* elements in it now */
	void **elements;
	void *pool_data;
	vmsim_mempool_alloc_t alloc;
	vmsim_mempool_free_t free;
	struct wait_queue_head wait;
};

/* vmsim: exact, in linux/notifier.h */
struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long action, void *data);
	struct notifier_block *next;
	int priority; /* the highest is called first */
};

#endif
