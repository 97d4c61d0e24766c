/* SPDX-License-Identifier: MIT */
/*
 * Whole pages. Counterpart: include/linux/gfp.h.
 */
#ifndef VMSIM_KAPI_LINUX_GFP_H
#define VMSIM_KAPI_LINUX_GFP_H

#include "gfp_types.h"
#include "topology.h"
#include "../asm/page.h"

/* vmsim: exact, every name of this file */
extern struct page *alloc_pages(gfp_t gfp, unsigned int order);
extern struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order);
extern unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
extern unsigned long get_zeroed_page(gfp_t gfp);
extern void __free_pages(struct page *page, unsigned int order);
extern void free_pages(unsigned long addr, unsigned int order);
#define alloc_page(gfp) alloc_pages((gfp), 0)
#define __get_free_page(gfp) __get_free_pages((gfp), 0)
#define __get_dma_pages(gfp, order) __get_free_pages((gfp) | GFP_DMA, (order))
#define __free_page(page) __free_pages((page), 0)
#define free_page(addr) free_pages((addr), 0)
#if VMSIM_SINCE(2, 6, 27)
extern void *alloc_pages_exact(size_t size, gfp_t gfp);
extern void free_pages_exact(void *virt, size_t size);
#endif

#endif
