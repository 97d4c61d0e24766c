/* SPDX-License-Identifier: MIT */
/* What the driver of mixed pages and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_MIXEDMAP_H
#define VMSIM_TESTS_CORPUS_MIXEDMAP_H

#define MIXED_PAGES 6

#define MIXED_FAULTS 0x7801 /* how often a page was asked for */
#define MIXED_USERS 0x7802  /* references of page `arg` beyond the driver's */
#define MIXED_RENEW 0x7803  /* writes page `arg`, which must be even, and takes it from everybody */

#endif
