/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/asm-generic/io.h.
 */
#ifndef VMSIM_KAPI_ASM_GENERIC_IO_H
#define VMSIM_KAPI_ASM_GENERIC_IO_H

#include "../asm/io.h"

#endif
