/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/uaccess.h.
 */
#ifndef VMSIM_KAPI_ASM_UACCESS_H
#define VMSIM_KAPI_ASM_UACCESS_H

#include "../linux/uaccess.h"

#endif
