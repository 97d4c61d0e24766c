/* SPDX-License-Identifier: MIT */
/* What the block store's driver and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_BLOCKSTORE_H
#define VMSIM_TESTS_CORPUS_BLOCKSTORE_H

#define STORE_BLOCK_PAGES 2

#define STORE_TRIM 0x7301   /* forgets everything; not while it is mapped */
#define STORE_PAGES 0x7302  /* how many pages it holds */
#define STORE_FAULTS 0x7303 /* how often a page was asked for */

#endif
