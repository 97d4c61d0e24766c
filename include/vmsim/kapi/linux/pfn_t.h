/* SPDX-License-Identifier: MIT */
/*
 * A page frame number with flags. Counterpart: include/linux/pfn_t.h. [4.5, 6.17)
 */
#ifndef VMSIM_KAPI_LINUX_PFN_T_H
#define VMSIM_KAPI_LINUX_PFN_T_H

#include "pfn.h"

#if VMSIM_SINCE(4, 5, 0) && VMSIM_UNTIL(6, 17, 0)
/* vmsim: exact [4.5, 6.17), every name of this file */
#define PFN_FLAGS_MASK ((u64)~PAGE_MASK << 52)
#define PFN_SG_CHAIN (1ULL << 63)
#define PFN_SG_LAST (1ULL << 62)
#define PFN_DEV (1ULL << 61)
#define PFN_MAP (1ULL << 60)
#define PFN_SPECIAL (1ULL << 59)

static inline pfn_t __pfn_to_pfn_t(unsigned long pfn, u64 flags)
{
	pfn_t result = { pfn | (flags & PFN_FLAGS_MASK) };

	return result;
}

#define pfn_to_pfn_t(pfn) __pfn_to_pfn_t(pfn, 0)
#define phys_to_pfn_t(addr, flags) __pfn_to_pfn_t((addr) >> PAGE_SHIFT, flags)
#define page_to_pfn_t(page) pfn_to_pfn_t(page_to_pfn(page))
#define pfn_t_to_pfn(pfn) ((unsigned long)((pfn).val & ~PFN_FLAGS_MASK))
#define pfn_t_to_page(pfn) pfn_to_page(pfn_t_to_pfn(pfn))
#define pfn_t_to_phys(pfn) PFN_PHYS(pfn_t_to_pfn(pfn))
#define pfn_t_to_virt(pfn) __va(pfn_t_to_phys(pfn))
#define pfn_t_has_page(pfn) (((pfn).val & PFN_MAP) || !((pfn).val & PFN_DEV))
#endif

#endif
