/* SPDX-License-Identifier: MIT */
/* The ring as the driver fills it and its program reads it. */
#ifndef VMSIM_TESTS_CORPUS_INSRING_H
#define VMSIM_TESTS_CORPUS_INSRING_H

#define RING_PAGES 3
#define RING_SLOTS 512 /* words in the two pages behind the first */

struct ring_head {
	unsigned produced;
	unsigned consumed;
	unsigned lost;
	unsigned slots;
};

#define RING_PRODUCE 0x7201 /* puts `arg` numbers into the ring; how many fitted comes back */

#endif
