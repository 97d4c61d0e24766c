/* SPDX-License-Identifier: MIT */
/*
 * The tick counter of simulated time. Counterpart: include/linux/jiffies.h.
 */
#ifndef VMSIM_KAPI_LINUX_JIFFIES_H
#define VMSIM_KAPI_LINUX_JIFFIES_H

#include "math64.h"
#include "time.h"
#include "types.h"
#include "typecheck.h"
#include "../asm/param.h"

extern unsigned long vmsim_jiffies(void);
/* vmsim: exact, every name of this file */
#define jiffies (vmsim_jiffies())
#define jiffies_64 ((u64)vmsim_jiffies())
#define get_jiffies_64() ((u64)vmsim_jiffies())
#define time_after(a, b) ((long)((unsigned long)(b) - (unsigned long)(a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((unsigned long)(a) - (unsigned long)(b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define MAX_JIFFY_OFFSET ((~0UL >> 1) - 1)
#define INITIAL_JIFFIES ((unsigned long)(unsigned int)(-300 * HZ))

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)(j * (1000 / HZ));
}

static inline unsigned int jiffies_to_usecs(unsigned long j)
{
	return (unsigned int)(j * (1000000 / HZ));
}

static inline unsigned long msecs_to_jiffies(unsigned int m)
{
	return (int)m < 0 ? MAX_JIFFY_OFFSET : ((unsigned long)m * HZ + 999) / 1000;
}

static inline unsigned long usecs_to_jiffies(unsigned int u)
{
	return ((unsigned long)u * HZ + 999999) / 1000000;
}

#endif
