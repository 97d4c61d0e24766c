/* SPDX-License-Identifier: MIT */
/* ioctls of the filler, for the driver and for its program. */
#ifndef PIN_FILL_H
#define PIN_FILL_H

#include <linux/ioctl.h>

struct fill_request {
	unsigned long address;
	unsigned long length;
	unsigned int value;
};

#define FILL_WRITE _IOW('f', 1, struct fill_request) /* fills the caller's memory; returns how many pages it took */
#define FILL_SUM _IOW('f', 2, struct fill_request) /* adds up the caller's bytes */
#define FILL_KEEP _IOW('f', 3, struct fill_request) /* pins the pages until FILL_DROP */
#define FILL_DROP _IOW('f', 4, struct fill_request) /* stores value at the start of the kept pages, and lets go */

#endif
