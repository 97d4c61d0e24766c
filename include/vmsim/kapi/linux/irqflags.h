/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of the current CPU. Counterpart: include/linux/irqflags.h.
 */
#ifndef VMSIM_KAPI_LINUX_IRQFLAGS_H
#define VMSIM_KAPI_LINUX_IRQFLAGS_H

#include "typecheck.h"
#include "types.h"

extern unsigned long vmsim_local_irq_save(void);
extern void vmsim_local_irq_restore(unsigned long flags);
extern void vmsim_local_irq_disable(void);
extern void vmsim_local_irq_enable(void);
extern int vmsim_irqs_disabled(void);
/* vmsim: exact, every name of this file */
#define local_irq_save(flags) ((flags) = vmsim_local_irq_save())
#define local_irq_restore(flags) vmsim_local_irq_restore(flags)
#define local_irq_disable() vmsim_local_irq_disable()
#define local_irq_enable() vmsim_local_irq_enable()
#define irqs_disabled() vmsim_irqs_disabled()
#if VMSIM_UNTIL(2, 6, 28)
/* vmsim: exact [, 2.6.28), then local_irq_disable */
#define cli() vmsim_local_irq_disable()
/* vmsim: exact, then local_irq_enable */
#define sti() vmsim_local_irq_enable()
#endif

#endif
