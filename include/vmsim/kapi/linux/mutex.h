/* SPDX-License-Identifier: MIT */
/*
 * Mutexes. Counterpart: include/linux/mutex.h. [2.6.16, )
 */
#ifndef VMSIM_KAPI_LINUX_MUTEX_H
#define VMSIM_KAPI_LINUX_MUTEX_H

#include "list.h"
#include "spinlock_types.h"

#if VMSIM_SINCE(2, 6, 16)
/* vmsim: exact [2.6.16, ), every name of this file */
#define __MUTEX_INITIALIZER(lockname) { NULL, #lockname }
#define DEFINE_MUTEX(mutexname) struct mutex mutexname = __MUTEX_INITIALIZER(mutexname)
#define mutex_init(mutex) \
	do { \
		(mutex)->owner = NULL; \
		(mutex)->name = #mutex; \
	} while (0)
extern void mutex_lock(struct mutex *lock);
extern int mutex_lock_interruptible(struct mutex *lock);
extern int mutex_lock_killable(struct mutex *lock);
extern int mutex_trylock(struct mutex *lock);
extern void mutex_unlock(struct mutex *lock);
extern int vmsim_mutex_is_locked(struct mutex *lock);
extern void mutex_destroy(struct mutex *lock);
#define mutex_is_locked(lock) vmsim_mutex_is_locked(lock)
#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
#endif

#endif
