/* SPDX-License-Identifier: MIT */
/*
 * Devices that cannot be discovered, and their drivers. Counterpart: include/linux/platform_device.h (in
 * linux/device.h until 2.6.15). vmsim-from: 2.6.0
 */
#ifndef VMSIM_KAPI_LINUX_PLATFORM_DEVICE_H
#define VMSIM_KAPI_LINUX_PLATFORM_DEVICE_H

#include "device.h"
#include "mod_devicetable.h"
#include "pm.h"

/* vmsim: exact, every name of this file */
extern struct bus_type platform_bus_type;
extern struct device platform_bus;
#define PLATFORM_DEVID_NONE (-1)
#define PLATFORM_DEVID_AUTO (-2)
#define to_platform_device(x) container_of((x), struct platform_device, dev)
#define to_platform_driver(drv) container_of((drv), struct platform_driver, driver)
#define platform_get_device_id(pdev) ((pdev)->id_entry)

extern int platform_device_register(struct platform_device *pdev);
extern void platform_device_unregister(struct platform_device *pdev);
extern struct resource *platform_get_resource(struct platform_device *pdev, unsigned int type,
					      unsigned int num);
extern struct resource *platform_get_resource_byname(struct platform_device *pdev,
						     unsigned int type, const char *name);
extern int platform_get_irq(struct platform_device *pdev, unsigned int num);
extern int platform_get_irq_byname(struct platform_device *pdev, const char *name);
#if VMSIM_SINCE(5, 5, 0)
extern int platform_get_irq_optional(struct platform_device *pdev, unsigned int num);
extern int platform_irq_count(struct platform_device *pdev);
#endif
extern int platform_add_devices(struct platform_device **devices, int num);

extern struct platform_device *vmsim_platform_register(const struct platform_device_info *info);

static inline struct platform_device *
platform_device_register_simple(const char *name, int id, const struct resource *res,
				unsigned int num)
{
	struct platform_device_info info = { .name = name, .id = id, .res = res, .num_res = num };

	return vmsim_platform_register(&info);
}

#if VMSIM_SINCE(2, 6, 15)
extern struct platform_device *platform_device_alloc(const char *name, int id);
extern int platform_device_add_resources(struct platform_device *pdev, const struct resource *res,
					 unsigned int num);
extern int platform_device_add_data(struct platform_device *pdev, const void *data, size_t size);
extern int platform_device_add(struct platform_device *pdev);
extern void platform_device_put(struct platform_device *pdev);
extern void platform_device_del(struct platform_device *pdev);
#if VMSIM_SINCE(3, 14, 0)
#define platform_driver_register(drv) __platform_driver_register((drv), THIS_MODULE)
extern int __platform_driver_register(struct platform_driver *drv, struct module *owner);
#define platform_driver_probe(drv, probe) __platform_driver_probe((drv), (probe), THIS_MODULE)
extern int __platform_driver_probe(struct platform_driver *drv,
				   int (*probe)(struct platform_device *), struct module *owner);
#else
extern int platform_driver_register(struct platform_driver *drv);
extern int platform_driver_probe(struct platform_driver *drv,
				 int (*probe)(struct platform_device *));
#endif
extern void platform_driver_unregister(struct platform_driver *drv);
#endif

static inline void *platform_get_drvdata(const struct platform_device *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void platform_set_drvdata(struct platform_device *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

#if VMSIM_SINCE(2, 6, 28)
static inline struct platform_device *
platform_device_register_data(struct device *parent, const char *name, int id, const void *data,
			      size_t size)
{
	struct platform_device_info info = { .parent = parent, .name = name, .id = id,
					     .data = data, .size_data = size };

	return vmsim_platform_register(&info);
}
#endif
#if VMSIM_SINCE(2, 6, 37)
static inline struct platform_device *
platform_device_register_resndata(struct device *parent, const char *name, int id,
				  const struct resource *res, unsigned int num, const void *data,
				  size_t size)
{
	struct platform_device_info info = { .parent = parent, .name = name, .id = id, .res = res,
					     .num_res = num, .data = data, .size_data = size };

	return vmsim_platform_register(&info);
}
#endif
#if VMSIM_SINCE(3, 2, 0)
#define platform_device_register_full(info) vmsim_platform_register(info)
#define module_platform_driver(drv) \
	module_driver(drv, platform_driver_register, platform_driver_unregister)
#endif
#if VMSIM_SINCE(3, 3, 0)
#define module_platform_driver_probe(drv, fn) \
	static int __init drv##_init(void) \
	{ \
		return platform_driver_probe(&(drv), fn); \
	} \
	module_init(drv##_init); \
	static void __exit drv##_exit(void) \
	{ \
		platform_driver_unregister(&(drv)); \
	} \
	module_exit(drv##_exit)
#define builtin_platform_driver(drv) module_platform_driver(drv)
#endif
#if VMSIM_SINCE(5, 1, 0)
extern void __iomem *devm_platform_ioremap_resource(struct platform_device *pdev,
						    unsigned int index);
#endif
#if VMSIM_SINCE(5, 7, 0)
extern void __iomem *devm_platform_ioremap_resource_byname(struct platform_device *pdev,
							   const char *name);
extern void __iomem *devm_platform_get_and_ioremap_resource(struct platform_device *pdev,
							    unsigned int index,
							    struct resource **res);
#endif

#endif
