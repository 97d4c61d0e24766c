/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/page_types.h.
 */
#ifndef VMSIM_KAPI_ASM_PAGE_TYPES_H
#define VMSIM_KAPI_ASM_PAGE_TYPES_H

#include "page.h"

#endif
