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
#define fsleep(usecs) usleep_range((usecs), 2 * (usecs))
#endif

#endif
