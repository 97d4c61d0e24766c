/* SPDX-License-Identifier: MIT */
/*
 * A reference count with a release function. Counterpart: include/linux/kref.h. [2.6.5, )
 */
#ifndef VMSIM_KAPI_LINUX_KREF_H
#define VMSIM_KAPI_LINUX_KREF_H

#include "atomic.h"
#include "bug.h"

#if VMSIM_SINCE(2, 6, 5)
/* vmsim: exact [2.6.5, ), every name of this file */
#if VMSIM_SINCE(4, 11, 0)
#include "refcount.h"

struct kref {
	refcount_t refcount;
};
#define VMSIM_KREF_COUNT(k) (&(k)->refcount.refs)
#define KREF_INIT(n) { .refcount = REFCOUNT_INIT(n) }
#else
struct kref {
	atomic_t refcount;
};
#define VMSIM_KREF_COUNT(k) (&(k)->refcount)
#endif

static inline void kref_init(struct kref *kref)
{
	atomic_set(VMSIM_KREF_COUNT(kref), 1);
}

static inline unsigned int kref_read(const struct kref *kref)
{
	return (unsigned int)atomic_read(VMSIM_KREF_COUNT(kref));
}

static inline void kref_get(struct kref *kref)
{
	WARN_ON(atomic_fetch_add(1, VMSIM_KREF_COUNT(kref)) <= 0);
}

static inline int kref_get_unless_zero(struct kref *kref)
{
	return atomic_add_unless(VMSIM_KREF_COUNT(kref), 1, 0);
}

static inline int kref_put(struct kref *kref, void (*release)(struct kref *kref))
{
	int left = atomic_sub_return(1, VMSIM_KREF_COUNT(kref));

	WARN_ON(left < 0);
	if (left)
		return 0;
	release(kref);
	return 1;
}
#endif

#endif
