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
/* vmsim: exact, then DEFINE_TIMER */
#define TIMER_INITIALIZER(fn, when, d) \
	{ .function = (fn), .expires = (when), .data = (d), .flags = VMSIM_TIMER_DATA }
#define DEFINE_TIMER(name, fn, when, d) struct timer_list name = TIMER_INITIALIZER(fn, when, d)

/* vmsim: exact, then timer_setup */
static inline void init_timer(struct timer_list *timer)
{
	timer->entry.pprev = NULL;
	timer->flags = VMSIM_TIMER_DATA;
}

/* vmsim: exact, then timer_setup */
static inline void setup_timer(struct timer_list *timer, void (*fn)(unsigned long),
			       unsigned long data)
{
	init_timer(timer);
	timer->function = fn;
	timer->data = data;
}
#define init_timer_on_stack(timer) init_timer(timer)
#define setup_timer_on_stack(timer, fn, data) setup_timer(timer, fn, data)
#if VMSIM_SINCE(2, 6, 22)
#define init_timer_deferrable(timer) init_timer(timer)
#endif
#if VMSIM_SINCE(4, 14, 0)
#define from_timer(var, timer, field) container_of(timer, __typeof__(*(var)), field)
#define timer_setup(timer, fn, flags) \
	setup_timer(timer, (void (*)(unsigned long))(fn), (unsigned long)(timer))
#define timer_setup_on_stack(timer, fn, flags) timer_setup(timer, fn, flags)
#endif
#endif
#if VMSIM_SINCE(4, 14, 0)
/* vmsim: simplified: every timer fires at its time, on the CPU there is */
#define TIMER_DEFERRABLE 0x00080000
#define TIMER_PINNED 0x00100000
#define TIMER_IRQSAFE 0x00200000
#endif
#if VMSIM_SINCE(2, 6, 31)
#define destroy_timer_on_stack(timer) ((void)(timer))
#endif

static inline int timer_pending(const struct timer_list *timer)
{
	return timer->entry.pprev != NULL;
}

extern void add_timer(struct timer_list *timer);
extern int mod_timer(struct timer_list *timer, unsigned long expires);
#if VMSIM_UNTIL(6, 15, 0)
/* vmsim: exact, then timer_delete */
extern int del_timer(struct timer_list *timer);
/* vmsim: exact, then timer_delete_sync */
extern int del_timer_sync(struct timer_list *timer);
#define try_to_del_timer_sync(timer) del_timer(timer)
#define del_singleshot_timer_sync(timer) del_timer_sync(timer)
#endif
#if VMSIM_SINCE(6, 2, 0)
extern int timer_delete(struct timer_list *timer);
extern int timer_delete_sync(struct timer_list *timer);
extern int timer_shutdown_sync(struct timer_list *timer);
#define timer_shutdown(timer) timer_shutdown_sync(timer)
#define timer_delete_sync_try(timer) timer_delete(timer)
#endif
#define add_timer_on(timer, cpu) ((void)(cpu), add_timer(timer))
#if VMSIM_SINCE(2, 6, 30)
#define mod_timer_pending(timer, when) (timer_pending(timer) ? mod_timer(timer, when) : 0)
#endif
#if VMSIM_SINCE(4, 16, 0)
static inline int timer_reduce(struct timer_list *timer, unsigned long expires)
{
	if (timer_pending(timer) && time_before_eq(timer->expires, expires))
		return 1;
	return mod_timer(timer, expires);
}
#endif

#if VMSIM_SINCE(2, 6, 20)
/* To whole seconds: up, unless that is just past. */
static inline unsigned long vmsim_round_jiffies(unsigned long j, int up)
{
	unsigned long rest = j % HZ;
	unsigned long rounded = rest < HZ / 4 && !up ? j - rest : j - rest + HZ;

	return time_after(rounded, jiffies) ? rounded : j;
}
#define round_jiffies(j) vmsim_round_jiffies(j, 0)
#define round_jiffies_relative(j) (vmsim_round_jiffies((j) + jiffies, 0) - jiffies)
#define round_jiffies_up(j) vmsim_round_jiffies(j, 1)
#define round_jiffies_up_relative(j) (vmsim_round_jiffies((j) + jiffies, 1) - jiffies)
#endif

#endif
