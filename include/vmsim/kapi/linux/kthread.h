/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads. Counterpart: include/linux/kthread.h.
 */
#ifndef VMSIM_KAPI_LINUX_KTHREAD_H
#define VMSIM_KAPI_LINUX_KTHREAD_H

#include "err.h"
#include "sched.h"

/* vmsim: exact, every name of this file */
extern struct task_struct *vmsim_kthread_create(int (*fn)(void *data), void *data, const char *fmt,
						...) __attribute__((format(printf, 3, 4)));
#define kthread_create(fn, data, fmt, ...) vmsim_kthread_create(fn, data, fmt, ##__VA_ARGS__)
#define kthread_run(fn, data, fmt, ...) \
	({ \
		struct task_struct *vmsim_thread = kthread_create(fn, data, fmt, ##__VA_ARGS__); \
		if (!IS_ERR(vmsim_thread)) \
			wake_up_process(vmsim_thread); \
		vmsim_thread; \
	})
extern int kthread_stop(struct task_struct *task);
#if VMSIM_SINCE(2, 6, 19)
extern bool kthread_should_stop(void);
#else
extern int kthread_should_stop(void);
#endif

#endif
