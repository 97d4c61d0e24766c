/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the fault_demand test driver, for the driver and for its tests.
 * Counterpart: a driver's uapi header.
 */
#ifndef VMSIM_TESTS_FAULT_DEMAND_H
#define VMSIM_TESTS_FAULT_DEMAND_H

#include <linux/ioctl.h>

#define FAULT_DEMAND_FAULTS _IO('D', 1) /* returns the number of fault calls */
#define FAULT_DEMAND_REFS _IO('D', 2) /* returns page_count() of page `arg`, 0 if it has none */
#define FAULT_DEMAND_DROP _IO('D', 3) /* unmaps the object everywhere, from page `arg` on */

#endif
