/* SPDX-License-Identifier: MIT */
/*
 * The running task. Counterpart: arch/x86/include/asm/current.h.
 */
#ifndef VMSIM_KAPI_ASM_CURRENT_H
#define VMSIM_KAPI_ASM_CURRENT_H

#include "../vmsim/task_types.h"

extern struct task_struct *vmsim_current(void);
/* vmsim: exact */
#define current vmsim_current()

#endif
