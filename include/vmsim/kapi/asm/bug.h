/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/bug.h.
 */
#ifndef VMSIM_KAPI_ASM_BUG_H
#define VMSIM_KAPI_ASM_BUG_H

#include "../linux/bug.h"

#endif
