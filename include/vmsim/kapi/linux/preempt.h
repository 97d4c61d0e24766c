/* SPDX-License-Identifier: MIT */
/*
 * Atomic sections by hand. Counterpart: include/linux/preempt.h.
 */
#ifndef VMSIM_KAPI_LINUX_PREEMPT_H
#define VMSIM_KAPI_LINUX_PREEMPT_H

#include "types.h"

extern void vmsim_preempt_disable(void);
extern void vmsim_preempt_enable(void);
extern int vmsim_in_interrupt(void);
extern int vmsim_in_atomic(void);
/* vmsim: exact, every name of this file */
#define preempt_disable() vmsim_preempt_disable()
#define preempt_enable() vmsim_preempt_enable()
#define in_interrupt() vmsim_in_interrupt()
#define in_irq() vmsim_in_interrupt()
#define in_softirq() vmsim_in_interrupt()
#define in_hardirq() vmsim_in_interrupt()
#define in_task() (!vmsim_in_interrupt())
#define in_atomic() vmsim_in_atomic()
extern void local_bh_disable(void);
extern void local_bh_enable(void);

#endif
