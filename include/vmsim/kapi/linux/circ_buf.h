/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of rings whose size is a power of two, one place of which stays free. Counterpart:
 * include/linux/circ_buf.h.
 */
#ifndef VMSIM_KAPI_LINUX_CIRC_BUF_H
#define VMSIM_KAPI_LINUX_CIRC_BUF_H

/* vmsim: exact, every name of this file */
struct circ_buf {
	char *buf;
	int head;
	int tail;
};

#define CIRC_CNT(head, tail, size) (((head) - (tail)) & ((size)-1))
#define CIRC_SPACE(head, tail, size) CIRC_CNT((tail), ((head) + 1), (size))
/* Without a wrap at the end of the buffer. */
#define CIRC_CNT_TO_END(head, tail, size) \
	({ \
		int vmsim_end = (size) - (tail); \
		int vmsim_n = ((head) + vmsim_end) & ((size)-1); \
		vmsim_n < vmsim_end ? vmsim_n : vmsim_end; \
	})
#define CIRC_SPACE_TO_END(head, tail, size) \
	({ \
		int vmsim_end = (size)-1 - (head); \
		int vmsim_n = (vmsim_end + (tail)) & ((size)-1); \
		vmsim_n <= vmsim_end ? vmsim_n : vmsim_end + 1; \
	})

#endif
