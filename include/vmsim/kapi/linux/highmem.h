/* SPDX-License-Identifier: MIT */
/*
 * Kernel mappings of high pages. Counterpart: include/linux/highmem.h. On 64-bit profiles every
 * page has an address.
 */
#ifndef VMSIM_KAPI_LINUX_HIGHMEM_H
#define VMSIM_KAPI_LINUX_HIGHMEM_H

#include "mm.h"
#include "string.h"
#include "highmem-internal.h"

/* vmsim: exact, every name of this file */
static inline void clear_highpage(struct page *page)
{
	void *addr = kmap(page);

	clear_page(addr);
	kunmap(page);
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	void *source = kmap(from);
	void *target = kmap(to);

	copy_page(target, source);
	kunmap(to);
	kunmap(from);
}

static inline void memcpy_from_page(char *to, struct page *page, size_t offset, size_t len)
{
	memcpy(to, (char *)kmap(page) + offset, len);
	kunmap(page);
}

static inline void memcpy_to_page(struct page *page, size_t offset, const char *from, size_t len)
{
	memcpy((char *)kmap(page) + offset, from, len);
	kunmap(page);
}

static inline void memset_page(struct page *page, size_t offset, int val, size_t len)
{
	memset((char *)kmap(page) + offset, val, len);
	kunmap(page);
}

#define zero_user(page, start, size) memset_page(page, start, 0, size)
#define memzero_page(page, offset, len) memset_page(page, offset, 0, len)
#define clear_user_highpage(page, vaddr) clear_highpage(page)
#define copy_user_highpage(to, from, vaddr, vma) copy_highpage(to, from)

#endif
