/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/uapi/asm/errno.h.
 */
#ifndef VMSIM_KAPI_ASM_ERRNO_H
#define VMSIM_KAPI_ASM_ERRNO_H

#include "../linux/errno.h"

#endif
