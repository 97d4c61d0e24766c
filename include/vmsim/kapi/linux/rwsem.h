/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer semaphores. Counterpart: include/linux/rwsem.h.
 */
#ifndef VMSIM_KAPI_LINUX_RWSEM_H
#define VMSIM_KAPI_LINUX_RWSEM_H

#include "spinlock_types.h"

/* vmsim: exact, every name of this file */
#define __RWSEM_INITIALIZER(lockname) { NULL, #lockname, 0, 0 }
#define DECLARE_RWSEM(lockname) struct rw_semaphore lockname = __RWSEM_INITIALIZER(lockname)
#define init_rwsem(sem) \
	do { \
		(sem)->owner = NULL; \
		(sem)->name = #sem; \
		(sem)->readers = 0; \
		(sem)->writers_waiting = 0; \
	} while (0)
extern void down_read(struct rw_semaphore *sem);
extern int down_read_trylock(struct rw_semaphore *sem);
extern void down_write(struct rw_semaphore *sem);
extern int down_write_trylock(struct rw_semaphore *sem);
extern void up_read(struct rw_semaphore *sem);
extern void up_write(struct rw_semaphore *sem);
extern void downgrade_write(struct rw_semaphore *sem);
#if VMSIM_SINCE(4, 7, 0)
extern int down_write_killable(struct rw_semaphore *sem);
#endif
#if VMSIM_SINCE(4, 15, 0)
extern int down_read_killable(struct rw_semaphore *sem);
#endif
extern int rwsem_is_locked(struct rw_semaphore *sem);

#endif
