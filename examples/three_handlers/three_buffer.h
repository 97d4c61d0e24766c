/* SPDX-License-Identifier: MIT */
/*
 * The buffer that three_buffer.c owns: `three_buffer` is its first struct page.
 */
#ifndef THREE_BUFFER_H
#define THREE_BUFFER_H

#define THREE_BUFFER_ORDER 4
#define THREE_BUFFER_PAGES (1u << THREE_BUFFER_ORDER)

struct page;
extern struct page *three_buffer;

#endif
