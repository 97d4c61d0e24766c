/* SPDX-License-Identifier: MIT */
/* The page that the ticker's driver writes and its program reads. */
#ifndef VMSIM_TESTS_CORPUS_TICKER_H
#define VMSIM_TESTS_CORPUS_TICKER_H

struct tick_page {
	unsigned ticks;
	unsigned step;
	unsigned last_step;
	unsigned stopped;
};

#define TICK_START 0x7401 /* `arg` ticks of 20 milliseconds, then it stops by itself */
#define TICK_STOP 0x7402  /* 1 if it was running */
#define TICK_WAIT 0x7403  /* until there have been `arg` ticks; how many there were */

#endif
