/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/page_ref.h.
 */
#ifndef VMSIM_KAPI_LINUX_PAGE_REF_H
#define VMSIM_KAPI_LINUX_PAGE_REF_H

#include "page-flags.h"

extern int page_count(const struct page *page); /* vmsim: exact */
extern int page_ref_count(const struct page *page); /* vmsim: exact */

/* vmsim: exact */
static inline void set_page_count(struct page *page, int v)
{
	page->_refcount.counter = v;
}

#endif
