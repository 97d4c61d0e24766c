/* SPDX-License-Identifier: MIT */
/*
 * The driver model's structs as drivers and the core share them; drivers allocate or embed all
 * but struct device's made by device_create(). Counterpart: include/linux/kobject.h, sysfs.h,
 * device.h, ioport.h.
 */
#ifndef VMSIM_KAPI_DEVICE_TYPES_H
#define VMSIM_KAPI_DEVICE_TYPES_H

#include "base_types.h"

struct bus_type;
struct VMSIM_KW(class);
struct device;
struct device_driver;
struct file;
struct module;
struct vm_area_struct;

/* vmsim: simplified: the fields that drivers use, every name of this file */
struct kobject {
	const char *name;
	struct list_head entry;
	struct kobject *parent;
	const void *ktype;
	vmsim_atomic_t refs;
	unsigned int state;
	void *core; /* vmsim's own */
};

/* vmsim: simplified: the fields that drivers use, in linux/sysfs.h */
struct attribute {
	const char *name;
	vmsim_umode_t mode;
};

/* vmsim: simplified: the fields that drivers use, in linux/sysfs.h */
struct bin_attribute {
	struct attribute attr;
	unsigned long size;
	void *VMSIM_KW(private);
	long (*read)(struct file *, struct kobject *, struct bin_attribute *, char *, vmsim_loff_t,
		     unsigned long);
	long (*write)(struct file *, struct kobject *, struct bin_attribute *, char *, vmsim_loff_t,
		      unsigned long);
	int (*mmap)(struct file *, struct kobject *, struct bin_attribute *, struct vm_area_struct *);
};

/* vmsim: simplified: the fields that drivers use, in linux/sysfs.h */
struct attribute_group {
	const char *name;
	vmsim_umode_t (*is_visible)(struct kobject *, struct attribute *, int);
	struct attribute **attrs;
	struct bin_attribute **bin_attrs;
};

/* vmsim: exact, in linux/device.h */
struct device_attribute {
	struct attribute attr;
	long (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	long (*store)(struct device *dev, struct device_attribute *attr, const char *buf,
		      unsigned long count);
};

#ifndef VMSIM_ERA_DEV_CONST
#define VMSIM_ERA_DEV_CONST const
#endif

/* vmsim: simplified: the fields that drivers use, in linux/device/class.h */
struct VMSIM_KW(class) {
	const char *name;
	struct module *owner; /* until 6.4 */
	const struct attribute_group **class_groups;
	const struct attribute_group **dev_groups;
	char *(*devnode)(VMSIM_ERA_DEV_CONST struct device *dev, vmsim_umode_t *mode);
	void (*class_release)(VMSIM_ERA_DEV_CONST struct VMSIM_KW(class) *cls);
	void (*dev_release)(struct device *dev);
	void *core; /* vmsim's own, NULL until registered */
};

/* vmsim: simplified: the fields that drivers use, in linux/device.h */
struct device {
	struct kobject kobj;
	struct device *parent;
	const char *init_name;
	struct bus_type *bus;
	struct device_driver *driver;
	void *platform_data;
	void *driver_data;
	vmsim_dev_t devt;
	unsigned int id;
	struct VMSIM_KW(class) *VMSIM_KW(class);
	const struct attribute_group **groups;
	void (*release)(struct device *dev);
	unsigned long long *dma_mask;
	unsigned long long coherent_dma_mask;
	struct list_head devres_head;
	void *of_node;
	void *core; /* vmsim's own, NULL until registered */
};

/* vmsim: exact, in linux/ioport.h */
struct resource {
	vmsim_phys_addr_t start;
	vmsim_phys_addr_t end; /* inclusive */
	const char *name;
	unsigned long flags;
	unsigned long desc;
	struct resource *parent, *sibling, *child;
};

#endif
