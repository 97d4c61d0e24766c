/* SPDX-License-Identifier: MIT */
/*
 * Deferred work as drivers and the core share it: work items and tasklets, allocated or embedded
 * by drivers. Counterpart: include/linux/workqueue.h and interrupt.h. A delayed work is a work
 * item whose timer is in use.
 */
#ifndef VMSIM_KAPI_WORK_TYPES_H
#define VMSIM_KAPI_WORK_TYPES_H

#include "base_types.h"
#include "timer_types.h"

/* The core and drivers since 2.6.20 see the work item; older eras pass `void *data`. */
#ifndef VMSIM_ERA_WORK_ARG
#define VMSIM_ERA_WORK_ARG struct work_struct *work
#endif

struct workqueue_struct;
struct work_struct;

enum { VMSIM_WORK_DATA = 1 }; /* flags: func takes data */

/* vmsim: exact, in linux/workqueue.h */
struct work_struct {
	struct list_head entry;
	void (*func)(VMSIM_ERA_WORK_ARG);
	void *data;
	unsigned int flags;
	unsigned int pending; /* not 0 from queueing until func is called */
	struct workqueue_struct *wq;
	struct timer_list timer; /* for a delayed start */
};

/* vmsim: exact, in linux/workqueue.h */
struct delayed_work {
	struct work_struct work;
};

/* vmsim: exact, in linux/interrupt.h */
struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state; /* bit 0: scheduled, bit 1: running */
	vmsim_atomic_t count; /* enabled when 0 */
	unsigned char use_callback; /* 5.9 and later: callback, else func */
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *t);
	};
	unsigned long data;
};

#endif
