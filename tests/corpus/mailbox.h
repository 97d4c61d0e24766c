/* SPDX-License-Identifier: MIT */
/* What the mailbox's driver and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_MAILBOX_H
#define VMSIM_TESTS_CORPUS_MAILBOX_H

#define MAIL_MAX 64

#define MAIL_WAIT 0x6d01     /* waits for a letter, `arg` tenths of a second at most; what is left comes back */
#define MAIL_ARRIVALS 0x6d02 /* how many letters have arrived */
#define MAIL_RECALL 0x6d03   /* takes back a letter that is on its way */

#endif
