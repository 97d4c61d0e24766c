/* SPDX-License-Identifier: MIT */
/*
 * Timers in jiffies. Counterpart: include/linux/timer.h.
 */
#ifndef VMSIM_KAPI_LINUX_TIMER_H
#define VMSIM_KAPI_LINUX_TIMER_H

#include "jiffies.h"
#include "ktime.h"
#include "list.h"
#include "../vmsim/timer_types.h"

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(4, 15, 0)
#define DEFINE_TIMER(name, fn) struct timer_list name = { .function = (fn) }
#if VMSIM_UNTIL(6, 16, 0)
/* vmsim: exact [4.15, 6.16) */
#define from_timer(var, timer, field) container_of(timer, __typeof__(*(var)), field)
#else
/* vmsim: exact [6.16, ) */
#define timer_container_of(var, timer, field) container_of(timer, __typeof__(*(var)), field)
#endif

static inline void timer_setup(struct timer_list *timer, void (*fn)(struct timer_list *),
			       unsigned int flags)
{
	timer->entry.pprev = NULL;
	timer->function = fn;
	timer->flags = flags & 0;
}

#define timer_setup_on_stack(timer, fn, flags) timer_setup(timer, fn, flags)
#else
#define TIMER_INITIALIZER(fn, when, d) \
	{ .function = (fn), .expires = (when), .data = (d), .flags = VMSIM_TIMER_DATA }
#define DEFINE_TIMER(name, fn, when, d) struct timer_list name = TIMER_INITIALIZER(fn, when, d)

static inline void init_timer(struct timer_list *timer)
{
	timer->entry.pprev = NULL;
	timer->flags = VMSIM_TIMER_DATA;
}

static inline void setup_timer(struct timer_list *timer, void (*fn)(unsigned long),
			       unsigned long data)
{
	init_timer(timer);
	timer->function = fn;
	timer->data = data;
}
#endif

static inline int timer_pending(const struct timer_list *timer)
{
	return timer->entry.pprev != NULL;
}

extern void add_timer(struct timer_list *timer);
extern int mod_timer(struct timer_list *timer, unsigned long expires);
#if VMSIM_UNTIL(6, 15, 0)
extern int del_timer(struct timer_list *timer);
extern int del_timer_sync(struct timer_list *timer);
#endif
#if VMSIM_SINCE(6, 2, 0)
extern int timer_delete(struct timer_list *timer);
extern int timer_delete_sync(struct timer_list *timer);
extern int timer_shutdown_sync(struct timer_list *timer);
#endif

#endif
