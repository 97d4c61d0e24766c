/* SPDX-License-Identifier: MIT */
/* What the driver that copies and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_USERBYTES_H
#define VMSIM_TESTS_CORPUS_USERBYTES_H

struct bytes_request {
	unsigned long start;
	unsigned long length;
	unsigned long value;
};

#define BYTES_CHECK 0x6201 /* 1 if the range may be the program's */
#define BYTES_TAKE 0x6202  /* copies from it: how many bytes are left */
#define BYTES_GIVE 0x6203  /* copies letters to it: how many bytes are left */
#define BYTES_CLEAR 0x6204 /* clears it: how many bytes are left */
#define BYTES_TEXT 0x6205  /* the length of the text there, `length` at most */
#define BYTES_GET 0x6206   /* the 4 bytes there into `value` */
#define BYTES_PUT 0x6207   /* the other way; `length` is the width */

#endif
