/* SPDX-License-Identifier: MIT */
/*
 * Bits of an x86-64 page-table entry and the protections made of them. Counterpart: the same path
 * under arch/x86.
 */
#ifndef VMSIM_KAPI_ASM_PGTABLE_TYPES_H
#define VMSIM_KAPI_ASM_PGTABLE_TYPES_H

#include "../linux/const.h"
#include "../linux/types.h"
#include "../vmsim/pgtable_types.h"

/* vmsim: exact, every name of this file */
typedef vmsim_pgprot_t pgprot_t;
typedef vmsim_pte_t pte_t;
typedef vmsim_pmd_t pmd_t;
typedef vmsim_pud_t pud_t;
typedef vmsim_p4d_t p4d_t;
typedef vmsim_pgd_t pgd_t;
typedef unsigned long pteval_t;
typedef unsigned long pmdval_t;
typedef unsigned long pgprotval_t;
typedef struct page *pgtable_t;

#define _PAGE_BIT_SPECIAL 9
#define _PAGE_BIT_SOFT_DIRTY 11
#define _PAGE_BIT_NX 63
#define _PAGE_PRESENT _UL(0x1)
#define _PAGE_RW _UL(0x2)
#define _PAGE_USER _UL(0x4)
#define _PAGE_PWT _UL(0x8)
#define _PAGE_PCD _UL(0x10)
#define _PAGE_ACCESSED _UL(0x20)
#define _PAGE_DIRTY _UL(0x40)
#define _PAGE_PSE _UL(0x80)
#define _PAGE_PAT _UL(0x80)
#define _PAGE_GLOBAL _UL(0x100)
#define _PAGE_PROTNONE _UL(0x100)
#define _PAGE_SPECIAL _UL(0x200)
#define _PAGE_SOFT_DIRTY _UL(0x800)
#define _PAGE_PAT_LARGE _UL(0x1000)
#define _PAGE_NX (_UL(1) << _PAGE_BIT_NX)
#define PTE_PFN_MASK _UL(0x000ffffffffff000)
#define PTE_FLAGS_MASK (~PTE_PFN_MASK)
#define _PAGE_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY)
#define _PAGE_CACHE_MASK (_PAGE_PWT | _PAGE_PCD | _PAGE_PAT)
#define _PAGE_CHG_MASK \
	(PTE_PFN_MASK | _PAGE_PCD | _PAGE_PWT | _PAGE_SPECIAL | _PAGE_ACCESSED | _PAGE_DIRTY | \
	 _PAGE_SOFT_DIRTY)

#define __pgprot(x) ((pgprot_t){ (x) })
#define pgprot_val(x) ((x).pgprot)
#define __pte(x) ((pte_t){ (x) })
#define pte_val(x) ((x).pte)
#define __pmd(x) ((pmd_t){ (x) })
#define pmd_val(x) ((x).pmd)
#define pud_val(x) ((x).pud)
#define pgd_val(x) ((x).pgd)
#define pte_flags(x) (pte_val(x) & PTE_FLAGS_MASK)
#define __pg(x) __pgprot(x)

#define VMSIM_PROT_USER (_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define VMSIM_PROT_KERNEL (_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL)
#define PAGE_NONE __pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED)
#define PAGE_SHARED __pgprot(VMSIM_PROT_USER | _PAGE_RW | _PAGE_NX)
#define PAGE_SHARED_EXEC __pgprot(VMSIM_PROT_USER | _PAGE_RW)
#define PAGE_COPY __pgprot(VMSIM_PROT_USER | _PAGE_NX)
#define PAGE_COPY_EXEC __pgprot(VMSIM_PROT_USER)
#define PAGE_READONLY __pgprot(VMSIM_PROT_USER | _PAGE_NX)
#define PAGE_READONLY_EXEC __pgprot(VMSIM_PROT_USER)
#define PAGE_KERNEL __pgprot(VMSIM_PROT_KERNEL | _PAGE_RW | _PAGE_NX)
#define PAGE_KERNEL_RO __pgprot(VMSIM_PROT_KERNEL | _PAGE_NX)
#define PAGE_KERNEL_EXEC __pgprot(VMSIM_PROT_KERNEL | _PAGE_RW)
#define PAGE_KERNEL_NOCACHE __pgprot(pgprot_val(PAGE_KERNEL) | _PAGE_PCD)
#define PAGE_KERNEL_IO PAGE_KERNEL

#if VMSIM_SINCE(3, 19, 0)
enum page_cache_mode {
	_PAGE_CACHE_MODE_WB = 0,
	_PAGE_CACHE_MODE_WC = 1,
	_PAGE_CACHE_MODE_UC_MINUS = 2,
	_PAGE_CACHE_MODE_UC = 3,
	_PAGE_CACHE_MODE_WT = 4,
	_PAGE_CACHE_MODE_WP = 5,
	_PAGE_CACHE_MODE_NUM = 8
};
/* vmsim: exact [3.19, ) */
static inline unsigned long cachemode2protval(enum page_cache_mode mode)
{
	unsigned long bits = 0;

	if (mode & 1)
		bits |= _PAGE_PWT;
	if (mode & 2)
		bits |= _PAGE_PCD;
	if (mode & 4)
		bits |= _PAGE_PAT;
	return bits;
}

#define cachemode2pgprot(mode) __pgprot(cachemode2protval(mode))
#endif

#endif
