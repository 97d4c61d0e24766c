/* SPDX-License-Identifier: MIT */
/*
 * Pages, and the kernel's linear map of low memory. Counterpart: arch/x86/include/asm/page.h,
 * page_types.h.
 */
#ifndef VMSIM_KAPI_ASM_PAGE_H
#define VMSIM_KAPI_ASM_PAGE_H

#include "../linux/const.h"
#include "../linux/types.h"
#include "../vmsim/page_types.h"
#include "pgtable_types.h"

extern unsigned long vmsim_page_offset(void);
extern unsigned long vmsim_pa(unsigned long addr);
extern unsigned long vmsim_va(unsigned long phys);
extern struct page *vmsim_virt_to_page(const volatile void *addr);
extern struct page *vmsim_mem_map(void);
extern unsigned long vmsim_max_mapnr(void);
extern int vmsim_pfn_valid(unsigned long pfn);
extern int vmsim_virt_addr_valid(const volatile void *addr);
extern void clear_page(void *page); /* vmsim: exact */
extern void copy_page(void *to, void *from); /* vmsim: exact */

/* vmsim: exact, every name of this file */
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_OFFSET (vmsim_page_offset())
#define __PAGE_OFFSET PAGE_OFFSET
#define __pa(x) vmsim_pa((unsigned long)(x))
#define __va(x) ((void *)vmsim_va((unsigned long)(x)))
#define virt_to_page(addr) vmsim_virt_to_page((const volatile void *)(unsigned long)(addr))
#define virt_addr_valid(addr) vmsim_virt_addr_valid((const volatile void *)(unsigned long)(addr))
#define mem_map (vmsim_mem_map())
#define max_mapnr (vmsim_max_mapnr())
#define pfn_valid(pfn) vmsim_pfn_valid(pfn)
#define pfn_to_page(pfn) (vmsim_mem_map() + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - vmsim_mem_map()))
#define pfn_to_kaddr(pfn) __va((pfn) << PAGE_SHIFT)
#define page_to_phys(page) ((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(phys) pfn_to_page((unsigned long)((phys) >> PAGE_SHIFT))
#define clear_user_page(page, vaddr, pg) clear_page(page)
#define copy_user_page(to, from, vaddr, pg) copy_page(to, from)

static inline int get_order(unsigned long size)
{
	int order = 0;

	for (size = (size - 1) >> PAGE_SHIFT; size; size >>= 1)
		order++;
	return order;
}

#endif
