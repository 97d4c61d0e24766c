// SPDX-License-Identifier: MIT
/*
 * Devices and a bus of a driver's own: platform devices made in four ways, a bus with a device and a driver on it,
 * attributes of bus, driver and class. Test driver, Linux 6.12 and 5.10.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/slab.h>
#include <linux/version.h>

/* --- platform devices and the driver of one of them --- */

static const struct resource board_res[] = {
	DEFINE_RES_MEM_NAMED(0xfec10000, 0x100, "registers"),
	DEFINE_RES_IRQ(11),
};

static struct platform_device *simple, *full, *piecemeal;

static void static_release(struct device *dev)
{
	pr_info("plat_board: static device released\n");
}

static struct platform_device fixed = {
	.name = "board-fixed",
	.id = PLATFORM_DEVID_NONE,
	.dev = { .release = static_release },
};

static int board_probe(struct platform_device *pdev)
{
	const char *data = dev_get_platdata(&pdev->dev);
	struct resource *res = platform_get_resource_byname(pdev, IORESOURCE_MEM, "registers");

	dev_info(&pdev->dev, "data %s, registers %s, irq %d, match %s\n", data ? data : "none",
		 res ? "named" : "none", platform_get_irq_optional(pdev, 0),
		 (const char *)device_get_match_data(&pdev->dev));
	return 0;
}

static const struct of_device_id board_of[] = {
	{ .compatible = "vmsim,board-1", .data = "one" },
	{ .compatible = "vmsim,board-2", .data = "two" },
	{ }
};
MODULE_DEVICE_TABLE(of, board_of);

static struct platform_driver board_driver = {
	.probe = board_probe,
	.driver = { .name = "board-full", .of_match_table = board_of },
};

/* --- a bus of its own --- */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static int own_match(struct device *dev, const struct device_driver *drv)
#else
static int own_match(struct device *dev, struct device_driver *drv)
#endif
{
	return !strncmp(dev_name(dev), drv->name, strlen(drv->name));
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
static ssize_t version_show(const struct bus_type *bus, char *buf)
#else
static ssize_t version_show(struct bus_type *bus, char *buf)
#endif
{
	return sprintf(buf, "%s 1.0\n", bus->name);
}
static BUS_ATTR_RO(version);

static struct attribute *own_bus_attrs[] = { &bus_attr_version.attr, NULL };
ATTRIBUTE_GROUPS(own_bus);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
static const struct bus_type own_bus = {
#else
static struct bus_type own_bus = {
#endif
	.name = "ownbus",
	.match = own_match,
	.bus_groups = own_bus_groups,
};

static int own_probe(struct device *dev)
{
	dev_info(dev, "probe by %s\n", dev->driver->name);
	return 0;
}

static int own_remove(struct device *dev)
{
	dev_info(dev, "remove by %s\n", dev->driver->name);
	return 0;
}

static int level = 3;

static ssize_t level_show(struct device_driver *drv, char *buf)
{
	return sprintf(buf, "%d\n", level);
}

static ssize_t level_store(struct device_driver *drv, const char *buf, size_t count)
{
	return kstrtoint(buf, 0, &level) ?: count;
}
static DRIVER_ATTR_RW(level);

static struct attribute *own_driver_attrs[] = { &driver_attr_level.attr, NULL };
ATTRIBUTE_GROUPS(own_driver);

static struct device_driver own_driver = {
	.name = "thing",
	.bus = &own_bus,
	.probe = own_probe,
	.remove = own_remove,
	.groups = own_driver_groups,
};

static struct device *things[2];

static void thing_release(struct device *dev)
{
	kfree(dev);
}

static int count_one(struct device *dev, void *data)
{
	++*(int *)data;
	return 0;
}

static int make_thing(int index)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->bus = &own_bus;
	dev->parent = index ? things[0] : NULL;
	dev->release = thing_release;
	dev_set_name(dev, "thing%d", index);
	ret = device_register(dev);
	if (ret) {
		put_device(dev);
		return ret;
	}
	things[index] = dev;
	return 0;
}

/* --- a class with a file --- */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
static ssize_t count_show(const struct class *cls, const struct class_attribute *attr, char *buf)
#else
static ssize_t count_show(struct class *cls, struct class_attribute *attr, char *buf)
#endif
{
	int on_bus = 0, children = 0, bound = 0;

	bus_for_each_dev(&own_bus, NULL, &on_bus, count_one);
	device_for_each_child(things[0], &children, count_one);
	driver_for_each_device(&own_driver, NULL, &bound, count_one);
	return sprintf(buf, "%s %s: %d %d %d\n", cls->name, attr->attr.name, on_bus, children, bound);
}
static CLASS_ATTR_RO(count);

static struct attribute *own_class_attrs[] = { &class_attr_count.attr, NULL };
ATTRIBUTE_GROUPS(own_class);

static struct class own_class = {
	.name = "ownclass",
	.class_groups = own_class_groups,
};

static int __init board_init_devices(void)
{
	struct platform_device_info info = {
		.name = "board-full",
		.id = PLATFORM_DEVID_AUTO,
		.res = board_res,
		.num_res = ARRAY_SIZE(board_res),
		.data = "hello",
		.size_data = 6,
	};
	int ret;

	simple = platform_device_register_simple("board-simple", 7, NULL, 0);
	if (IS_ERR(simple))
		return PTR_ERR(simple);
	full = platform_device_register_full(&info);
	if (IS_ERR(full))
		return PTR_ERR(full);
	piecemeal = platform_device_alloc("board-full", 5);
	if (!piecemeal)
		return -ENOMEM;
	ret = platform_device_add_data(piecemeal, "five", 5);
	if (!ret)
		ret = platform_device_add(piecemeal);
	if (!ret)
		ret = platform_device_register(&fixed);
	return ret;
}

static int __init board_init(void)
{
	int ret = platform_driver_register(&board_driver);

	if (!ret)
		ret = board_init_devices();
	if (!ret)
		ret = class_register(&own_class);
	if (!ret)
		ret = bus_register(&own_bus);
	if (!ret)
		ret = make_thing(0);
	if (!ret)
		ret = driver_register(&own_driver);
	if (!ret)
		ret = make_thing(1);
	return ret;
}

static void __exit board_exit(void)
{
	device_unregister(things[1]);
	driver_unregister(&own_driver);
	device_unregister(things[0]);
	bus_unregister(&own_bus);
	class_unregister(&own_class);
	platform_device_unregister(&fixed);
	platform_device_unregister(piecemeal);
	platform_device_unregister(full);
	platform_device_unregister(simple);
	platform_driver_unregister(&board_driver);
}

module_init(board_init);
module_exit(board_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Devices and a bus of its own");
