/* SPDX-License-Identifier: MIT */
/*
 * Interrupt handlers and tasklets. Counterpart: include/linux/interrupt.h.
 */
#ifndef VMSIM_KAPI_LINUX_INTERRUPT_H
#define VMSIM_KAPI_LINUX_INTERRUPT_H

#include "hardirq.h"
#include "irqflags.h"
#include "irqreturn.h"
#include "kernel.h"
#include "../asm/ptrace.h"
#include "../vmsim/work_types.h"

struct device;

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(2, 6, 19)
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);
#define VMSIM_IRQ_HANDLER irq_handler_t handler
#else
#define VMSIM_IRQ_HANDLER irqreturn_t (*handler)(int irq, void *dev_id, struct pt_regs *regs)
#endif
#if VMSIM_SINCE(2, 6, 18)
#define IRQF_TRIGGER_NONE 0x0
#define IRQF_TRIGGER_RISING 0x1
#define IRQF_TRIGGER_FALLING 0x2
#define IRQF_TRIGGER_HIGH 0x4
#define IRQF_TRIGGER_LOW 0x8
#define IRQF_SHARED 0x80
#define IRQF_ONESHOT 0x2000
#if VMSIM_UNTIL(4, 1, 0)
#define IRQF_DISABLED 0x20
#endif
#endif
#if VMSIM_UNTIL(2, 6, 24)
/* vmsim: exact, then IRQF_DISABLED */
#define SA_INTERRUPT 0x20000000
/* vmsim: exact, then IRQF_SHARED */
#define SA_SHIRQ 0x04000000
#define SA_SAMPLE_RANDOM 0x08000000
#endif

extern int request_irq(unsigned int irq, VMSIM_IRQ_HANDLER, unsigned long flags, const char *name,
		       void *dev_id);
#if VMSIM_SINCE(2, 6, 30)
extern int request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread_fn,
				unsigned long flags, const char *name, void *dev_id);
extern int devm_request_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
			    unsigned long flags, const char *name, void *dev_id);
extern void devm_free_irq(struct device *dev, unsigned int irq, void *dev_id);
extern int devm_request_threaded_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
				     irq_handler_t thread_fn, unsigned long flags,
				     const char *name, void *dev_id);
#endif
#if VMSIM_SINCE(4, 13, 0)
extern const void *free_irq(unsigned int irq, void *dev_id);
#else
extern void free_irq(unsigned int irq, void *dev_id);
#endif
extern void disable_irq(unsigned int irq);
extern void disable_irq_nosync(unsigned int irq);
extern void enable_irq(unsigned int irq);
extern void synchronize_irq(unsigned int irq);

extern void tasklet_schedule(struct tasklet_struct *t);
extern void tasklet_hi_schedule(struct tasklet_struct *t);
extern void tasklet_kill(struct tasklet_struct *t);
extern void tasklet_disable(struct tasklet_struct *t);
extern void tasklet_enable(struct tasklet_struct *t);
extern void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data);
#if VMSIM_SINCE(5, 9, 0)
#define DECLARE_TASKLET(name, fn) \
	struct tasklet_struct name = { .use_callback = 1, .callback = (fn) }
#define DECLARE_TASKLET_OLD(name, fn) struct tasklet_struct name = { .func = (fn) }
#define from_tasklet(var, t, field) container_of(t, __typeof__(*(var)), field)
extern void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *));
#else
#define DECLARE_TASKLET(name, fn, d) \
	struct tasklet_struct name = { .data = (d), .func = (fn) }
#define DECLARE_TASKLET_DISABLED(name, fn, d) \
	struct tasklet_struct name = { .count = { 1 }, .data = (d), .func = (fn) }
#endif

#endif
