/* SPDX-License-Identifier: MIT */
/* Layout of the mapped ring and its ioctls, for the driver and for its program. */
#ifndef PAGE_RING_H
#define PAGE_RING_H

#include <linux/ioctl.h>

#define RING_PAGES 3 /* the first is the header */
#define RING_SLOTS 2 /* one page each */

struct ring_header {
	unsigned int head; /* how many records the driver has written */
	unsigned int tail; /* how many the program has taken */
	unsigned int dropped;
};

#define RING_START _IO('R', 1) /* starts the source: a record every ten milliseconds; the argument is how many */
#define RING_LEFT _IO('R', 2) /* returns how many are still to come */

#endif
