/* SPDX-License-Identifier: MIT */
/*
 * struct hrtimer. Counterpart: include/linux/hrtimer.h. The queue is kept by the core, by address; what a
 * driver reads here is kept up to date. Zeroed memory is an idle timer.
 */
#ifndef VMSIM_KAPI_HRTIMER_TYPES_H
#define VMSIM_KAPI_HRTIMER_TYPES_H

#include "base_types.h"

/* vmsim: exact, in linux/hrtimer.h */
enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };

/* vmsim: exact, in linux/hrtimer.h */
struct hrtimer {
	struct rb_node node;
	long long vmsim_expires; /* ns on the timer's own clock */
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	int clock; /* CLOCK_MONOTONIC and its kin 1, CLOCK_REALTIME 0 */
	unsigned int state; /* 1: queued */
};

#endif
