/* SPDX-License-Identifier: MIT */
/* ioctls of the status page driver, for the driver and for its program. */
#ifndef STATUS_PAGE_H
#define STATUS_PAGE_H

#include <linux/ioctl.h>

#define STATUS_TICK _IO('s', 1) /* adds one to the counter; returns its value */
#define STATUS_OPENS _IO('s', 2) /* returns how many mappings are open */

#endif
