/* SPDX-License-Identifier: MIT */
/*
 * kmap and its kin. Counterpart: include/linux/highmem-internal.h.
 */
#ifndef VMSIM_KAPI_LINUX_HIGHMEM_INTERNAL_H
#define VMSIM_KAPI_LINUX_HIGHMEM_INTERNAL_H

#include "mm.h"

/* vmsim: exact, every name of this file */
extern void *kmap(struct page *page);
extern void kunmap(struct page *page);
#if VMSIM_SINCE(2, 6, 37)
extern void *kmap_atomic(struct page *page);
extern void vmsim_kunmap_atomic(const void *addr);
#define kunmap_atomic(addr) vmsim_kunmap_atomic(addr)
#else
enum km_type {
	KM_BOUNCE_READ,
	KM_SKB_SUNRPC_DATA,
	KM_SKB_DATA_SOFTIRQ,
	KM_USER0,
	KM_USER1,
	KM_BIO_SRC_IRQ,
	KM_BIO_DST_IRQ,
	KM_PTE0,
	KM_PTE1,
	KM_IRQ0,
	KM_IRQ1,
	KM_SOFTIRQ0,
	KM_SOFTIRQ1,
	KM_TYPE_NR
};
extern void *kmap_atomic(struct page *page, enum km_type type);
extern void kunmap_atomic(void *addr, enum km_type type);
#endif
#if VMSIM_SINCE(5, 11, 0)
extern void *kmap_local_page(struct page *page);
extern void vmsim_kunmap_local(const void *addr);
#define kunmap_local(addr) vmsim_kunmap_local(addr)
#if VMSIM_SINCE(5, 16, 0)
#define kmap_local_folio(folio, offset) \
	((char *)kmap_local_page(folio_page(folio, (offset) / PAGE_SIZE)) + offset_in_page(offset))
#endif
#endif
extern struct page *vmsim_kmap_to_page(void *addr);
#define kmap_to_page(addr) vmsim_kmap_to_page(addr)
extern unsigned long totalhigh_pages(void);

#endif
