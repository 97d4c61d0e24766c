/* SPDX-License-Identifier: MIT */
/*
 * The registers an old interrupt handler is handed; always NULL here. Counterpart:
 * arch/x86/include/asm/ptrace.h.
 */
#ifndef VMSIM_KAPI_ASM_PTRACE_H
#define VMSIM_KAPI_ASM_PTRACE_H

/* vmsim: stub */
struct pt_regs;

#endif
