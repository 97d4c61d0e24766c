/* SPDX-License-Identifier: MIT */
/*
 * Reference counts that refuse to wrap. Counterpart: include/linux/refcount.h. [4.11, )
 */
#ifndef VMSIM_KAPI_LINUX_REFCOUNT_H
#define VMSIM_KAPI_LINUX_REFCOUNT_H

#include "atomic.h"
#include "bug.h"

#if VMSIM_SINCE(4, 11, 0)
/* vmsim: exact [4.11, ), every name of this file: but a misuse warns and goes on, without saturating */
typedef struct {
	atomic_t refs;
} refcount_t;
#define REFCOUNT_INIT(n) { .refs = ATOMIC_INIT(n) }

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return (unsigned int)atomic_read(&r->refs);
}

static inline void refcount_add(int n, refcount_t *r)
{
	WARN_ON(atomic_fetch_add(n, &r->refs) <= 0);
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	return atomic_add_unless(&r->refs, 1, 0);
}

static inline bool refcount_sub_and_test(int n, refcount_t *r)
{
	int left = atomic_sub_return(n, &r->refs);

	WARN_ON(left < 0);
	return left == 0;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

static inline void refcount_dec(refcount_t *r)
{
	WARN_ON(refcount_sub_and_test(1, r));
}
#endif

#endif
