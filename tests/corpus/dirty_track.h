/* SPDX-License-Identifier: MIT */
/* ioctls of the dirty tracker, for the driver and for its program. */
#ifndef DIRTY_TRACK_H
#define DIRTY_TRACK_H

#include <linux/ioctl.h>

#define TRACK_PAGES 8 /* the first half is RAM, the second half a card's memory */

#define TRACK_COLLECT _IO('d', 1) /* returns the mask of pages written since the last call, and watches anew */
#define TRACK_FAULTS _IO('d', 2) /* returns how often .fault ran */
#define TRACK_LIMIT _IO('d', 3) /* pages from the argument on may not be written */

#endif
