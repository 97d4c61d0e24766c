/* SPDX-License-Identifier: MIT */
/*
 * Timers in nanoseconds. Counterpart: include/linux/hrtimer.h. [2.6.16, )
 */
#ifndef VMSIM_KAPI_LINUX_HRTIMER_H
#define VMSIM_KAPI_LINUX_HRTIMER_H

#include "kernel.h"
#include "ktime.h"
#include "timer.h"
#include "../vmsim/hrtimer_types.h"

#if VMSIM_SINCE(2, 6, 16)
/* vmsim: exact [2.6.16, ), every name of this file */
enum hrtimer_mode {
	HRTIMER_MODE_ABS = 0x0,
	HRTIMER_MODE_REL = 0x1,
	HRTIMER_MODE_PINNED = 0x2,
	HRTIMER_MODE_SOFT = 0x4,
	HRTIMER_MODE_HARD = 0x8,
	HRTIMER_MODE_ABS_PINNED = 0x2,
	HRTIMER_MODE_REL_PINNED = 0x3,
	HRTIMER_MODE_ABS_SOFT = 0x4,
	HRTIMER_MODE_REL_SOFT = 0x5,
	HRTIMER_MODE_ABS_PINNED_SOFT = 0x6,
	HRTIMER_MODE_REL_PINNED_SOFT = 0x7,
	HRTIMER_MODE_ABS_HARD = 0x8,
	HRTIMER_MODE_REL_HARD = 0x9,
	HRTIMER_MODE_ABS_PINNED_HARD = 0xa,
	HRTIMER_MODE_REL_PINNED_HARD = 0xb
};
#if VMSIM_UNTIL(2, 6, 21)
#define HRTIMER_ABS HRTIMER_MODE_ABS
#define HRTIMER_REL HRTIMER_MODE_REL
#endif

extern void vmsim_hrtimer_init(struct hrtimer *timer, int clock);
extern int vmsim_hrtimer_start(struct hrtimer *timer, long long time, int mode);
extern u64 vmsim_hrtimer_forward(struct hrtimer *timer, long long now, long long interval);
extern long long vmsim_hrtimer_now(const struct hrtimer *timer);
extern int vmsim_hrtimer_running(const struct hrtimer *timer);
extern int vmsim_hrtimeout(long long time, int mode);
extern int hrtimer_cancel(struct hrtimer *timer);
extern int hrtimer_try_to_cancel(struct hrtimer *timer);

#if VMSIM_UNTIL(6, 15, 0)
static inline void hrtimer_init(struct hrtimer *timer, clockid_t clock, enum hrtimer_mode mode)
{
	vmsim_hrtimer_init(timer, clock);
}
#define hrtimer_init_on_stack(timer, clock, mode) hrtimer_init(timer, clock, mode)
#endif
#if VMSIM_SINCE(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	vmsim_hrtimer_init(timer, clock);
	timer->function = function;
}
#define hrtimer_setup_on_stack(timer, fn, clock, mode) hrtimer_setup(timer, fn, clock, mode)
static inline void hrtimer_update_function(struct hrtimer *timer,
					   enum hrtimer_restart (*function)(struct hrtimer *))
{
	timer->function = function;
}
#endif
#define destroy_hrtimer_on_stack(timer) ((void)(timer))

/* Until 4.2 starting says whether the timer was queued. */
#if VMSIM_SINCE(4, 2, 0)
#define VMSIM_HRTIMER_STARTED void
#define VMSIM_HRTIMER_RETURN
#else
#define VMSIM_HRTIMER_STARTED int
#define VMSIM_HRTIMER_RETURN return
#endif
static inline VMSIM_HRTIMER_STARTED hrtimer_start(struct hrtimer *timer, ktime_t time,
						  const enum hrtimer_mode mode)
{
	VMSIM_HRTIMER_RETURN vmsim_hrtimer_start(timer, ktime_to_ns(time), mode);
}

static inline VMSIM_HRTIMER_STARTED hrtimer_restart(struct hrtimer *timer)
{
	VMSIM_HRTIMER_RETURN vmsim_hrtimer_start(timer, timer->vmsim_expires, HRTIMER_MODE_ABS);
}
#if VMSIM_SINCE(2, 6, 28)
static inline VMSIM_HRTIMER_STARTED hrtimer_start_range_ns(struct hrtimer *timer, ktime_t time,
							   u64 slack,
							   const enum hrtimer_mode mode)
{
	VMSIM_HRTIMER_RETURN vmsim_hrtimer_start(timer, ktime_to_ns(time), mode);
}

static inline VMSIM_HRTIMER_STARTED hrtimer_start_expires(struct hrtimer *timer,
							  enum hrtimer_mode mode)
{
	VMSIM_HRTIMER_RETURN vmsim_hrtimer_start(timer, timer->vmsim_expires,
						 mode & ~HRTIMER_MODE_REL);
}

static inline ktime_t hrtimer_get_expires(const struct hrtimer *timer)
{
	return ns_to_ktime(timer->vmsim_expires);
}
#define hrtimer_get_softexpires(timer) hrtimer_get_expires(timer)
#define hrtimer_get_expires_ns(timer) ((timer)->vmsim_expires)
#define hrtimer_get_softexpires_ns(timer) ((timer)->vmsim_expires)

static inline void hrtimer_set_expires(struct hrtimer *timer, ktime_t time)
{
	timer->vmsim_expires = ktime_to_ns(time);
}
#define hrtimer_set_expires_range_ns(timer, time, slack) hrtimer_set_expires(timer, time)

static inline void hrtimer_add_expires(struct hrtimer *timer, ktime_t time)
{
	timer->vmsim_expires += ktime_to_ns(time);
}

static inline void hrtimer_add_expires_ns(struct hrtimer *timer, u64 ns)
{
	timer->vmsim_expires += (s64)ns;
}
#define hrtimer_expires_remaining(timer) hrtimer_get_remaining(timer)
#endif

static inline ktime_t hrtimer_cb_get_time(struct hrtimer *timer)
{
	return ns_to_ktime(vmsim_hrtimer_now(timer));
}

static inline ktime_t hrtimer_get_remaining(const struct hrtimer *timer)
{
	return ns_to_ktime(timer->vmsim_expires - vmsim_hrtimer_now(timer));
}

static inline u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
{
	return vmsim_hrtimer_forward(timer, ktime_to_ns(now), ktime_to_ns(interval));
}
#if VMSIM_SINCE(2, 6, 25)
static inline u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval)
{
	return vmsim_hrtimer_forward(timer, vmsim_hrtimer_now(timer), ktime_to_ns(interval));
}
#endif

static inline int hrtimer_is_queued(const struct hrtimer *timer)
{
	return timer->state & 1;
}

static inline int hrtimer_callback_running(const struct hrtimer *timer)
{
	return vmsim_hrtimer_running(timer);
}

static inline int hrtimer_active(const struct hrtimer *timer)
{
	return timer->state != 0 || vmsim_hrtimer_running(timer);
}

static inline int schedule_hrtimeout(ktime_t *expires, const enum hrtimer_mode mode)
{
	return vmsim_hrtimeout(expires ? ktime_to_ns(*expires) : (long long)(~0ULL >> 1),
			       expires ? mode : HRTIMER_MODE_ABS);
}
#define schedule_hrtimeout_range(expires, slack, mode) schedule_hrtimeout(expires, mode)
#endif

#endif
