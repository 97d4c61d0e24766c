/* SPDX-License-Identifier: MIT */
/*
 * Huge mappings. Counterpart: include/linux/huge_mm.h.
 */
#ifndef VMSIM_KAPI_LINUX_HUGE_MM_H
#define VMSIM_KAPI_LINUX_HUGE_MM_H

#include "mm.h"

/* vmsim: exact, every name of this file */
#define HPAGE_SHIFT PMD_SHIFT
#define HPAGE_PMD_SHIFT PMD_SHIFT
#define HPAGE_PMD_ORDER (PMD_SHIFT - PAGE_SHIFT)
#define HPAGE_PMD_NR (1 << HPAGE_PMD_ORDER)
#define HPAGE_PMD_SIZE PMD_SIZE
#define HPAGE_PMD_MASK PMD_MASK
#if VMSIM_SINCE(5, 3, 0) && VMSIM_UNTIL(6, 17, 0)
/* vmsim: exact [5.3, 6.17) */
extern vm_fault_t vmf_insert_pfn_pmd(struct vm_fault *vmf, pfn_t pfn, bool write);
/* vmsim: exact [5.3, 6.17) */
extern vm_fault_t vmf_insert_pfn_pud(struct vm_fault *vmf, pfn_t pfn, bool write);
#endif

#endif
