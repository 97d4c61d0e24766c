/* SPDX-License-Identifier: MIT */
/*
 * Cache attributes of protections, entry values, and the user address range. Counterpart: the
 * same path under arch/x86.
 */
#ifndef VMSIM_KAPI_ASM_PGTABLE_H
#define VMSIM_KAPI_ASM_PGTABLE_H

#include "page.h"
#include "pgtable_types.h"

struct mm_struct;
struct vm_area_struct;

extern unsigned long vmsim_task_size(void);
extern unsigned long vmsim_vmalloc_start(void);
extern unsigned long vmsim_vmalloc_end(void);
extern struct page *vmsim_zero_page(unsigned long vaddr);

/* vmsim: exact, every name of this file */
#define TASK_SIZE (vmsim_task_size())
#define VMALLOC_START (vmsim_vmalloc_start())
#define VMALLOC_END (vmsim_vmalloc_end())
#define ZERO_PAGE(vaddr) vmsim_zero_page(vaddr)

#define VMSIM_PROT_CACHE(prot, bits) \
	__pgprot((pgprot_val(prot) & ~_PAGE_CACHE_MASK) | (bits))
#if VMSIM_SINCE(2, 6, 26)
#define pgprot_noncached(prot) VMSIM_PROT_CACHE(prot, _PAGE_PCD)
#define pgprot_writecombine(prot) VMSIM_PROT_CACHE(prot, _PAGE_PWT)
#define pgprot_device(prot) pgprot_noncached(prot)
#define pgprot_decrypted(prot) (prot)
#define pgprot_encrypted(prot) (prot)
#define pgprot_dmacoherent(prot) pgprot_noncached(prot)
#else
#define pgprot_noncached(prot) VMSIM_PROT_CACHE(prot, _PAGE_PCD | _PAGE_PWT)
#endif
#define pgprot_modify(old, prot) (prot)

#define pte_present(pte) ((pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0)
#define pte_none(pte) (pte_val(pte) == 0)
#define pte_write(pte) ((pte_val(pte) & _PAGE_RW) != 0)
#define pte_dirty(pte) ((pte_val(pte) & _PAGE_DIRTY) != 0)
#define pte_young(pte) ((pte_val(pte) & _PAGE_ACCESSED) != 0)
#define pte_special(pte) ((pte_val(pte) & _PAGE_SPECIAL) != 0)
#define pte_exec(pte) ((pte_val(pte) & _PAGE_NX) == 0)
#define pte_pfn(pte) ((pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pte_page(pte) pfn_to_page(pte_pfn(pte))
#define pfn_pte(pfn, prot) __pte(((unsigned long)(pfn) << PAGE_SHIFT) | pgprot_val(prot))
#define mk_pte(page, prot) pfn_pte(page_to_pfn(page), prot)
#define VMSIM_PTE_SET(pte, bits) __pte(pte_val(pte) | (bits))
#define VMSIM_PTE_CLEAR(pte, bits) __pte(pte_val(pte) & ~(bits))
#define pte_mkspecial(pte) VMSIM_PTE_SET(pte, _PAGE_SPECIAL)
#define pte_mkdirty(pte) VMSIM_PTE_SET(pte, _PAGE_DIRTY)
#define pte_mkyoung(pte) VMSIM_PTE_SET(pte, _PAGE_ACCESSED)
#define pte_mkwrite_novma(pte) VMSIM_PTE_SET(pte, _PAGE_RW)
#if VMSIM_SINCE(6, 6, 0)
#define pte_mkwrite(pte, vma) VMSIM_PTE_SET(pte, _PAGE_RW)
#else
#define pte_mkwrite(pte) VMSIM_PTE_SET(pte, _PAGE_RW)
#endif
#define pte_wrprotect(pte) VMSIM_PTE_CLEAR(pte, _PAGE_RW)
#define pte_mkclean(pte) VMSIM_PTE_CLEAR(pte, _PAGE_DIRTY)
#define pte_mkold(pte) VMSIM_PTE_CLEAR(pte, _PAGE_ACCESSED)

extern void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte);
extern void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep);
extern pte_t ptep_get(pte_t *ptep);
/* vmsim: simplified: tables are walked from the process's map; each level is a table, every name of this block */
extern pgd_t *pgd_offset(struct mm_struct *mm, unsigned long addr);
extern p4d_t *p4d_offset(pgd_t *pgd, unsigned long addr);
extern pud_t *pud_offset(p4d_t *p4d, unsigned long addr);
extern pmd_t *pmd_offset(pud_t *pud, unsigned long addr);
extern pte_t *pte_offset_map(pmd_t *pmd, unsigned long addr);
extern pte_t *pte_offset_kernel(pmd_t *pmd, unsigned long addr);
extern void pte_unmap(pte_t *pte);
#define pgd_none(x) (pgd_val(x) == 0)
#define pgd_bad(x) (!(pgd_val(x) & _PAGE_PRESENT))
#define p4d_none(x) ((x).p4d == 0)
#define p4d_bad(x) (!((x).p4d & _PAGE_PRESENT))
#define pud_none(x) (pud_val(x) == 0)
#define pud_bad(x) (!(pud_val(x) & _PAGE_PRESENT))
#define pmd_none(x) (pmd_val(x) == 0)
/* vmsim: simplified: there are no large leaves yet */
#define pud_leaf(x) ((pud_val(x) & (_PAGE_PRESENT | _PAGE_PSE)) == (_PAGE_PRESENT | _PAGE_PSE))
/* vmsim: simplified: there are no large leaves yet */
#define pmd_leaf(x) ((pmd_val(x) & (_PAGE_PRESENT | _PAGE_PSE)) == (_PAGE_PRESENT | _PAGE_PSE))
#define pmd_bad(x) (!(pmd_val(x) & _PAGE_PRESENT))

#define PMD_SHIFT 21
#define PMD_SIZE (1UL << PMD_SHIFT)
#define PMD_MASK (~(PMD_SIZE - 1))
#define PUD_SHIFT 30
#define PUD_SIZE (1UL << PUD_SHIFT)
#define PUD_MASK (~(PUD_SIZE - 1))
#define PGDIR_SHIFT 39
#define PGDIR_SIZE (1UL << PGDIR_SHIFT)
#define PTRS_PER_PTE 512

extern void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr);
extern void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
extern void flush_tlb_mm(struct mm_struct *mm);
extern void flush_tlb_all(void);

#endif
