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
struct class_attribute;
struct dev_pm_ops;
struct device;
struct device_driver;
struct file;
struct kobj_uevent_env;
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

/* How the era's drivers spell these; the core sees the newest form. */
#ifndef VMSIM_ERA_DEV_CONST
#define VMSIM_ERA_DEV_CONST const
#endif
#ifndef VMSIM_ERA_BUS_CONST
#define VMSIM_ERA_BUS_CONST const
#define VMSIM_ERA_MATCH_CONST const
#define VMSIM_ERA_BUS_REMOVE_T void
#define VMSIM_ERA_CLASS_ATTR_ARGS \
	const struct VMSIM_KW(class) *cls, const struct class_attribute *attr
#endif

struct driver_attribute {
	struct attribute attr;
	long (*show)(struct device_driver *driver, char *buf);
	long (*store)(struct device_driver *driver, const char *buf, unsigned long count);
};

struct bus_attribute {
	struct attribute attr;
	long (*show)(VMSIM_ERA_BUS_CONST struct bus_type *bus, char *buf);
	long (*store)(VMSIM_ERA_BUS_CONST struct bus_type *bus, const char *buf, unsigned long count);
};

struct class_attribute {
	struct attribute attr;
	long (*show)(VMSIM_ERA_CLASS_ATTR_ARGS, char *buf);
	long (*store)(VMSIM_ERA_CLASS_ATTR_ARGS, const char *buf, unsigned long count);
};

struct of_device_id {
	char name[32];
	char type[32];
	char compatible[128];
	const void *data;
};

struct bus_type {
	const char *name;
	const char *dev_name;
	const struct attribute_group **bus_groups; /* since 3.12, with the next two */
	const struct attribute_group **dev_groups;
	const struct attribute_group **drv_groups;
	int (*match)(struct device *dev, VMSIM_ERA_MATCH_CONST struct device_driver *drv);
	int (*uevent)(VMSIM_ERA_DEV_CONST struct device *dev, struct kobj_uevent_env *env); /* never called */
	int (*probe)(struct device *dev);
	VMSIM_ERA_BUS_REMOVE_T (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev); /* never called */
	const struct dev_pm_ops *pm;
};

enum probe_type { PROBE_DEFAULT_STRATEGY, PROBE_PREFER_ASYNCHRONOUS, PROBE_FORCE_SYNCHRONOUS };

struct device_driver {
	const char *name;
	VMSIM_ERA_BUS_CONST struct bus_type *bus;
	struct module *owner;
	const char *mod_name;
	unsigned char suppress_bind_attrs;
	enum probe_type probe_type;
	const struct of_device_id *of_match_table;
	const void *acpi_match_table;
	int (*probe)(struct device *dev);
	int (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev); /* never called */
	const struct attribute_group **groups;
	const struct attribute_group **dev_groups; /* since 5.4 */
	const struct dev_pm_ops *pm;
	void *core; /* vmsim's own, NULL until registered */
};

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
	VMSIM_ERA_BUS_CONST struct bus_type *bus;
	struct device_driver *driver;
	const void *type; /* never looked at */
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
	void *fwnode;
	const char *compatible; /* vmsim's own: what of_match_table is compared with */
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
