/* SPDX-License-Identifier: MIT */
/* What the driver of the ring with semaphores and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_SEMRING_H
#define VMSIM_TESTS_CORPUS_SEMRING_H

struct semring_state {
	unsigned size, held;
};

#define SEMRING_TYPE 0x73
#define SEMRING_STATE 0x80087301u
#define SEMRING_RESET 0x7302u

#endif
