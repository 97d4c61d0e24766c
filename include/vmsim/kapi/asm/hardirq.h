/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/hardirq.h.
 */
#ifndef VMSIM_KAPI_ASM_HARDIRQ_H
#define VMSIM_KAPI_ASM_HARDIRQ_H

#include "../linux/hardirq.h"

#endif
