/* SPDX-License-Identifier: MIT */
/* ioctls of the lazily mapped memory, for the driver and for its program. */
#ifndef LAZY_PFN_H
#define LAZY_PFN_H

#include <linux/ioctl.h>

#define LAZY_PAGES 8

#define LAZY_FAULTS _IO('L', 1) /* returns how often the fault handler ran */
#define LAZY_ZAP _IO('L', 2) /* takes every page away from every mapping */
#define LAZY_FREEZE _IO('L', 3) /* argument 1: faults are refused from now on */

#endif
