/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/atomic.h.
 */
#ifndef VMSIM_KAPI_ASM_ATOMIC_H
#define VMSIM_KAPI_ASM_ATOMIC_H

#include "../linux/atomic.h"

#endif
