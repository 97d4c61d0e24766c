/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/asm-generic/bug.h.
 */
#ifndef VMSIM_KAPI_ASM_GENERIC_BUG_H
#define VMSIM_KAPI_ASM_GENERIC_BUG_H

#include "../linux/bug.h"

#endif
