/* SPDX-License-Identifier: MIT */
/* What the driver of the two nodes and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_TWONODES_H
#define VMSIM_TESTS_CORPUS_TWONODES_H

#define TWO_DATA_SIZE 12288ul

#define TWO_CLEAR 0x7e01    /* fills the data with byte `arg` */
#define TWO_LOCK 0x7e02	    /* 1: no more mappings; refused while there is one */
#define TWO_MAPPINGS 0x7e03 /* stores their number in the int at `arg` */

#endif
