/* SPDX-License-Identifier: MIT */
/*
 * Semaphores of old drivers; gone since 2.6.27 (vmsim-until:2.6.27 ). Counterpart:
 * include/asm-i386/semaphore.h.
 */
#ifndef VMSIM_KAPI_ASM_SEMAPHORE_H
#define VMSIM_KAPI_ASM_SEMAPHORE_H

/* vmsim: exact [, 2.6.27) */
#if VMSIM_SINCE(2, 6, 27)
#error "asm/semaphore.h does not exist since 2.6.27: include linux/semaphore.h"
#endif
#include "../linux/semaphore.h"

#endif
