/* SPDX-License-Identifier: MIT */
/* ioctls of the moving buffer, for the driver and for its program. */
#ifndef MIGRATE_BUF_H
#define MIGRATE_BUF_H

#include <linux/ioctl.h>

#define MIG_PAGES 3

#define MIG_TO_CARD _IO('m', 1) /* moves the contents; EALREADY if they are there */
#define MIG_TO_RAM _IO('m', 2)
#define MIG_DIRTY _IO('m', 3) /* returns the mask of pages written since the last move */
#define MIG_FAULTS _IO('m', 4)
#define MIG_WAIT_IDLE _IO('m', 5) /* waits until the copying has ended; the argument is a limit in milliseconds */
#define MIG_START _IO('m', 6) /* moves to the other place in the background */

#endif
