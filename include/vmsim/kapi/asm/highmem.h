/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/highmem.h.
 */
#ifndef VMSIM_KAPI_ASM_HIGHMEM_H
#define VMSIM_KAPI_ASM_HIGHMEM_H

#include "../linux/highmem.h"

#endif
