/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/irq.h; interrupt controllers are vmsim's own.
 */
#ifndef VMSIM_KAPI_LINUX_IRQ_H
#define VMSIM_KAPI_LINUX_IRQ_H

#include "interrupt.h"

#endif
