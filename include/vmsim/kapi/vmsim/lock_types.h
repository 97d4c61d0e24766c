/* SPDX-License-Identifier: MIT */
/*
 * Locks, wait queues and completions as drivers declare them. Counterpart:
 * include/linux/{spinlock,rwlock,mutex,semaphore,rwsem,wait,completion}.h.
 * Any of them may be static, embedded or on a stack; all bytes zero means
 * unlocked (a semaphore: count 0) and needs no constructor. Waiters are not
 * kept here but in the scheduler, by address. `name` is the text that reports
 * use; NULL is allowed. Read by driver sources as C and by the core as C++20.
 */
#ifndef VMSIM_KAPI_LOCK_TYPES_H
#define VMSIM_KAPI_LOCK_TYPES_H

#include "base_types.h"

struct task_struct;

typedef struct vmsim_spinlock {
	struct task_struct *owner;
	const char *name;
} vmsim_spinlock_t;

typedef struct vmsim_rwlock {
	struct task_struct *owner; /* the writer */
	const char *name;
	unsigned int readers;
} vmsim_rwlock_t;

/* vmsim: simplified: opaque, in linux/mutex.h */
struct mutex {
	struct task_struct *owner;
	const char *name;
};

/* vmsim: simplified: opaque, in linux/semaphore.h */
struct semaphore {
	unsigned int count;
	const char *name;
};

/* vmsim: simplified: opaque, in linux/rwsem.h */
struct rw_semaphore {
	struct task_struct *owner; /* the writer */
	const char *name;
	unsigned int readers;
	unsigned int writers_waiting; /* keeps new readers out, as the kernel's queue does */
};

struct wait_queue_entry;

typedef int (*vmsim_wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int mode,
				       int flags, void *key);

/* vmsim: simplified: the fields that drivers use, in linux/wait.h */
struct wait_queue_entry {
	unsigned int flags; /* bit 0: exclusive */
	void *VMSIM_KW(private); /* the task to wake */
	vmsim_wait_queue_func_t func; /* NULL: wake the task, leave the entry queued */
	struct list_head entry;
};

/* vmsim: simplified: the fields that drivers use, in linux/wait.h */
struct wait_queue_head {
	vmsim_spinlock_t lock;
	struct list_head head; /* both links NULL: empty, never used */
};

/* vmsim: simplified: the fields that drivers use, in linux/completion.h */
struct completion {
	unsigned int done;
	struct wait_queue_head wait;
};

#endif
