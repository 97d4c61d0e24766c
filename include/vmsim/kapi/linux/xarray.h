/* SPDX-License-Identifier: MIT */
/*
 * Pointers and small values by number. Counterpart: include/linux/xarray.h. Exists since 4.20
 * (vmsim-from: 4.20 ). Leaves out xa_state (xas_*) and entries of several indices.
 */
#ifndef VMSIM_KAPI_LINUX_XARRAY_H
#define VMSIM_KAPI_LINUX_XARRAY_H

#include "bug.h"
#include "err.h"
#include "gfp.h"
#include "kernel.h"
#include "limits.h"
#include "spinlock.h"
#include "../vmsim/container_types.h"

/* vmsim: exact, every name of this file */
typedef unsigned int xa_mark_t;
#define XA_MARK_0 ((xa_mark_t)0U)
#define XA_MARK_1 ((xa_mark_t)1U)
#define XA_MARK_2 ((xa_mark_t)2U)
#define XA_PRESENT ((xa_mark_t)8U)
#define XA_MARK_MAX XA_MARK_2
#define XA_FREE_MARK XA_MARK_0

#define XA_FLAGS_LOCK_IRQ 1U
#define XA_FLAGS_LOCK_BH 2U
#define XA_FLAGS_TRACK_FREE 4U
#define XA_FLAGS_ZERO_BUSY 8U
#define XA_FLAGS_ALLOC_WRAPPED 16U
#define XA_FLAGS_ACCOUNT 32U
#define XA_FLAGS_MARK(mark) ((1U << 27) << (mark))
#define XA_FLAGS_ALLOC (XA_FLAGS_TRACK_FREE | XA_FLAGS_MARK(XA_FREE_MARK))
#define XA_FLAGS_ALLOC1 (XA_FLAGS_TRACK_FREE | XA_FLAGS_ZERO_BUSY)

#define XARRAY_INIT(name, flags) { { NULL, #name }, { flags }, { NULL } }
#define DEFINE_XARRAY_FLAGS(name, flags) struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name) DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)
#define XA_LIMIT(_min, _max) ((struct xa_limit) { .min = (_min), .max = (_max) })
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_16b XA_LIMIT(0, USHRT_MAX)

#define xa_trylock(xa) spin_trylock(&(xa)->xa_lock)
#define xa_lock(xa) spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa) spin_unlock(&(xa)->xa_lock)
#define xa_lock_bh(xa) spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa) spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irq(xa) spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa) spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) spin_unlock_irqrestore(&(xa)->xa_lock, flags)
#define xa_lock_nested(xa, subclass) xa_lock(xa)

/* Values, tagged pointers, errors: what an entry's low bits say. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

static inline void *xa_tag_pointer(void *p, unsigned long tag)
{
	return (void *)((unsigned long)p | tag);
}

static inline void *xa_untag_pointer(void *entry)
{
	return (void *)((unsigned long)entry & ~3UL);
}

static inline unsigned int xa_pointer_tag(void *entry)
{
	return (unsigned long)entry & 3UL;
}

#define xa_mk_internal(v) ((void *)(((unsigned long)(v) << 2) | 2))
#define xa_to_internal(entry) ((unsigned long)(entry) >> 2)
#define xa_is_internal(entry) (((unsigned long)(entry) & 3) == 2)
#define XA_ZERO_ENTRY xa_mk_internal(257)
#define xa_is_zero(entry) ((entry) == XA_ZERO_ENTRY)

static inline bool xa_is_err(const void *entry)
{
	return xa_is_internal(entry) &&
	       (unsigned long)entry >= (unsigned long)xa_mk_internal(-MAX_ERRNO);
}

static inline int xa_err(void *entry)
{
	return xa_is_err(entry) ? (int)((long)entry >> 2) : 0;
}

/* The lock is the caller's for names that begin with two underlines. */
extern void *xa_load(struct xarray *xa, unsigned long index);
extern void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
extern void *__xa_erase(struct xarray *xa, unsigned long index);
extern void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry,
			  gfp_t gfp);
extern int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
extern void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
extern void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
extern int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);
extern int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
			     u32 *next, gfp_t gfp);
extern void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
		     xa_mark_t filter);
extern void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
			   xa_mark_t filter);
extern unsigned int xa_extract(struct xarray *xa, void **to, unsigned long start,
			       unsigned long max, unsigned int n, xa_mark_t filter);
extern bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
extern bool vmsim_xa_marked(const struct xarray *xa, xa_mark_t mark);
extern void vmsim_xa_destroy(struct xarray *xa);
#define xa_marked(xa, mark) vmsim_xa_marked(xa, mark)

static inline void xa_init_flags(struct xarray *xa, gfp_t flags)
{
	spin_lock_init(&xa->xa_lock);
	xa->xa_flags = flags;
	xa->xa_head = NULL;
}

static inline void xa_init(struct xarray *xa)
{
	xa_init_flags(xa, 0);
}

static inline bool xa_empty(const struct xarray *xa)
{
	return !xa->xa_head;
}

/* xa_store(), xa_store_bh(), xa_store_irq() and their kin. */
#define VMSIM_XA_BLOCKING(gfp) might_sleep_if(gfpflags_allow_blocking(gfp))
#define VMSIM_XA_LOCKED(suffix, xa, type, call) \
	({ \
		type vmsim_got; \
		spin_lock##suffix(&(xa)->xa_lock); \
		vmsim_got = call; \
		spin_unlock##suffix(&(xa)->xa_lock); \
		vmsim_got; \
	})
#define VMSIM_XA_STORE(name, suffix) \
	static inline void *name(struct xarray *xa, unsigned long index, void *entry, \
					     gfp_t gfp) \
	{ \
		VMSIM_XA_BLOCKING(gfp); \
		return VMSIM_XA_LOCKED(suffix, xa, void *, __xa_store(xa, index, entry, gfp)); \
	}
#define VMSIM_XA_ERASE(name, suffix) \
	static inline void *name(struct xarray *xa, unsigned long index) \
	{ \
		return VMSIM_XA_LOCKED(suffix, xa, void *, __xa_erase(xa, index)); \
	}
#define VMSIM_XA_CMPXCHG(name, suffix) \
	static inline void *name(struct xarray *xa, unsigned long index, void *old, \
					       void *entry, gfp_t gfp) \
	{ \
		VMSIM_XA_BLOCKING(gfp); \
		return VMSIM_XA_LOCKED(suffix, xa, void *, \
				       __xa_cmpxchg(xa, index, old, entry, gfp)); \
	}
#define VMSIM_XA_INSERT(name, suffix) \
	static inline int name(struct xarray *xa, unsigned long index, void *entry, \
					    gfp_t gfp) \
	{ \
		VMSIM_XA_BLOCKING(gfp); \
		return VMSIM_XA_LOCKED(suffix, xa, int, \
				       vmsim_xa_insert(xa, index, entry, gfp)); \
	}
#define VMSIM_XA_RESERVE(name, suffix) \
	static inline int name(struct xarray *xa, unsigned long index, gfp_t gfp) \
	{ \
		VMSIM_XA_BLOCKING(gfp); \
		return xa_err(VMSIM_XA_LOCKED(suffix, xa, void *, \
					      __xa_cmpxchg(xa, index, NULL, XA_ZERO_ENTRY, gfp))); \
	}

#if VMSIM_SINCE(5, 1, 0)
#define vmsim_xa_insert(xa, index, entry, gfp) __xa_insert(xa, index, entry, gfp)
#else
/* vmsim: exact [4.20, 5.1) */
static inline int vmsim_xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int ret = __xa_insert(xa, index, entry, gfp);

	return ret == -EBUSY ? -EEXIST : ret;
}
#endif

VMSIM_XA_STORE(xa_store, )
VMSIM_XA_STORE(xa_store_bh, _bh)
VMSIM_XA_STORE(xa_store_irq, _irq)
VMSIM_XA_ERASE(xa_erase, )
VMSIM_XA_ERASE(xa_erase_bh, _bh)
VMSIM_XA_ERASE(xa_erase_irq, _irq)
VMSIM_XA_CMPXCHG(xa_cmpxchg, )
VMSIM_XA_CMPXCHG(xa_cmpxchg_bh, _bh)
VMSIM_XA_CMPXCHG(xa_cmpxchg_irq, _irq)
VMSIM_XA_INSERT(xa_insert, )
VMSIM_XA_INSERT(xa_insert_bh, _bh)
VMSIM_XA_INSERT(xa_insert_irq, _irq)
VMSIM_XA_RESERVE(xa_reserve, )
VMSIM_XA_RESERVE(xa_reserve_bh, _bh)
VMSIM_XA_RESERVE(xa_reserve_irq, _irq)

static inline void xa_release(struct xarray *xa, unsigned long index)
{
	VMSIM_XA_LOCKED(, xa, void *, __xa_cmpxchg(xa, index, XA_ZERO_ENTRY, NULL, 0));
}

static inline void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	xa_lock(xa);
	__xa_set_mark(xa, index, mark);
	xa_unlock(xa);
}

static inline void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	xa_lock(xa);
	__xa_clear_mark(xa, index, mark);
	xa_unlock(xa);
}

static inline void xa_destroy(struct xarray *xa)
{
	unsigned long flags;

	xa_lock_irqsave(xa, flags);
	vmsim_xa_destroy(xa);
	xa_unlock_irqrestore(xa, flags);
}

#if VMSIM_SINCE(5, 1, 0)
#define VMSIM_XA_ALLOC(name, suffix) \
	static inline int name(struct xarray *xa, u32 *id, void *entry, \
					   struct xa_limit limit, gfp_t gfp) \
	{ \
		VMSIM_XA_BLOCKING(gfp); \
		return VMSIM_XA_LOCKED(suffix, xa, int, __xa_alloc(xa, id, entry, limit, gfp)); \
	}
#define VMSIM_XA_ALLOC_CYCLIC(name, suffix) \
	static inline int name(struct xarray *xa, u32 *id, void *entry, \
						  struct xa_limit limit, u32 *next, gfp_t gfp) \
	{ \
		VMSIM_XA_BLOCKING(gfp); \
		return VMSIM_XA_LOCKED(suffix, xa, int, \
				       __xa_alloc_cyclic(xa, id, entry, limit, next, gfp)); \
	}
VMSIM_XA_ALLOC(xa_alloc, )
VMSIM_XA_ALLOC(xa_alloc_bh, _bh)
VMSIM_XA_ALLOC(xa_alloc_irq, _irq)
VMSIM_XA_ALLOC_CYCLIC(xa_alloc_cyclic, )
VMSIM_XA_ALLOC_CYCLIC(xa_alloc_cyclic_bh, _bh)
VMSIM_XA_ALLOC_CYCLIC(xa_alloc_cyclic_irq, _irq)

#define xa_for_each_range(xa, index, entry, start, last) \
	for ((index) = (start), (entry) = xa_find((xa), &(index), (last), XA_PRESENT); (entry); \
	     (entry) = xa_find_after((xa), &(index), (last), XA_PRESENT))
#define xa_for_each_start(xa, index, entry, start) \
	xa_for_each_range(xa, index, entry, start, ULONG_MAX)
#define xa_for_each(xa, index, entry) xa_for_each_start(xa, index, entry, 0)
#define xa_for_each_marked(xa, index, entry, filter) \
	for ((index) = 0, (entry) = xa_find((xa), &(index), ULONG_MAX, (filter)); (entry); \
	     (entry) = xa_find_after((xa), &(index), ULONG_MAX, (filter)))
#else
/* vmsim: exact [4.20, 5.1) */
static inline int xa_alloc(struct xarray *xa, u32 *id, u32 max, void *entry, gfp_t gfp)
{
	int ret;

	VMSIM_XA_BLOCKING(gfp);
	ret = VMSIM_XA_LOCKED(, xa, int, __xa_alloc(xa, id, entry, XA_LIMIT(0, max), gfp));
	return ret == -EBUSY ? -ENOSPC : ret;
}

#define xa_for_each(xa, entry, index, max, filter) \
	for ((entry) = xa_find((xa), &(index), (max), (filter)); (entry); \
	     (entry) = xa_find_after((xa), &(index), (max), (filter)))
#endif

#endif
