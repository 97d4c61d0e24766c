/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/tlbflush.h.
 */
#ifndef VMSIM_KAPI_ASM_TLBFLUSH_H
#define VMSIM_KAPI_ASM_TLBFLUSH_H

#include "pgtable.h"

#endif
