/* SPDX-License-Identifier: MIT */
/* What the filler's driver and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_GUPFILL_H
#define VMSIM_TESTS_CORPUS_GUPFILL_H

#define GUP_PAGES_MAX 4

struct gup_request {
	unsigned long start;
	unsigned long length;
	unsigned char value;
};

#define GUP_FILL 0x6601 /* the driver fills the program's memory, as a device would by DMA */
#define GUP_SUM 0x6602	/* it adds up the program's bytes: the sum's low 31 bits */
#define GUP_KEEP 0x6603 /* holds the pages until the next of these calls, with length 0 for none */
#define GUP_POKE 0x6604 /* writes `value` to the first byte of what it holds */

#endif
