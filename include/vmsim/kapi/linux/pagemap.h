/* SPDX-License-Identifier: MIT */
/*
 * Page cache and page locks. Counterpart: include/linux/pagemap.h.
 */
#ifndef VMSIM_KAPI_LINUX_PAGEMAP_H
#define VMSIM_KAPI_LINUX_PAGEMAP_H

#include "fs.h"
#include "highmem.h"
#include "mm.h"
#include "sched/mm.h"

/* vmsim: exact, every name of this file */
extern void lock_page(struct page *page);
extern int trylock_page(struct page *page);
extern void unlock_page(struct page *page);
extern void wait_on_page_locked(struct page *page);
#if VMSIM_UNTIL(4, 6, 0)
/* vmsim: exact, then PAGE_SHIFT */
#define PAGE_CACHE_SHIFT PAGE_SHIFT
/* vmsim: exact, then PAGE_SIZE */
#define PAGE_CACHE_SIZE PAGE_SIZE
/* vmsim: exact, then PAGE_MASK */
#define PAGE_CACHE_MASK PAGE_MASK
/* vmsim: exact, then get_page */
#define page_cache_get(page) get_page(page)
/* vmsim: exact, then put_page */
#define page_cache_release(page) put_page(page)
#endif
#if VMSIM_SINCE(5, 16, 0)
#define folio_lock(folio) lock_page(&(folio)->page)
#define folio_unlock(folio) unlock_page(&(folio)->page)
#endif
#if VMSIM_SINCE(5, 18, 0)
/* vmsim: simplified [5.18, ): marks nothing */
extern bool noop_dirty_folio(struct address_space *mapping, struct folio *folio);
#endif
#define page_offset(page) ((loff_t)(page)->index << PAGE_SHIFT)

#endif
