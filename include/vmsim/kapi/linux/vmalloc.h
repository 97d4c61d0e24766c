/* SPDX-License-Identifier: MIT */
/*
 * Virtually contiguous kernel memory. Counterpart: include/linux/vmalloc.h.
 */
#ifndef VMSIM_KAPI_LINUX_VMALLOC_H
#define VMSIM_KAPI_LINUX_VMALLOC_H

#include "gfp.h"
#include "../asm/pgtable.h"

struct vm_area_struct;

/* vmsim: exact, every name of this file */
#define VM_IOREMAP 0x1
#define VM_ALLOC 0x2
#define VM_MAP 0x4
#define VM_USERMAP 0x8
extern void *vmalloc(unsigned long size);
extern void *vmalloc_32(unsigned long size);
extern void vfree(const void *addr);
extern void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
extern void vunmap(const void *addr);
extern struct page *vmalloc_to_page(const void *addr);
extern unsigned long vmalloc_to_pfn(const void *addr);
#if VMSIM_SINCE(2, 6, 18)
extern void *vmalloc_user(unsigned long size);
extern void *vmalloc_32_user(unsigned long size);
extern int remap_vmalloc_range(struct vm_area_struct *vma, void *addr, unsigned long pgoff);
#endif
#if VMSIM_SINCE(2, 6, 38)
extern void *vzalloc(unsigned long size);
extern void *vmalloc_node(unsigned long size, int node);
#endif
#if VMSIM_SINCE(3, 10, 0)
extern int remap_vmalloc_range_partial(struct vm_area_struct *vma, unsigned long uaddr, void *kaddr,
				       unsigned long pgoff, unsigned long size);
#endif
#if VMSIM_SINCE(5, 8, 0)
extern void *__vmalloc(unsigned long size, gfp_t gfp);
#else
/* vmsim: simplified [, 5.8): the protection is ignored */
#define __vmalloc(size, gfp, prot) vmsim_vmalloc_gfp(size, gfp)
extern void *vmsim_vmalloc_gfp(unsigned long size, gfp_t gfp);
#endif
#if VMSIM_SINCE(2, 6, 25)
extern bool is_vmalloc_addr(const void *addr);
#endif

#endif
