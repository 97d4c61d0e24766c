/* SPDX-License-Identifier: MIT */
/*
 * Buses. Counterpart: include/linux/device/bus.h (linux/device.h until 5.5).
 */
#ifndef VMSIM_KAPI_LINUX_DEVICE_BUS_H
#define VMSIM_KAPI_LINUX_DEVICE_BUS_H

#include "../types.h"
#include "../../vmsim/device_types.h"

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(5, 3, 0)
#define VMSIM_FIND_CONST const
#else
#define VMSIM_FIND_CONST
#endif
extern int bus_register(VMSIM_ERA_BUS_CONST struct bus_type *bus);
extern void bus_unregister(VMSIM_ERA_BUS_CONST struct bus_type *bus);
extern int bus_for_each_dev(VMSIM_ERA_BUS_CONST struct bus_type *bus, struct device *start,
			    void *data, int (*fn)(struct device *dev, void *data));
extern struct device *bus_find_device(VMSIM_ERA_BUS_CONST struct bus_type *bus,
				      struct device *start, VMSIM_FIND_CONST void *data,
				      int (*match)(struct device *dev,
						   VMSIM_FIND_CONST void *data));
extern int bus_create_file(VMSIM_ERA_BUS_CONST struct bus_type *bus, struct bus_attribute *attr);
extern void bus_remove_file(VMSIM_ERA_BUS_CONST struct bus_type *bus, struct bus_attribute *attr);
#define BUS_ATTR(name_, mode_, show_, store_) \
	struct bus_attribute bus_attr_##name_ = __ATTR(name_, mode_, show_, store_)
#if VMSIM_SINCE(3, 14, 0)
#define BUS_ATTR_RO(name_) struct bus_attribute bus_attr_##name_ = __ATTR_RO(name_)
#define BUS_ATTR_WO(name_) struct bus_attribute bus_attr_##name_ = __ATTR_WO(name_)
#define BUS_ATTR_RW(name_) struct bus_attribute bus_attr_##name_ = __ATTR_RW(name_)
#endif

#endif
