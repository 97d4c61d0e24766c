/* SPDX-License-Identifier: MIT */
/*
 * Tasks and the scheduler. Counterpart: include/linux/sched.h. Tasks are made by vmsim; drivers
 * read them.
 */
#ifndef VMSIM_KAPI_LINUX_SCHED_H
#define VMSIM_KAPI_LINUX_SCHED_H

#include "jiffies.h"
#include "kernel.h"
#include "list.h"
#include "mm_types.h"
#include "spinlock.h"
#include "wait.h"
#include "../asm/current.h"

/* vmsim: exact, every name of this file */
#define TASK_COMM_LEN 16
#define PF_EXITING 0x4
#define PF_KTHREAD 0x200000

extern void schedule(void);
extern long schedule_timeout(long timeout);
extern long schedule_timeout_interruptible(long timeout);
extern long schedule_timeout_uninterruptible(long timeout);
extern long schedule_timeout_killable(long timeout);
#if VMSIM_SINCE(4, 6, 0)
#define schedule_timeout_idle(timeout) schedule_timeout_uninterruptible(timeout)
#endif
#define io_schedule() schedule()
#define io_schedule_timeout(timeout) schedule_timeout(timeout)
extern void yield(void);
extern int vmsim_cond_resched(void);
#define cond_resched() vmsim_cond_resched()
extern void vmsim_set_current_state(unsigned int state);
#define set_current_state(state) vmsim_set_current_state(state)
#define __set_current_state(state) vmsim_set_current_state(state)
#define set_task_state(task, state) vmsim_set_task_state(task, state)
extern void vmsim_set_task_state(struct task_struct *task, unsigned int state);
extern int wake_up_process(struct task_struct *task);
extern int signal_pending(struct task_struct *task);
extern int fatal_signal_pending(struct task_struct *task);
extern int send_sig(int sig, struct task_struct *task, int priv);
extern void get_task_struct(struct task_struct *task);
extern void put_task_struct(struct task_struct *task);
extern char *vmsim_get_task_comm(char *buf, struct task_struct *task);
#define get_task_comm(buf, task) vmsim_get_task_comm(buf, task)
#define task_pid_nr(task) ((task)->pid)
#define task_tgid_nr(task) ((task)->tgid)
#define task_pid_vnr(task) ((task)->pid)
#define task_is_running(task) ((task)->__state == TASK_RUNNING)

#if VMSIM_UNTIL(4, 11, 0)
#include "signal.h"
#include "sched/mm.h"
#include "sched/signal.h"
#endif
#if VMSIM_UNTIL(2, 6, 37)
#include "capability.h"
#include "completion.h"
#include "rwsem.h"
#include "semaphore.h"
#include "smp.h"
#include "timer.h"
#endif

#endif
