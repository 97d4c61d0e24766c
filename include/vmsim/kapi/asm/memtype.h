/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/memtype.h.
 */
#ifndef VMSIM_KAPI_ASM_MEMTYPE_H
#define VMSIM_KAPI_ASM_MEMTYPE_H

#include "pgtable_types.h"

/* vmsim: exact */
static inline int pat_enabled(void)
{
	return 1;
}

#endif
