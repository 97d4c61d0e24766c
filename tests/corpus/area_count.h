/* SPDX-License-Identifier: MIT */
/* ioctls of the area counter, for the driver and for its program. */
#ifndef AREA_COUNT_H
#define AREA_COUNT_H

#include <linux/ioctl.h>

#define AREA_OPENS _IO('a', 1) /* how often .open ran */
#define AREA_CLOSES _IO('a', 2)
#define AREA_PAGES _IO('a', 3) /* references of the page beside its own: one for each entry */
#define AREA_SPLITS _IO('a', 4) /* how often a split was asked about */
#define AREA_USERS _IO('a', 5) /* references of the state that the areas share */

#define AREA_WHOLE_OFFSET 0x100000 /* areas from here on cannot be split */

#endif
