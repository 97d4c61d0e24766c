/* SPDX-License-Identifier: MIT */
/*
 * Wall-clock structs and conversions. Counterpart: include/linux/time.h, time64.h, vdso/time64.h.
 */
#ifndef VMSIM_KAPI_LINUX_TIME_H
#define VMSIM_KAPI_LINUX_TIME_H

#include "types.h"

/* vmsim: exact, every name of this file */
#define MSEC_PER_SEC 1000L
#define USEC_PER_MSEC 1000L
#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define USEC_PER_SEC 1000000L
#define NSEC_PER_SEC 1000000000L
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1

struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};
#if VMSIM_UNTIL(5, 6, 0)
struct timespec {
	time_t tv_sec;
	long tv_nsec;
};
struct timeval {
	time_t tv_sec;
	suseconds_t tv_usec;
};
#if VMSIM_UNTIL(5, 0, 0)
/* vmsim: exact, then ktime_get_real_ts64 */
extern void do_gettimeofday(struct timeval *tv);
/* vmsim: exact, then ktime_get_real_ts64 */
extern struct timespec current_kernel_time(void);
/* vmsim: exact, then ktime_get_real_ts64 */
extern void getnstimeofday(struct timespec *ts);
/* vmsim: exact, then ktime_get_real_seconds */
extern unsigned long get_seconds(void);
#endif
#endif

#endif
