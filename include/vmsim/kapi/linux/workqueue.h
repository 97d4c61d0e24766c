/* SPDX-License-Identifier: MIT */
/*
 * Deferred work. Counterpart: include/linux/workqueue.h. Before 2.6.20 a work item carries its
 * delay and a data pointer.
 */
#ifndef VMSIM_KAPI_LINUX_WORKQUEUE_H
#define VMSIM_KAPI_LINUX_WORKQUEUE_H

#include "atomic.h"
#include "jiffies.h"
#include "list.h"
#include "timer.h"
#include "../vmsim/work_types.h"

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(2, 6, 20)
typedef void (*work_func_t)(struct work_struct *work);
#define __WORK_INITIALIZER(n, f) { .entry = LIST_HEAD_INIT((n).entry), .func = (f) }
#define DECLARE_WORK(n, f) struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) \
	struct delayed_work n = { .work = __WORK_INITIALIZER((n).work, f) }

static inline void vmsim_init_work(struct work_struct *work, work_func_t func)
{
	*work = (struct work_struct){ .func = func };
	INIT_LIST_HEAD(&work->entry);
}

#define INIT_WORK(w, f) vmsim_init_work((w), (f))
#define INIT_DELAYED_WORK(w, f) vmsim_init_work(&(w)->work, (f))
#define to_delayed_work(w) container_of(w, struct delayed_work, work)
#else
#define __WORK_INITIALIZER(n, f, d) \
	{ .entry = LIST_HEAD_INIT((n).entry), .func = (f), .data = (d), .flags = VMSIM_WORK_DATA }
#define DECLARE_WORK(n, f, d) struct work_struct n = __WORK_INITIALIZER(n, f, d)

static inline void vmsim_init_work(struct work_struct *work, void (*func)(void *data), void *data)
{
	*work = (struct work_struct){ .func = func, .data = data, .flags = VMSIM_WORK_DATA };
	INIT_LIST_HEAD(&work->entry);
}

#define INIT_WORK(w, f, d) vmsim_init_work((w), (f), (d))
#define PREPARE_WORK(w, f, d) ((void)((w)->func = (f), (w)->data = (d)))
#endif
#define work_pending(w) ((w)->pending != 0)
#define delayed_work_pending(w) ((w)->work.pending != 0)

/* The queue NULL is the system's. Both eras' delayed work comes down to the work item. */
extern int vmsim_queue_work(struct workqueue_struct *wq, struct work_struct *work);
extern int vmsim_queue_delayed_work(struct workqueue_struct *wq, struct work_struct *work,
				    unsigned long delay);
extern int vmsim_mod_delayed_work(struct workqueue_struct *wq, struct work_struct *work,
				  unsigned long delay);
extern int vmsim_cancel_delayed_work(struct work_struct *work);
extern int vmsim_cancel_delayed_work_sync(struct work_struct *work);
extern int vmsim_flush_delayed_work(struct work_struct *work);
#define queue_work(wq, work) vmsim_queue_work(wq, work)
#define schedule_work(work) vmsim_queue_work(NULL, work)
extern void flush_workqueue(struct workqueue_struct *wq);
extern void drain_workqueue(struct workqueue_struct *wq);
extern void destroy_workqueue(struct workqueue_struct *wq);
#if VMSIM_UNTIL(6, 6, 0)
/* vmsim: exact, then flush_workqueue */
extern void flush_scheduled_work(void);
#endif

#if VMSIM_SINCE(2, 6, 20)
#define system_wq ((struct workqueue_struct *)NULL)
#define queue_delayed_work(wq, dwork, delay) vmsim_queue_delayed_work(wq, &(dwork)->work, delay)
#define schedule_delayed_work(dwork, delay) vmsim_queue_delayed_work(NULL, &(dwork)->work, delay)
#define mod_delayed_work(wq, dwork, delay) vmsim_mod_delayed_work(wq, &(dwork)->work, delay)
#define cancel_delayed_work(dwork) vmsim_cancel_delayed_work(&(dwork)->work)
#define cancel_delayed_work_sync(dwork) vmsim_cancel_delayed_work_sync(&(dwork)->work)
#define flush_delayed_work(dwork) vmsim_flush_delayed_work(&(dwork)->work)
extern bool cancel_work_sync(struct work_struct *work);
extern bool flush_work(struct work_struct *work);
#else
#define queue_delayed_work(wq, work, delay) vmsim_queue_delayed_work(wq, work, delay)
#define schedule_delayed_work(work, delay) vmsim_queue_delayed_work(NULL, work, delay)
#define cancel_delayed_work(work) vmsim_cancel_delayed_work(work)
#endif

extern struct workqueue_struct *vmsim_alloc_workqueue(unsigned int flags, int max_active,
						      const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#if VMSIM_SINCE(2, 6, 36)
enum { WQ_UNBOUND = 1 << 1, WQ_FREEZABLE = 1 << 2, WQ_MEM_RECLAIM = 1 << 3, WQ_HIGHPRI = 1 << 4 };
#define alloc_workqueue(fmt, flags, max_active, ...) \
	vmsim_alloc_workqueue(flags, max_active, fmt, ##__VA_ARGS__)
#define alloc_ordered_workqueue(fmt, flags, ...) \
	vmsim_alloc_workqueue(flags, 1, fmt, ##__VA_ARGS__)
#endif
#define create_workqueue(name) vmsim_alloc_workqueue(0, 1, "%s", name)
#define create_singlethread_workqueue(name) vmsim_alloc_workqueue(0, 1, "%s", name)

#endif
