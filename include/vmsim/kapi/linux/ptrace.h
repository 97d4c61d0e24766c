/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/ptrace.h.
 */
#ifndef VMSIM_KAPI_LINUX_PTRACE_H
#define VMSIM_KAPI_LINUX_PTRACE_H

#include "sched.h"
#include "../asm/ptrace.h"

#endif
