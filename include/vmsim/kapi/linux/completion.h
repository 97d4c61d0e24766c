/* SPDX-License-Identifier: MIT */
/*
 * Completions. Counterpart: include/linux/completion.h.
 */
#ifndef VMSIM_KAPI_LINUX_COMPLETION_H
#define VMSIM_KAPI_LINUX_COMPLETION_H

#include "wait.h"

/* vmsim: exact, every name of this file */
#define COMPLETION_INITIALIZER(work) { 0, __WAIT_QUEUE_HEAD_INITIALIZER((work).wait) }
#define DECLARE_COMPLETION(work) struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)

static inline void init_completion(struct completion *x)
{
	x->done = 0;
	init_waitqueue_head(&x->wait);
}

#if VMSIM_UNTIL(3, 13, 0)
/* vmsim: exact, then reinit_completion */
#define INIT_COMPLETION(x) ((x).done = 0)
#else
static inline void reinit_completion(struct completion *x)
{
	x->done = 0;
}
#endif

extern void complete(struct completion *x);
extern void complete_all(struct completion *x);
extern void wait_for_completion(struct completion *x);
extern int wait_for_completion_interruptible(struct completion *x);
extern int wait_for_completion_killable(struct completion *x);
extern unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout);
extern long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout);
extern int vmsim_try_wait_for_completion(struct completion *x);
extern int vmsim_completion_done(struct completion *x);
#define try_wait_for_completion(x) vmsim_try_wait_for_completion(x)
#define completion_done(x) vmsim_completion_done(x)
#if VMSIM_UNTIL(5, 17, 0)
/* vmsim: exact, then kthread_complete_and_exit */
extern void complete_and_exit(struct completion *x, long code);
#endif

#endif
