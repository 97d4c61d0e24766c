/* SPDX-License-Identifier: MIT */
/*
 * Devices of the platform bus and their drivers; drivers allocate or embed all of them but the devices that
 * platform_device_alloc() and its kin make. Counterpart: include/linux/platform_device.h, mod_devicetable.h.
 */
#ifndef VMSIM_KAPI_PLATFORM_TYPES_H
#define VMSIM_KAPI_PLATFORM_TYPES_H

#include "device_types.h"

/* The core sees the form since 6.11: a driver's int in the register of a void function is not looked at. */
#ifndef VMSIM_ERA_PLATFORM_REMOVE_T
#define VMSIM_ERA_PLATFORM_REMOVE_T int
#endif

/* vmsim: exact, in linux/mod_devicetable.h */
struct platform_device_id {
	char name[24];
	unsigned long driver_data;
};

/* vmsim: exact, in linux/platform_device.h */
struct platform_device {
	const char *name;
	int id;
	unsigned char id_auto;
	struct device dev;
	unsigned long long platform_dma_mask;
	unsigned int num_resources;
	struct resource *resource;
	const struct platform_device_id *id_entry;
	const char *driver_override;
};

typedef struct {
	int event;
} vmsim_pm_message_t;

/* vmsim: exact, in linux/platform_device.h */
struct platform_driver {
	int (*probe)(struct platform_device *);
	VMSIM_ERA_PLATFORM_REMOVE_T (*remove)(struct platform_device *);
	void (*remove_new)(struct platform_device *); /* 6.3 to 6.12 */
	void (*shutdown)(struct platform_device *); /* never called, as the next two */
	int (*suspend)(struct platform_device *, vmsim_pm_message_t state);
	int (*resume)(struct platform_device *);
	struct device_driver driver;
	const struct platform_device_id *id_table;
	unsigned char prevent_deferred_probe;
};

/* vmsim: exact, in linux/platform_device.h */
struct platform_device_info {
	struct device *parent;
	void *fwnode;
	unsigned char of_node_reused;
	const char *name;
	int id;
	const struct resource *res;
	unsigned int num_res;
	const void *data;
	unsigned long size_data;
	unsigned long long dma_mask;
	const void *properties; /* not looked at */
};

#endif
