/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the misc_basic test driver, for the driver and for its tests.
 * Counterpart: a driver's uapi header.
 */
#ifndef VMSIM_TESTS_MISC_BASIC_H
#define VMSIM_TESTS_MISC_BASIC_H

#include <linux/ioctl.h>

struct misc_basic_state {
	unsigned long long length;
	int opens;
	int pid; /* of the asking process */
};

#define MISC_BASIC_CLEAR _IO('M', 1)
#define MISC_BASIC_STATE _IOR('M', 2, struct misc_basic_state)
#define MISC_BASIC_SET_LIMIT _IOW('M', 3, int)
#define MISC_BASIC_WAIT _IO('M', 4) /* until there is data; arg: milliseconds, 0 for ever */

#endif
