/* SPDX-License-Identifier: MIT */
/*
 * Devices, their attributes and what is released with them. Counterpart: include/linux/device.h.
 */
#ifndef VMSIM_KAPI_LINUX_DEVICE_H
#define VMSIM_KAPI_LINUX_DEVICE_H

#include "dev_printk.h"
#include "err.h"
#include "gfp.h"
#include "ioport.h"
#include "kernel.h"
#include "kobject.h"
#include "list.h"
#include "types.h"
#include "device/bus.h"
#include "device/class.h"
#include "device/driver.h"
#include "pm.h"
#include "../vmsim/device_types.h"

struct file_operations;
struct module;

#if VMSIM_SINCE(6, 14, 0)
#define VMSIM_CHILD_CONST const
#else
#define VMSIM_CHILD_CONST
#endif

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(2, 6, 27)
extern struct device *device_create(const struct class *cls, struct device *parent, dev_t devt,
				    void *drvdata, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
#elif VMSIM_SINCE(2, 6, 18)
/* vmsim: exact [2.6.18, 2.6.27) */
extern struct device *device_create(struct class *cls, struct device *parent, dev_t devt,
				    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
#endif
#if VMSIM_SINCE(2, 6, 18)
extern void device_destroy(const struct class *cls, dev_t devt);
#endif
extern void device_initialize(struct device *dev);
extern int device_add(struct device *dev);
extern void device_del(struct device *dev);
extern int device_register(struct device *dev);
extern void device_unregister(struct device *dev);
extern struct device *get_device(struct device *dev);
extern void put_device(struct device *dev);
#if VMSIM_SINCE(2, 6, 0)
extern const char *dev_driver_string(const struct device *dev);
#endif
extern int device_attach(struct device *dev);
extern void device_release_driver(struct device *dev);
extern int device_for_each_child(struct device *parent, void *data,
				 int (*fn)(struct device *dev, void *data));
extern struct device *device_find_child(struct device *parent, VMSIM_CHILD_CONST void *data,
					int (*match)(struct device *dev,
						     VMSIM_CHILD_CONST void *data));
#if VMSIM_SINCE(4, 13, 0)
extern int device_add_groups(struct device *dev, const struct attribute_group **groups);
extern void device_remove_groups(struct device *dev, const struct attribute_group **groups);
#endif
extern int device_create_file(struct device *dev, const struct device_attribute *attr);
extern void device_remove_file(struct device *dev, const struct device_attribute *attr);

#if VMSIM_SINCE(2, 6, 26)
extern int dev_set_name(struct device *dev, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name ? dev->init_name : dev->kobj.name;
}
#endif

#if VMSIM_SINCE(2, 6, 29)
static inline void *dev_get_platdata(const struct device *dev)
{
	return dev->platform_data;
}
#endif

#define device_is_registered(dev) ((dev)->core != NULL)

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

#if VMSIM_SINCE(2, 6, 13)
#define DEVICE_ATTR(name_, mode_, show_, store_) \
	struct device_attribute dev_attr_##name_ = __ATTR(name_, mode_, show_, store_)
#endif
#if VMSIM_SINCE(3, 11, 0)
#define DEVICE_ATTR_RO(name_) struct device_attribute dev_attr_##name_ = __ATTR_RO(name_)
#define DEVICE_ATTR_WO(name_) struct device_attribute dev_attr_##name_ = __ATTR_WO(name_)
#define DEVICE_ATTR_RW(name_) struct device_attribute dev_attr_##name_ = __ATTR_RW(name_)
#endif

#if VMSIM_SINCE(2, 6, 21)
extern void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp);
extern void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp);
extern void *devm_kcalloc(struct device *dev, size_t n, size_t size, gfp_t flags);
extern char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp);
extern void devm_kfree(struct device *dev, const void *p);
#if VMSIM_SINCE(3, 14, 0)
extern int devm_add_action(struct device *dev, void (*action)(void *data), void *data);
extern void *devm_kmemdup(struct device *dev, const void *from, size_t len, gfp_t gfp);
extern char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#endif
#if VMSIM_SINCE(4, 3, 0)
extern int devm_add_action_or_reset(struct device *dev, void (*action)(void *data), void *data);
#endif
#endif

/* Fits any bus that has register and unregister calls; needs linux/module.h where it is used. */
#define module_driver(drv, reg, unreg, ...) \
	static int __init drv##_init(void) \
	{ \
		return reg(&(drv), ##__VA_ARGS__); \
	} \
	module_init(drv##_init); \
	static void __exit drv##_exit(void) \
	{ \
		unreg(&(drv), ##__VA_ARGS__); \
	} \
	module_exit(drv##_exit)

#endif
