/* SPDX-License-Identifier: MIT */
/* ioctls of the frame grabber, for the driver and for its program. Offsets are byte offsets of mmap(). */
#ifndef FRAME_GRAB_H
#define FRAME_GRAB_H

#include <linux/ioctl.h>

#define GRAB_FRAME_BYTES 0x10000
#define GRAB_FRAMES 4
#define GRAB_REGS_OFFSET 0x100000 /* the register page */

#define GRAB_SHOOT _IO('g', 1) /* fills the frame given by the argument; returns how many were taken */
#define GRAB_STATUS _IO('g', 2) /* returns the status register */

/* Registers, four bytes each. */
#define GRAB_REG_COUNT 0
#define GRAB_REG_LAST 4
#define GRAB_REG_STATUS 8

#endif
