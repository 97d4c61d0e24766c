/* SPDX-License-Identifier: MIT */
/*
 * Barriers and interrupt flags of old drivers; gone since 3.4 (vmsim-until:3.4 ). Counterpart:
 * include/asm-i386/system.h.
 */
#ifndef VMSIM_KAPI_ASM_SYSTEM_H
#define VMSIM_KAPI_ASM_SYSTEM_H

/* vmsim: exact [, 3.4) */
#if VMSIM_SINCE(3, 4, 0)
#error "asm/system.h does not exist since 3.4: drop the include"
#endif
#include "../linux/irqflags.h"
#include "atomic.h"
#include "barrier.h"

#endif
