/* SPDX-License-Identifier: MIT */
/*
 * Page frame numbers. Counterpart: include/linux/pfn.h.
 */
#ifndef VMSIM_KAPI_LINUX_PFN_H
#define VMSIM_KAPI_LINUX_PFN_H

#include "types.h"
#include "../asm/page.h"

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(4, 5, 0) && VMSIM_UNTIL(6, 17, 0)
/* vmsim: exact [4.5, 6.17) */
typedef struct {
	u64 val;
} pfn_t;
#endif
#define PFN_ALIGN(x) (((unsigned long)(x) + (PAGE_SIZE - 1)) & PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))

#endif
