/* SPDX-License-Identifier: MIT */
/* ioctls of the window driver, for the driver and for its program. */
#ifndef BAR_WINDOW_H
#define BAR_WINDOW_H

#include <linux/ioctl.h>

struct bar_peek {
	unsigned long address; /* in the calling program, as a debugger gives it */
	unsigned int value;
	int write;
};

#define BAR_PEEK _IOWR('b', 1, struct bar_peek) /* returns how many bytes were moved */

#endif
