/* SPDX-License-Identifier: MIT */
/*
 * Attributes of devices. Counterpart: include/linux/sysfs.h.
 */
#ifndef VMSIM_KAPI_LINUX_SYSFS_H
#define VMSIM_KAPI_LINUX_SYSFS_H

#include "stat.h"
#include "types.h"
#include "stringify.h"
#include "../vmsim/device_types.h"

/* vmsim: exact, every name of this file */
#define __ATTR(name_, mode_, show_, store_) \
	{ .attr = { .name = __stringify(name_), .mode = (mode_) }, .show = (show_), \
	  .store = (store_) }
#define __ATTR_RO(name) __ATTR(name, 0444, name##_show, NULL)
#define __ATTR_WO(name) __ATTR(name, 0200, NULL, name##_store)
#define __ATTR_RW(name) __ATTR(name, 0644, name##_show, name##_store)
#define __ATTR_NULL { .attr = { .name = NULL } }
#define __ATTRIBUTE_GROUPS(name) \
	static const struct attribute_group *name##_groups[] = { &name##_group, NULL }
#define ATTRIBUTE_GROUPS(name) \
	static const struct attribute_group name##_group = { .attrs = name##_attrs }; \
	__ATTRIBUTE_GROUPS(name)
extern int sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp);
extern void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp);
extern int sysfs_create_file(struct kobject *kobj, const struct attribute *attr);
extern void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr);
#if VMSIM_SINCE(5, 10, 0)
extern int sysfs_emit(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#endif

#endif
