/* SPDX-License-Identifier: MIT */
/* What the demand-paged device and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_PAGED_H
#define VMSIM_TESTS_CORPUS_PAGED_H

#define PAGED_PAGES 4

#define PAGED_PRESENT 0x7001 /* how many pages have been made */
#define PAGED_AREAS 0x7002   /* how many areas there are */
#define PAGED_PEEK 0x7003    /* the first byte of page `arg`; ENXIO if it has not been made */
#define PAGED_REFS 0x7004    /* references of page `arg` beyond the driver's own */

#endif
