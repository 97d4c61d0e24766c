/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the pages26 driver, for the driver and for programs.
 */
#ifndef PAGES26_H
#define PAGES26_H

#include <linux/ioctl.h>

#define PAGES26_PAGES 4

#define PAGES26_VMAS _IO('N', 1) /* returns the number of areas that map the device */
#define PAGES26_COUNT _IO('N', 2) /* returns page_count() of page `arg` */

#endif
