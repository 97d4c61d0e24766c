/* SPDX-License-Identifier: MIT */
/* ioctls of the reserved buffer driver, for the driver and for its program. */
#ifndef RSVD_BUF_H
#define RSVD_BUF_H

#include <linux/ioctl.h>

#define RSVD_SUM _IO('r', 1) /* adds up the buffer's bytes */
#define RSVD_HALF _IO('r', 2) /* argument 1: later mappings get the first half of their pages only */

#endif
