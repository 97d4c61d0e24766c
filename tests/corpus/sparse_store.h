/* SPDX-License-Identifier: MIT */
/* ioctls of the sparse store, for the driver and for its program. */
#ifndef SPARSE_STORE_H
#define SPARSE_STORE_H

#include <linux/ioctl.h>

#define STORE_PAGES_MAX 64

#define STORE_HELD _IO('S', 1) /* returns how many pages are allocated */
#define STORE_FAULTS _IO('S', 2) /* returns how often the fault handler ran */
#define STORE_TRIM _IO('S', 3) /* frees every page that is not mapped; returns how many */

#endif
