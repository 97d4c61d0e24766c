/* SPDX-License-Identifier: MIT */
/* What the window's driver and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_PFNWIN_H
#define VMSIM_TESTS_CORPUS_PFNWIN_H

#define WIN_BANKS 4

#define WIN_SELECT 0x7701 /* the window shows bank `arg` from now on */
#define WIN_FAULTS 0x7702 /* how often the handler ran */
#define WIN_SUM 0x7703	  /* the sum of the first bytes of all banks */

#endif
