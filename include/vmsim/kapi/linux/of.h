/* SPDX-License-Identifier: MIT */
/*
 * Device tree; the simulated machine has none, but a platform device may carry a compatible text. Counterpart:
 * include/linux/of.h.
 */
#ifndef VMSIM_KAPI_LINUX_OF_H
#define VMSIM_KAPI_LINUX_OF_H

#include "mod_devicetable.h"
#include "types.h"

struct device;

/* vmsim: stub */
struct device_node;
/* vmsim: exact, every name of this file */
#define of_match_ptr(table) (table)
#if VMSIM_SINCE(3, 18, 0)
extern const void *of_device_get_match_data(const struct device *dev);
#endif

#endif
