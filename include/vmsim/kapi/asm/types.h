/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/types.h.
 */
#ifndef VMSIM_KAPI_ASM_TYPES_H
#define VMSIM_KAPI_ASM_TYPES_H

#include "../linux/types.h"

#endif
