/* SPDX-License-Identifier: MIT */
/* Polling loops. Counterpart: include/linux/processor.h, since 4.13. */
#ifndef VMSIM_KAPI_LINUX_PROCESSOR_H
#define VMSIM_KAPI_LINUX_PROCESSOR_H

#include "../asm/processor.h"

#if VMSIM_SINCE(4, 13, 0)
/* vmsim: exact [4.13, ), every name of this block */
#define spin_begin() do { } while (0)
#define spin_cpu_relax() cpu_relax()
#define spin_end() do { } while (0)
#define spin_until_cond(cond) \
	do { \
		while (!(cond)) \
			cpu_relax(); \
	} while (0)
#endif

#endif
