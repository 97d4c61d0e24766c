/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/pgalloc.h; table pages are allocated by vmsim alone.
 */
#ifndef VMSIM_KAPI_ASM_PGALLOC_H
#define VMSIM_KAPI_ASM_PGALLOC_H

#include "pgtable.h"

#endif
