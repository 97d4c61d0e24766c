/* SPDX-License-Identifier: MIT */
/*
 * Task queues and the bottom halves that run them. Counterpart: include/linux/tqueue.h, interrupt.h of 2.4.
 * vmsim-until: 2.5.41
 */
#ifndef VMSIM_KAPI_LINUX_TQUEUE_H
#define VMSIM_KAPI_LINUX_TQUEUE_H

#include "interrupt.h"
#include "list.h"
#include "timer.h"
#include "workqueue.h"

struct tq_struct {
	struct list_head list;
	unsigned long sync; /* not 0 while it is queued */
	void (*routine)(void *);
	void *data;
	struct work_struct vmsim_work;
};
typedef struct list_head task_queue;

/* vmsim: exact, every name of this file */
#define DECLARE_TASK_QUEUE(q) LIST_HEAD(q)
#define INIT_TQUEUE(tq, fn, argument) \
	do { \
		INIT_LIST_HEAD(&(tq)->list); \
		(tq)->sync = 0; \
		PREPARE_TQUEUE(tq, fn, argument); \
	} while (0)
#define PREPARE_TQUEUE(tq, fn, argument) \
	do { \
		(tq)->routine = (fn); \
		(tq)->data = (argument); \
	} while (0)
#define TQ_ACTIVE(q) (!list_empty(&(q)))

/* vmsim: simplified: each module has its own queues of these names */
static __maybe_unused DECLARE_TASK_QUEUE(tq_immediate);
static __maybe_unused DECLARE_TASK_QUEUE(tq_timer);
static __maybe_unused DECLARE_TASK_QUEUE(tq_disk);

static inline void run_task_queue(task_queue *queue)
{
	while (!list_empty(queue)) {
		struct tq_struct *tq = list_entry(queue->next, struct tq_struct, list);

		list_del(&tq->list);
		tq->sync = 0;
		tq->routine(tq->data);
	}
}

static void __maybe_unused vmsim_tq_run(unsigned long queue)
{
	run_task_queue((task_queue *)queue);
}

static struct tasklet_struct vmsim_tq_tasklet __maybe_unused = { .func = vmsim_tq_run };
static struct timer_list vmsim_tq_tick __maybe_unused =
	TIMER_INITIALIZER(vmsim_tq_run, 0, (unsigned long)&tq_timer);

static inline int queue_task(struct tq_struct *tq, task_queue *queue)
{
	if (tq->sync)
		return 0;
	tq->sync = 1;
	list_add_tail(&tq->list, queue);
	if (queue == &tq_timer)
		mod_timer(&vmsim_tq_tick, jiffies + 1);
	return 1;
}

/* The kernel's own thread for it runs the task. */
static inline int schedule_task(struct tq_struct *tq)
{
	if (!tq->vmsim_work.pending) {
		INIT_WORK(&tq->vmsim_work, tq->routine, tq->data);
	}
	return schedule_work(&tq->vmsim_work);
}
#define flush_scheduled_tasks() flush_scheduled_work()

enum { TIMER_BH, TQUEUE_BH, IMMEDIATE_BH = 9 };

static inline void mark_bh(int number)
{
	if (number != IMMEDIATE_BH)
		return;
	vmsim_tq_tasklet.data = (unsigned long)&tq_immediate;
	tasklet_schedule(&vmsim_tq_tasklet);
}

#endif
