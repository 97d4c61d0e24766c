/* SPDX-License-Identifier: MIT */
/*
 * struct timer_list. Counterpart: include/linux/timer.h. `function` takes the
 * timer itself (4.15 and later) or `data` (before): VMSIM_TIMER_ARG is what the
 * era's drivers declare, and VMSIM_TIMER_DATA in `flags` says which to pass.
 * Zeroed memory is an idle timer. The queue is kept by the scheduler, by
 * address.
 */
#ifndef VMSIM_KAPI_TIMER_TYPES_H
#define VMSIM_KAPI_TIMER_TYPES_H

#include "base_types.h"

/* The core, and drivers of 4.15 and later; before that `unsigned long`. */
#ifndef VMSIM_TIMER_ARG
#define VMSIM_TIMER_ARG struct timer_list *
#endif

struct timer_list;

enum { VMSIM_TIMER_DATA = 1 }; /* flags: function takes data */

/* vmsim: exact */
struct timer_list {
	struct hlist_node entry; /* pprev is not NULL while the timer is pending */
	unsigned long expires; /* jiffies */
	void (*function)(VMSIM_TIMER_ARG);
	unsigned long data;
	unsigned int flags;
};

#endif
