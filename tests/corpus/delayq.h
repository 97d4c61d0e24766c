/* SPDX-License-Identifier: MIT */
/* What the delay queue's driver and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_DELAYQ_H
#define VMSIM_TESTS_CORPUS_DELAYQ_H

#define DELAYQ_DELAY 0x6401  /* `arg` milliseconds for the items to come */
#define DELAYQ_CANCEL 0x6402 /* takes back the oldest item that is delayed */
#define DELAYQ_FLUSH 0x6403  /* waits for work that runs; 1 if nothing is delayed */
#define DELAYQ_BROKEN 0x6404

#endif
