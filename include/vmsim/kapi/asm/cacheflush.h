/* SPDX-License-Identifier: MIT */
/*
 * Cache maintenance, nothing to do on a coherent machine. Counterpart: include/asm-
 * generic/cacheflush.h.
 */
#ifndef VMSIM_KAPI_ASM_CACHEFLUSH_H
#define VMSIM_KAPI_ASM_CACHEFLUSH_H

/* vmsim: exact, every name of this file */
#define flush_cache_all() ((void)0)
#define flush_cache_mm(mm) ((void)(mm))
#define flush_cache_range(vma, start, end) ((void)(vma))
#define flush_cache_page(vma, addr, pfn) ((void)(vma))
#define flush_dcache_page(page) ((void)(page))
#define flush_icache_range(start, end) ((void)(start))

extern int set_memory_uc(unsigned long addr, int pages); /* vmsim: simplified: accepted */
extern int set_memory_wc(unsigned long addr, int pages); /* vmsim: simplified: accepted */
extern int set_memory_wb(unsigned long addr, int pages); /* vmsim: simplified: accepted */

#endif
