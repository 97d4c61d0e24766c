/* SPDX-License-Identifier: MIT */
/* Layout of the mixed store, for the driver and for its program. */
#ifndef MIXED_STORE_H
#define MIXED_STORE_H

#include <linux/ioctl.h>

#define MIXED_PAGES 4 /* of each kind: even offsets are RAM, odd ones the card's memory */

#define MIXED_REFS _IO('x', 1) /* returns the reference count of the RAM page given by the argument */

#endif
