/* SPDX-License-Identifier: MIT */
/*
 * The processor's pause in a polling loop. Counterpart: arch/x86/include/asm/processor.h. Leaves out cpuinfo and
 * registers.
 */
#ifndef VMSIM_KAPI_ASM_PROCESSOR_H
#define VMSIM_KAPI_ASM_PROCESSOR_H

#include "../linux/compiler.h"

extern void vmsim_cpu_relax(void); /* vmsim: exact */

/* Lets simulated time and interrupts go on, so that a loop that polls ends. vmsim: exact, every name of this file */
#define cpu_relax() vmsim_cpu_relax()
#define rep_nop() vmsim_cpu_relax()

#endif
