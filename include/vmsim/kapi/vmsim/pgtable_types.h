/* SPDX-License-Identifier: MIT */
/*
 * Page-table entry values as drivers pass them: one word each. Counterpart: arch/x86/include/asm/pgtable_types.h.
 * On every profile the bits are those of an x86-64 entry; a page-table format stores its own encoding of them.
 */
#ifndef VMSIM_KAPI_PGTABLE_TYPES_H
#define VMSIM_KAPI_PGTABLE_TYPES_H

typedef struct {
	unsigned long pgprot;
} vmsim_pgprot_t;

typedef struct {
	unsigned long pte;
} vmsim_pte_t;

typedef struct {
	unsigned long pmd;
} vmsim_pmd_t;

typedef struct {
	unsigned long pud;
} vmsim_pud_t;

typedef struct {
	unsigned long p4d;
} vmsim_p4d_t;

typedef struct {
	unsigned long pgd;
} vmsim_pgd_t;

#endif
