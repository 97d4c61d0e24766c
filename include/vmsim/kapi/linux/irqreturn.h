/* SPDX-License-Identifier: MIT */
/*
 * What an interrupt handler answers. Counterpart: include/linux/irqreturn.h.
 */
#ifndef VMSIM_KAPI_LINUX_IRQRETURN_H
#define VMSIM_KAPI_LINUX_IRQRETURN_H

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(2, 6, 19)
enum irqreturn { IRQ_NONE = 0, IRQ_HANDLED = 1, IRQ_WAKE_THREAD = 2 };
typedef enum irqreturn irqreturn_t;
#elif VMSIM_UNTIL(2, 6, 0)
/* Handlers of 2.4 return nothing. */
typedef void irqreturn_t;
#define IRQ_NONE
#define IRQ_HANDLED
#define IRQ_RETVAL(x)
#else
typedef int irqreturn_t;
#define IRQ_NONE 0
#define IRQ_HANDLED 1
#endif
#if VMSIM_SINCE(2, 6, 0)
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)
#endif

#endif
