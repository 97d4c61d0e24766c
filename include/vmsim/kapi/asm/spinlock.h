/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/spinlock.h.
 */
#ifndef VMSIM_KAPI_ASM_SPINLOCK_H
#define VMSIM_KAPI_ASM_SPINLOCK_H

#include "../linux/spinlock.h"

#endif
