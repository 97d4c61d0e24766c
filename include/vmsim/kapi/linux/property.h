/* SPDX-License-Identifier: MIT */
/*
 * What firmware says of a device: here no more than which entry of its driver's table it is. Counterpart:
 * include/linux/property.h.
 */
#ifndef VMSIM_KAPI_LINUX_PROPERTY_H
#define VMSIM_KAPI_LINUX_PROPERTY_H

#include "types.h"

struct device;

#if VMSIM_SINCE(4, 18, 0)
/* vmsim: exact [4.18, ) */
extern const void *device_get_match_data(const struct device *dev);
#endif

#endif
