/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/cmpxchg.h.
 */
#ifndef VMSIM_KAPI_ASM_CMPXCHG_H
#define VMSIM_KAPI_ASM_CMPXCHG_H

#include "../linux/atomic.h"

#endif
