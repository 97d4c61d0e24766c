/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/mtrr.h.
 */
#ifndef VMSIM_KAPI_ASM_MTRR_H
#define VMSIM_KAPI_ASM_MTRR_H

/* vmsim: stub, every name of this file */
#define MTRR_TYPE_UNCACHABLE 0
#define MTRR_TYPE_WRCOMB 1
#define mtrr_add(base, size, type, increment) (-22)
#define mtrr_del(reg, base, size) (-22)

#endif
