/* SPDX-License-Identifier: MIT */
/*
 * Counting semaphores. Counterpart: include/linux/semaphore.h, before 2.6.26 asm/semaphore.h.
 */
#ifndef VMSIM_KAPI_LINUX_SEMAPHORE_H
#define VMSIM_KAPI_LINUX_SEMAPHORE_H

#include "list.h"
#include "spinlock_types.h"

/* vmsim: exact, every name of this file */
#define __SEMAPHORE_INITIALIZER(lockname, n) { (n), #lockname }
#if VMSIM_UNTIL(2, 6, 37)
/* vmsim: exact, then DEFINE_SEMAPHORE */
#define DECLARE_MUTEX(lockname) struct semaphore lockname = __SEMAPHORE_INITIALIZER(lockname, 1)
/* vmsim: exact, then sema_init */
#define DECLARE_MUTEX_LOCKED(lockname) \
	struct semaphore lockname = __SEMAPHORE_INITIALIZER(lockname, 0)
/* vmsim: exact, then sema_init */
#define init_MUTEX(sem) sema_init(sem, 1)
/* vmsim: exact, then sema_init */
#define init_MUTEX_LOCKED(sem) sema_init(sem, 0)
#endif
#if VMSIM_SINCE(6, 4, 0)
#define DEFINE_SEMAPHORE(lockname, n) \
	struct semaphore lockname = __SEMAPHORE_INITIALIZER(lockname, n)
#elif VMSIM_SINCE(2, 6, 37)
#define DEFINE_SEMAPHORE(lockname) struct semaphore lockname = __SEMAPHORE_INITIALIZER(lockname, 1)
#endif

#define sema_init(sem, val) \
	do { \
		(sem)->count = (unsigned int)(val); \
		(sem)->name = #sem; \
	} while (0)

extern void down(struct semaphore *sem);
extern int down_interruptible(struct semaphore *sem);
#if VMSIM_SINCE(2, 6, 26)
extern int down_killable(struct semaphore *sem);
extern int down_timeout(struct semaphore *sem, long jiffies_to_wait);
#endif
extern int down_trylock(struct semaphore *sem);
extern void up(struct semaphore *sem);

#endif
