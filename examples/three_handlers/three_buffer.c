// SPDX-License-Identifier: MIT
/*
 * The buffer that three drivers map: 16 pages in a row, each with its own reference count, each
 * beginning with its name. Exports it; has no device of its own.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "three_buffer.h"

struct page *three_buffer;
EXPORT_SYMBOL_GPL(three_buffer);

static int __init three_buffer_init(void)
{
	unsigned int i;

	three_buffer = alloc_pages(GFP_KERNEL | __GFP_ZERO, THREE_BUFFER_ORDER);
	if (!three_buffer)
		return -ENOMEM;
	/* One block of 16 pages becomes 16 pages, which can be counted one by one. */
	split_page(three_buffer, THREE_BUFFER_ORDER);
	for (i = 0; i < THREE_BUFFER_PAGES; i++)
		sprintf(page_address(three_buffer + i), "this is page %u", i);
	return 0;
}

static void __exit three_buffer_exit(void)
{
	unsigned int i;

	for (i = 0; i < THREE_BUFFER_PAGES; i++)
		__free_page(three_buffer + i);
}

module_init(three_buffer_init);
module_exit(three_buffer_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A buffer for three drivers");
