/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the highpages driver; `arg` is a page's number, but for HIGH_NAP.
 */
#ifndef HIGHPAGES_H
#define HIGHPAGES_H

#include <linux/ioctl.h>

#define HIGH_PAGES 8

struct high_page {
	unsigned int index; /* in: which page */
	unsigned int is_high; /* PageHighMem() */
	unsigned long pfn;
	void *address; /* page_address(); a kernel address, for looking at only */
};

#define HIGH_LOOK _IOWR('H', 1, struct high_page)
#define HIGH_KMAP _IO('H', 2) /* maps it and writes a text into it */
#define HIGH_KUNMAP _IO('H', 3)
#define HIGH_LATE_USE _IO('H', 4) /* kmap, kunmap, and then a store: a mistake */
#define HIGH_NAP _IO('H', 5) /* sleeps `arg` milliseconds */

#endif
