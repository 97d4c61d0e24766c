/* SPDX-License-Identifier: MIT */
/*
 * Busy and sleeping delays of simulated time. Counterpart: include/linux/delay.h.
 */
#ifndef VMSIM_KAPI_LINUX_DELAY_H
#define VMSIM_KAPI_LINUX_DELAY_H

#include "kernel.h"
#include "../asm/processor.h"

/* vmsim: exact, every name of this file */
extern void udelay(unsigned long usecs);
extern void ndelay(unsigned long nsecs);
extern void mdelay(unsigned long msecs);
extern void msleep(unsigned int msecs);
extern unsigned long msleep_interruptible(unsigned int msecs);
#define ssleep(seconds) msleep((seconds) * 1000)
#if VMSIM_SINCE(2, 6, 36)
extern void usleep_range(unsigned long min_usecs, unsigned long max_usecs);
#endif
#if VMSIM_SINCE(5, 8, 0)
static inline void fsleep(unsigned long usecs)
{
	if (usecs <= 10)
		udelay(usecs);
	else if (usecs <= 20000)
		usleep_range(usecs, 2 * usecs);
	else
		msleep((unsigned int)((usecs + 999) / 1000));
}
#endif
#if VMSIM_SINCE(5, 16, 0)
#define usleep_idle_range(min_usecs, max_usecs) usleep_range(min_usecs, max_usecs)
#endif

#endif
