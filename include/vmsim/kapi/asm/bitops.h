/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/bitops.h.
 */
#ifndef VMSIM_KAPI_ASM_BITOPS_H
#define VMSIM_KAPI_ASM_BITOPS_H

#include "../linux/bitops.h"

#endif
