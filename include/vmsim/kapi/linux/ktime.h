/* SPDX-License-Identifier: MIT */
/*
 * Nanosecond times. Counterpart: include/linux/ktime.h and timekeeping.h. Until 4.10 a ktime_t is a union that has
 * to be taken apart.
 */
#ifndef VMSIM_KAPI_LINUX_KTIME_H
#define VMSIM_KAPI_LINUX_KTIME_H

#include "jiffies.h"
#include "time.h"

/* vmsim: exact, every name of this file */
extern ktime_t ktime_get(void);
extern ktime_t ktime_get_real(void);
extern void ktime_get_ts64(struct timespec64 *ts);
extern void ktime_get_real_ts64(struct timespec64 *ts);
extern time64_t ktime_get_real_seconds(void);
extern time64_t ktime_get_seconds(void);

#define KTIME_MAX ((s64)~((u64)1 << 63))
#define KTIME_MIN (-KTIME_MAX - 1)
#define KTIME_SEC_MAX (KTIME_MAX / NSEC_PER_SEC)

#if VMSIM_SINCE(4, 10, 0)
#define ktime_to_ns(t) ((s64)(t))
#define ns_to_ktime(n) ((ktime_t)(n))
#else
static inline ktime_t ns_to_ktime(u64 ns)
{
	ktime_t time;

	time.tv64 = (s64)ns;
	return time;
}
#define ktime_to_ns(t) ((s64)(t).tv64)
#endif

static inline ktime_t ktime_set(const s64 secs, const unsigned long nsecs)
{
	return secs >= KTIME_SEC_MAX ? ns_to_ktime(KTIME_MAX)
				     : ns_to_ktime(secs * NSEC_PER_SEC + (s64)nsecs);
}
#define ktime_add(a, b) ns_to_ktime(ktime_to_ns(a) + ktime_to_ns(b))
#define ktime_sub(a, b) ns_to_ktime(ktime_to_ns(a) - ktime_to_ns(b))
#define ktime_add_ns(t, n) ns_to_ktime(ktime_to_ns(t) + (s64)(n))
#define ktime_sub_ns(t, n) ns_to_ktime(ktime_to_ns(t) - (s64)(n))
#define ktime_add_us(t, n) ktime_add_ns(t, (s64)(n) * NSEC_PER_USEC)
#define ktime_sub_us(t, n) ktime_sub_ns(t, (s64)(n) * NSEC_PER_USEC)
#define ktime_add_ms(t, n) ktime_add_ns(t, (s64)(n) * NSEC_PER_MSEC)
#define ktime_sub_ms(t, n) ktime_sub_ns(t, (s64)(n) * NSEC_PER_MSEC)
#define ktime_to_us(t) (ktime_to_ns(t) / NSEC_PER_USEC)
#define ktime_to_ms(t) (ktime_to_ns(t) / NSEC_PER_MSEC)
#define ktime_divns(t, n) (ktime_to_ns(t) / (s64)(n))
#define ktime_us_delta(later, earlier) ktime_to_us(ktime_sub(later, earlier))
#define ktime_ms_delta(later, earlier) ktime_to_ms(ktime_sub(later, earlier))

static inline int ktime_compare(const ktime_t a, const ktime_t b)
{
	return ktime_to_ns(a) < ktime_to_ns(b) ? -1 : ktime_to_ns(a) > ktime_to_ns(b);
}
#define ktime_after(a, b) (ktime_compare(a, b) > 0)
#define ktime_before(a, b) (ktime_compare(a, b) < 0)

static inline ktime_t timespec64_to_ktime(struct timespec64 ts)
{
	return ktime_set(ts.tv_sec, (unsigned long)ts.tv_nsec);
}

static inline struct timespec64 ktime_to_timespec64(const ktime_t time)
{
	struct timespec64 ts;

	ts.tv_sec = ktime_to_ns(time) / NSEC_PER_SEC;
	ts.tv_nsec = ktime_to_ns(time) % NSEC_PER_SEC;
	if (ts.tv_nsec < 0) {
		ts.tv_nsec += NSEC_PER_SEC;
		--ts.tv_sec;
	}
	return ts;
}
#if VMSIM_UNTIL(5, 6, 0)
static inline ktime_t timespec_to_ktime(struct timespec ts)
{
	return ktime_set(ts.tv_sec, (unsigned long)ts.tv_nsec);
}

static inline struct timespec ktime_to_timespec(const ktime_t time)
{
	struct timespec64 wide = ktime_to_timespec64(time);
	struct timespec ts;

	ts.tv_sec = wide.tv_sec;
	ts.tv_nsec = wide.tv_nsec;
	return ts;
}

static inline struct timeval ktime_to_timeval(const ktime_t time)
{
	struct timespec64 wide = ktime_to_timespec64(time);
	struct timeval tv;

	tv.tv_sec = wide.tv_sec;
	tv.tv_usec = wide.tv_nsec / NSEC_PER_USEC;
	return tv;
}
#endif

#define ktime_get_ns() ((u64)ktime_to_ns(ktime_get()))
#define ktime_get_raw() ktime_get()
#define ktime_get_raw_ns() ktime_get_ns()
#define ktime_get_real_ns() ((u64)ktime_to_ns(ktime_get_real()))
#define ktime_get_boottime() ktime_get()
#define ktime_get_boottime_ns() ktime_get_ns()
#define ktime_get_mono_fast_ns() ktime_get_ns()
#define ktime_get_boottime_seconds() ktime_get_seconds()
#define ktime_get_coarse() ktime_get()
#if VMSIM_SINCE(2, 6, 35)
#define ms_to_ktime(m) ns_to_ktime((s64)(m) * NSEC_PER_MSEC)
#endif
#if VMSIM_SINCE(5, 9, 0)
#define us_to_ktime(n) ns_to_ktime((s64)(n) * NSEC_PER_USEC)
#endif

#endif
