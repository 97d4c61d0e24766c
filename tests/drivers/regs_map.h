/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the regs_map test driver, for the driver and for its tests.
 * Counterpart: a driver's uapi header.
 */
#ifndef VMSIM_TESTS_REGS_MAP_H
#define VMSIM_TESTS_REGS_MAP_H

#include <linux/ioctl.h>

struct regs_map_access {
	unsigned int offset;
	unsigned int value;
};

#define REGS_MAP_READ _IOWR('R', 1, struct regs_map_access)
#define REGS_MAP_WRITE _IOW('R', 2, struct regs_map_access)
#define REGS_MAP_IRQS _IO('R', 3) /* returns the number of interrupts so far */

#endif
