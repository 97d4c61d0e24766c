/* SPDX-License-Identifier: MIT */
/*
 * The big kernel lock; gone since 2.6.39 (vmsim-until:2.6.39 ). Counterpart:
 * include/linux/smp_lock.h.
 */
#ifndef VMSIM_KAPI_LINUX_SMP_LOCK_H
#define VMSIM_KAPI_LINUX_SMP_LOCK_H

/* vmsim: exact [, 2.6.39) */
#if VMSIM_SINCE(2, 6, 39)
#error "linux/smp_lock.h does not exist since 2.6.39: the big kernel lock is gone"
#endif
extern void lock_kernel(void); /* vmsim: exact [, 2.6.39), then mutex_lock */
extern void unlock_kernel(void); /* vmsim: exact [, 2.6.39), then mutex_unlock */

#endif
