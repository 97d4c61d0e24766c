/* SPDX-License-Identifier: MIT */
/*
 * Page frame numbers. Counterpart: include/linux/pfn.h.
 */
#ifndef VMSIM_KAPI_LINUX_PFN_H
#define VMSIM_KAPI_LINUX_PFN_H

#include "types.h"
#include "../asm/page.h"

/* vmsim: exact, every name of this file */
#define PFN_ALIGN(x) (((unsigned long)(x) + (PAGE_SIZE - 1)) & PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))

#endif
