/* SPDX-License-Identifier: MIT */
/*
 * State bits of struct page, through functions. Counterpart: include/linux/page-flags.h.
 */
#ifndef VMSIM_KAPI_LINUX_PAGE_FLAGS_H
#define VMSIM_KAPI_LINUX_PAGE_FLAGS_H

#include "types.h"
#include "../vmsim/page_types.h"

/* vmsim: exact, every name of this file */
extern int PageReserved(const struct page *page);
extern void SetPageReserved(struct page *page);
extern void ClearPageReserved(struct page *page);
extern int PageLocked(const struct page *page);
extern int PageDirty(const struct page *page);
extern void SetPageDirty(struct page *page);
extern void ClearPageDirty(struct page *page);
extern int PageUptodate(const struct page *page);
extern void SetPageUptodate(struct page *page);
extern void ClearPageUptodate(struct page *page);
extern int PageHighMem(const struct page *page);
extern int PageSlab(const struct page *page);
extern int PageAnon(const struct page *page);
extern int PageCompound(const struct page *page);
extern int PageHead(const struct page *page);
extern int PageTail(const struct page *page);
extern int PagePrivate(const struct page *page);
extern void SetPagePrivate(struct page *page);
extern void ClearPagePrivate(struct page *page);
#if VMSIM_UNTIL(2, 6, 27)
/* vmsim: exact, then SetPageReserved */
#define mem_map_reserve(page) SetPageReserved(page)
/* vmsim: exact, then ClearPageReserved */
#define mem_map_unreserve(page) ClearPageReserved(page)
#endif

#endif
