/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the timed test driver, for the driver and for its tests.
 * Counterpart: a driver's uapi header.
 */
#ifndef VMSIM_TESTS_TIMED_H
#define VMSIM_TESTS_TIMED_H

#include <linux/ioctl.h>

#define TIMED_START _IO('T', 1) /* arg: milliseconds until the timer fires */
#define TIMED_WAIT _IO('T', 2) /* for the timer; arg: milliseconds at most; returns those left */
#define TIMED_TICKS _IO('T', 3) /* returns how often the timer fired */
#define TIMED_WORK _IO('T', 4) /* queues the work; returns 1, or 0 if it is queued already */
#define TIMED_WORK_RUNS _IO('T', 5)
#define TIMED_FLUSH _IO('T', 6) /* waits until the work has run */
#define TIMED_LATER _IO('T', 7) /* queues the work in arg milliseconds */
#define TIMED_STOP _IO('T', 8) /* stops the timer; returns 1 if it was pending */
#define TIMED_PERIODIC _IO('T', 9) /* arg: the timer restarts itself so often */

#endif
