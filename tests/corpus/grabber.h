/* SPDX-License-Identifier: MIT */
/* What the grabber's driver and its programs agree on. */
#ifndef VMSIM_TESTS_CORPUS_GRABBER_H
#define VMSIM_TESTS_CORPUS_GRABBER_H

#define GRAB_BUFFERS 2
#define GRAB_BUFFER_SIZE 16384

#define GRAB_PICTURE 0x6701 /* draws the next picture into buffer `arg`; its number comes back */
#define GRAB_STATE 0x6702   /* fills the struct at `arg` */
#define GRAB_SUM 0x6703	    /* the sum of the first bytes of every page of buffer `arg` */

struct grab_state {
	unsigned pictures;
	unsigned mappings;
};

#endif
