/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/set_memory.h.
 */
#ifndef VMSIM_KAPI_ASM_SET_MEMORY_H
#define VMSIM_KAPI_ASM_SET_MEMORY_H

#include "cacheflush.h"

#endif
