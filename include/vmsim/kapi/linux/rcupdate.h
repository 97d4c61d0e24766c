/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update. Counterpart: include/linux/rcupdate.h. A grace period ends when the simulated
 * CPUs are quiescent.
 */
#ifndef VMSIM_KAPI_LINUX_RCUPDATE_H
#define VMSIM_KAPI_LINUX_RCUPDATE_H

#include "atomic.h"
#include "types.h"

extern void vmsim_rcu_read_lock(void);
extern void vmsim_rcu_read_unlock(void);
/* vmsim: exact, every name of this file */
#define rcu_read_lock() vmsim_rcu_read_lock()
#define rcu_read_unlock() vmsim_rcu_read_unlock()
extern void synchronize_rcu(void);
extern void rcu_barrier(void);
#if VMSIM_SINCE(2, 6, 12)
extern void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *));
#endif
extern void vmsim_kfree_rcu(struct rcu_head *head, unsigned long offset);
#if VMSIM_SINCE(3, 0, 0)
#define kfree_rcu(ptr, member) \
	vmsim_kfree_rcu(&(ptr)->member, offsetof(__typeof__(*(ptr)), member))
#endif
#define rcu_dereference(p) (*(volatile __typeof__(p) *)&(p))
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p) (*(volatile __typeof__(p) *)&(p))
#define rcu_assign_pointer(p, v) \
	do { \
		smp_mb(); \
		(p) = (v); \
	} while (0)
#define RCU_INIT_POINTER(p, v) ((p) = (v))

#endif
