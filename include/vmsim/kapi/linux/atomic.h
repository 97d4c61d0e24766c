/* SPDX-License-Identifier: MIT */
/*
 * Atomic integers over the compiler's builtins, all sequentially consistent. Counterpart:
 * include/linux/atomic.h.
 */
#ifndef VMSIM_KAPI_LINUX_ATOMIC_H
#define VMSIM_KAPI_LINUX_ATOMIC_H

#include "types.h"
#include "../asm/barrier.h"

/* vmsim: exact, every name of this file */
#define ATOMIC_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) { (i) }
typedef atomic64_t atomic_long_t;

/* The operations of one width: T holds the counter, V is its C type. */
#define VMSIM_ATOMIC_OPS(P, T, V) \
	static inline V P##_read(const T *v) \
	{ \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); \
	} \
	static inline void P##_set(T *v, V i) \
	{ \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED); \
	} \
	static inline V P##_add_return(V i, T *v) \
	{ \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline V P##_sub_return(V i, T *v) \
	{ \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline V P##_fetch_add(V i, T *v) \
	{ \
		return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline V P##_fetch_sub(V i, T *v) \
	{ \
		return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline void P##_or(V i, T *v) \
	{ \
		__atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline void P##_and(V i, T *v) \
	{ \
		__atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline V P##_xchg(T *v, V i) \
	{ \
		return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline V P##_cmpxchg(T *v, V old, V i) \
	{ \
		__atomic_compare_exchange_n(&v->counter, &old, i, 0, __ATOMIC_SEQ_CST, \
					    __ATOMIC_SEQ_CST); \
		return old; \
	} \
	static inline int P##_add_unless(T *v, V i, V unless) \
	{ \
		V now = P##_read(v); \
\
		while (now != unless) { \
			V seen = P##_cmpxchg(v, now, now + i); \
\
			if (seen == now) \
				return 1; \
			now = seen; \
		} \
		return 0; \
	}

VMSIM_ATOMIC_OPS(atomic, atomic_t, int)
VMSIM_ATOMIC_OPS(atomic64, atomic64_t, long)
VMSIM_ATOMIC_OPS(atomic_long, atomic_long_t, long)
#undef VMSIM_ATOMIC_OPS

#define atomic_add(i, v) ((void)atomic_add_return((i), (v)))
#define atomic_sub(i, v) ((void)atomic_sub_return((i), (v)))
#define atomic_inc(v) ((void)atomic_add_return(1, (v)))
#define atomic_dec(v) ((void)atomic_sub_return(1, (v)))
#define atomic_inc_return(v) atomic_add_return(1, (v))
#define atomic_dec_return(v) atomic_sub_return(1, (v))
#define atomic_fetch_inc(v) atomic_fetch_add(1, (v))
#define atomic_fetch_dec(v) atomic_fetch_sub(1, (v))
#define atomic_inc_and_test(v) (atomic_add_return(1, (v)) == 0)
#define atomic_dec_and_test(v) (atomic_sub_return(1, (v)) == 0)
#define atomic_sub_and_test(i, v) (atomic_sub_return((i), (v)) == 0)
#define atomic_add_negative(i, v) (atomic_add_return((i), (v)) < 0)
#define atomic_inc_not_zero(v) atomic_add_unless((v), 1, 0)
#define atomic_read_acquire(v) __atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)
#define atomic_set_release(v, i) __atomic_store_n(&(v)->counter, (i), __ATOMIC_RELEASE)
#define atomic64_add(i, v) ((void)atomic64_add_return((i), (v)))
#define atomic64_sub(i, v) ((void)atomic64_sub_return((i), (v)))
#define atomic64_inc(v) ((void)atomic64_add_return(1, (v)))
#define atomic64_dec(v) ((void)atomic64_sub_return(1, (v)))
#define atomic64_inc_return(v) atomic64_add_return(1, (v))
#define atomic64_dec_return(v) atomic64_sub_return(1, (v))
#define atomic64_dec_and_test(v) (atomic64_sub_return(1, (v)) == 0)
#define atomic_long_add(i, v) ((void)atomic_long_add_return((i), (v)))
#define atomic_long_sub(i, v) ((void)atomic_long_sub_return((i), (v)))
#define atomic_long_inc(v) ((void)atomic_long_add_return(1, (v)))
#define atomic_long_dec(v) ((void)atomic_long_sub_return(1, (v)))
#define atomic_long_inc_return(v) atomic_long_add_return(1, (v))
#define atomic_long_dec_and_test(v) (atomic_long_sub_return(1, (v)) == 0)

#define xchg(ptr, v) __atomic_exchange_n((ptr), (v), __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, v) __sync_val_compare_and_swap((ptr), (old), (v))

#endif
