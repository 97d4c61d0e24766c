/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/setup.h.
 */
#ifndef VMSIM_KAPI_ASM_SETUP_H
#define VMSIM_KAPI_ASM_SETUP_H

#include "../linux/types.h"

#endif
