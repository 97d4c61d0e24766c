/* SPDX-License-Identifier: MIT */
/*
 * Nanosecond times. Counterpart: include/linux/ktime.h and timekeeping.h.
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
#define ktime_get_ns() ((u64)ktime_get())
#define ktime_get_real_ns() ((u64)ktime_get_real())
#define ktime_get_boottime() ktime_get()
#define ktime_get_boottime_ns() ktime_get_ns()
#define ktime_set(secs, nsecs) ((ktime_t)(secs) * NSEC_PER_SEC + (ktime_t)(nsecs))
#define ktime_add(a, b) ((ktime_t)((a) + (b)))
#define ktime_sub(a, b) ((ktime_t)((a) - (b)))
#define ktime_add_ns(t, n) ((ktime_t)((t) + (ktime_t)(n)))
#define ktime_to_ns(t) ((s64)(t))
#define ktime_to_us(t) ((s64)(t) / NSEC_PER_USEC)
#define ktime_to_ms(t) ((s64)(t) / NSEC_PER_MSEC)
#define ktime_us_delta(later, earlier) ktime_to_us(ktime_sub(later, earlier))
#define ktime_compare(a, b) ((a) < (b) ? -1 : (a) > (b))
#define ns_to_ktime(n) ((ktime_t)(n))
#define ms_to_ktime(m) ((ktime_t)(m) * NSEC_PER_MSEC)

#endif
