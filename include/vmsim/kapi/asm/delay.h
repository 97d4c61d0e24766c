/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/delay.h.
 */
#ifndef VMSIM_KAPI_ASM_DELAY_H
#define VMSIM_KAPI_ASM_DELAY_H

#include "../linux/delay.h"

#endif
