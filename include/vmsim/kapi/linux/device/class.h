/* SPDX-License-Identifier: MIT */
/*
 * Classes of devices. Counterpart: include/linux/device/class.h.
 */
#ifndef VMSIM_KAPI_LINUX_DEVICE_CLASS_H
#define VMSIM_KAPI_LINUX_DEVICE_CLASS_H

#include "../../vmsim/device_types.h"

struct module;

#if VMSIM_SINCE(6, 4, 0)
/* vmsim: exact [6.4, ), every name of this block */
extern struct class *class_create(const char *name);
extern int class_register(const struct class *cls);
extern void class_unregister(const struct class *cls);
extern void class_destroy(const struct class *cls);
#elif VMSIM_SINCE(2, 6, 13)
/* vmsim: exact [2.6.13, 6.4), every name of this block */
extern struct class *class_create(struct module *owner, const char *name);
extern int class_register(struct class *cls);
extern void class_unregister(struct class *cls);
extern void class_destroy(struct class *cls);
#else
/* vmsim: exact [, 2.6.13), every name of this block */
struct class_simple;
struct class_device;
/* vmsim: exact, then class_create */
extern struct class_simple *class_simple_create(struct module *owner, char *name);
/* vmsim: exact, then class_destroy */
extern void class_simple_destroy(struct class_simple *cs);
/* vmsim: exact, then device_create */
extern struct class_device *class_simple_device_add(struct class_simple *cs, vmsim_dev_t dev,
						    struct device *device, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* vmsim: exact, then device_destroy */
extern void class_simple_device_remove(vmsim_dev_t dev);
#endif

#if VMSIM_SINCE(6, 4, 0)
#define VMSIM_CLASS_CONST const
#else
#define VMSIM_CLASS_CONST
#endif
#if VMSIM_SINCE(2, 6, 13)
/* vmsim: exact [2.6.13, ), every name of this block */
extern int class_create_file(VMSIM_CLASS_CONST struct class *cls,
			     const struct class_attribute *attr);
extern void class_remove_file(VMSIM_CLASS_CONST struct class *cls,
			      const struct class_attribute *attr);
#define CLASS_ATTR(name_, mode_, show_, store_) \
	struct class_attribute class_attr_##name_ = __ATTR(name_, mode_, show_, store_)
#if VMSIM_SINCE(3, 12, 0)
#define CLASS_ATTR_RO(name_) struct class_attribute class_attr_##name_ = __ATTR_RO(name_)
#define CLASS_ATTR_WO(name_) struct class_attribute class_attr_##name_ = __ATTR_WO(name_)
#define CLASS_ATTR_RW(name_) struct class_attribute class_attr_##name_ = __ATTR_RW(name_)
#endif
#endif

#endif
