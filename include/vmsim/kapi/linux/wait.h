/* SPDX-License-Identifier: MIT */
/*
 * Wait queues. Counterpart: include/linux/wait.h. A wait that can never end is ended by vmsim
 * with a report.
 */
#ifndef VMSIM_KAPI_LINUX_WAIT_H
#define VMSIM_KAPI_LINUX_WAIT_H

#include "list.h"
#include "spinlock.h"
#include "../asm/current.h"

/* vmsim: exact, every name of this file */
typedef struct wait_queue_head wait_queue_head_t;
#if VMSIM_SINCE(4, 13, 0)
typedef struct wait_queue_entry wait_queue_entry_t;
#else
/* vmsim: exact, then wait_queue_entry_t */
typedef struct wait_queue_entry wait_queue_t;
#define __wait_queue wait_queue_entry
#define __wait_queue_head wait_queue_head
#endif
typedef vmsim_wait_queue_func_t wait_queue_func_t;

#define WQ_FLAG_EXCLUSIVE 0x01
#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_WAKEKILL 0x100
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define MAX_SCHEDULE_TIMEOUT (~0UL >> 1)

extern void vmsim_init_waitqueue_head(struct wait_queue_head *head, const char *name);
#define init_waitqueue_head(head) vmsim_init_waitqueue_head(head, #head)
#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ .lock = { NULL, #name }, .head = LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
#define DECLARE_WAITQUEUE(name, tsk) struct wait_queue_entry name = { .private = (tsk) }
#define DEFINE_WAIT_FUNC(name, function) \
	struct wait_queue_entry name = { .private = current, .func = (function), \
					 .entry = LIST_HEAD_INIT((name).entry) }
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)

extern int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
				    void *key);
extern int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
				 void *key);
#define init_waitqueue_entry(wq, task) \
	do { \
		(wq)->flags = 0; \
		(wq)->private = (task); \
		(wq)->func = NULL; \
	} while (0)
#define init_waitqueue_func_entry(wq, function) \
	do { \
		(wq)->flags = 0; \
		(wq)->private = NULL; \
		(wq)->func = (function); \
	} while (0)
extern void add_wait_queue(struct wait_queue_head *head, struct wait_queue_entry *entry);
extern void add_wait_queue_exclusive(struct wait_queue_head *head, struct wait_queue_entry *entry);
extern void remove_wait_queue(struct wait_queue_head *head, struct wait_queue_entry *entry);
extern void prepare_to_wait(struct wait_queue_head *head, struct wait_queue_entry *entry,
			    int state);
extern void prepare_to_wait_exclusive(struct wait_queue_head *head, struct wait_queue_entry *entry,
				      int state);
extern void finish_wait(struct wait_queue_head *head, struct wait_queue_entry *entry);
extern int vmsim_waitqueue_active(struct wait_queue_head *head);
#define waitqueue_active(head) vmsim_waitqueue_active(head)
#define wq_has_sleeper(head) vmsim_waitqueue_active(head)

extern void __wake_up(struct wait_queue_head *head, unsigned int mode, int nr, void *key);
#define wake_up(x) __wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_nr(x, nr) __wake_up(x, TASK_NORMAL, nr, NULL)
#define wake_up_all(x) __wake_up(x, TASK_NORMAL, 0, NULL)
#define wake_up_locked(x) __wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_interruptible(x) __wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_nr(x, nr) __wake_up(x, TASK_INTERRUPTIBLE, nr, NULL)
#define wake_up_interruptible_all(x) __wake_up(x, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(x) __wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_poll(x, m) __wake_up(x, TASK_NORMAL, 1, (void *)(unsigned long)(m))
#define wake_up_interruptible_poll(x, m) \
	__wake_up(x, TASK_INTERRUPTIBLE, 1, (void *)(unsigned long)(m))

/*
 * One sleep of a waiting loop. 0: look at the condition again; else the wait is over:
 * -ERESTARTSYS for a signal, -EINTR where vmsim ended a wait that nobody could end, 1: time is up.
 * *left counts down in jiffies.
 */
extern long vmsim_wait_sleep(struct wait_queue_entry *entry, int state, long *left);

/* Waits for `condition`; the value is what ended the wait, 0 if the condition holds. */
#define VMSIM_WAIT(wq, condition, state, exclusive, left, before, after) \
	({ \
		struct wait_queue_entry vmsim_entry = { \
			.flags = (exclusive), .private = current, \
			.func = autoremove_wake_function, \
			.entry = LIST_HEAD_INIT(vmsim_entry.entry), \
		}; \
		long vmsim_over = 0; \
		for (;;) { \
			if (exclusive) \
				prepare_to_wait_exclusive(&(wq), &vmsim_entry, (state)); \
			else \
				prepare_to_wait(&(wq), &vmsim_entry, (state)); \
			if (condition) { \
				vmsim_over = 0; \
				break; \
			} \
			if (vmsim_over) \
				break; \
			before; \
			vmsim_over = vmsim_wait_sleep(&vmsim_entry, (state), (left)); \
			after; \
		} \
		finish_wait(&(wq), &vmsim_entry); \
		vmsim_over; \
	})
#define VMSIM_WAIT_FOREVER(wq, condition, state, exclusive, before, after) \
	({ \
		long vmsim_left = MAX_SCHEDULE_TIMEOUT; \
		int vmsim_result = 0; \
		if (!(condition)) \
			vmsim_result = (int)VMSIM_WAIT(wq, condition, state, exclusive, \
						       &vmsim_left, before, after); \
		vmsim_result; \
	})
#define VMSIM_WAIT_TIMEOUT(wq, condition, state, jiffies_to_wait) \
	({ \
		long vmsim_left = (long)(jiffies_to_wait); \
		long vmsim_result = 0; \
		if (!(condition)) \
			vmsim_result = VMSIM_WAIT(wq, condition, state, 0, &vmsim_left, , ); \
		if (vmsim_result == 0) \
			vmsim_result = vmsim_left > 0 ? vmsim_left : 1; \
		else if (vmsim_result > 0) \
			vmsim_result = 0; \
		vmsim_result; \
	})

#define wait_event(wq, condition) \
	((void)VMSIM_WAIT_FOREVER(wq, condition, TASK_UNINTERRUPTIBLE, 0, , ))
#define wait_event_interruptible(wq, condition) \
	VMSIM_WAIT_FOREVER(wq, condition, TASK_INTERRUPTIBLE, 0, , )
#define wait_event_interruptible_exclusive(wq, condition) \
	VMSIM_WAIT_FOREVER(wq, condition, TASK_INTERRUPTIBLE, WQ_FLAG_EXCLUSIVE, , )
#define wait_event_killable(wq, condition) VMSIM_WAIT_FOREVER(wq, condition, TASK_KILLABLE, 0, , )
#define wait_event_timeout(wq, condition, timeout) \
	VMSIM_WAIT_TIMEOUT(wq, condition, TASK_UNINTERRUPTIBLE, timeout)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
	VMSIM_WAIT_TIMEOUT(wq, condition, TASK_INTERRUPTIBLE, timeout)
#define wait_event_lock_irq(wq, condition, lock) \
	((void)VMSIM_WAIT_FOREVER(wq, condition, TASK_UNINTERRUPTIBLE, 0, \
				  spin_unlock_irq(&(lock)), spin_lock_irq(&(lock))))
#define wait_event_interruptible_lock_irq(wq, condition, lock) \
	VMSIM_WAIT_FOREVER(wq, condition, TASK_INTERRUPTIBLE, 0, spin_unlock_irq(&(lock)), \
			   spin_lock_irq(&(lock)))
#if VMSIM_UNTIL(3, 15, 0)
/* vmsim: exact [, 3.15), then wait_event_interruptible */
extern void interruptible_sleep_on(struct wait_queue_head *head);
/* vmsim: exact [, 3.15), then wait_event */
extern void sleep_on(struct wait_queue_head *head);
/* vmsim: exact [, 3.15), then wait_event_interruptible_timeout */
extern long interruptible_sleep_on_timeout(struct wait_queue_head *head, long timeout);
#endif

#endif
