/* SPDX-License-Identifier: MIT */
/*
 * Memory barriers. Counterpart: arch/x86/include/asm/barrier.h.
 */
#ifndef VMSIM_KAPI_ASM_BARRIER_H
#define VMSIM_KAPI_ASM_BARRIER_H

#include "../linux/compiler.h"

/* vmsim: exact, every name of this file */
#define mb() __sync_synchronize()
#define rmb() __sync_synchronize()
#define wmb() __sync_synchronize()
#define smp_mb() __sync_synchronize()
#define smp_rmb() __sync_synchronize()
#define smp_wmb() __sync_synchronize()
#define dma_rmb() __sync_synchronize()
#define dma_wmb() __sync_synchronize()
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic() barrier()
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_store_mb(var, value) \
	do { \
		(var) = (value); \
		smp_mb(); \
	} while (0)
#if VMSIM_UNTIL(4, 20, 0)
/* vmsim: exact, then smp_store_mb */
#define set_mb(var, value) smp_store_mb(var, value)
#define read_barrier_depends() ((void)0)
#endif

#endif
