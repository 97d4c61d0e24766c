/* SPDX-License-Identifier: MIT */
/*
 * Drivers of any bus. Counterpart: include/linux/device/driver.h (linux/device.h until 5.5).
 */
#ifndef VMSIM_KAPI_LINUX_DEVICE_DRIVER_H
#define VMSIM_KAPI_LINUX_DEVICE_DRIVER_H

#include "bus.h"

/* vmsim: exact, every name of this file */
extern int driver_register(struct device_driver *drv);
extern void driver_unregister(struct device_driver *drv);
extern struct device_driver *driver_find(const char *name,
					 VMSIM_ERA_BUS_CONST struct bus_type *bus);
extern int driver_for_each_device(struct device_driver *drv, struct device *start, void *data,
				  int (*fn)(struct device *dev, void *data));
extern int driver_create_file(struct device_driver *drv, const struct driver_attribute *attr);
extern void driver_remove_file(struct device_driver *drv, const struct driver_attribute *attr);
#if VMSIM_UNTIL(4, 16, 0)
#define DRIVER_ATTR(name_, mode_, show_, store_) \
	struct driver_attribute driver_attr_##name_ = __ATTR(name_, mode_, show_, store_)
#endif
#if VMSIM_SINCE(3, 12, 0)
#define DRIVER_ATTR_RO(name_) struct driver_attribute driver_attr_##name_ = __ATTR_RO(name_)
#define DRIVER_ATTR_WO(name_) struct driver_attribute driver_attr_##name_ = __ATTR_WO(name_)
#define DRIVER_ATTR_RW(name_) struct driver_attribute driver_attr_##name_ = __ATTR_RW(name_)
#endif

#endif
