/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/hardirq.h.
 */
#ifndef VMSIM_KAPI_LINUX_HARDIRQ_H
#define VMSIM_KAPI_LINUX_HARDIRQ_H

#include "preempt.h"

#endif
