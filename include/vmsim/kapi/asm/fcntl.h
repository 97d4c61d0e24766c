/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/uapi/asm/fcntl.h.
 */
#ifndef VMSIM_KAPI_ASM_FCNTL_H
#define VMSIM_KAPI_ASM_FCNTL_H

#include "../linux/fcntl.h"

#endif
