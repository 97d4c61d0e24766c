// SPDX-License-Identifier: MIT
/*
 * A driver of the platform bus: registers, an interrupt, attributes, and managed resources that say when they go. Test
 * driver, Linux 2.6.32 to 6.12.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mod_devicetable.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>

#define METER_VALUE 0x00
#define METER_LIMIT 0x04
#define METER_STATUS 0x08

#ifndef EPROBE_DEFER
#define EPROBE_DEFER 517
#endif

struct meter {
	void __iomem *regs;
	int irq;
	unsigned int interrupts;
	unsigned long kind;
};

/* What probe does: 0 binds, else its errno. */
static int refuse;
module_param(refuse, int, 0644);
MODULE_PARM_DESC(refuse, "errno of probe");

static irqreturn_t meter_irq(int irq, void *data)
{
	struct meter *meter = data;

	if (!(ioread32(meter->regs + METER_STATUS) & 1))
		return IRQ_NONE;
	iowrite32(1, meter->regs + METER_STATUS);
	meter->interrupts++;
	return IRQ_HANDLED;
}

static ssize_t value_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct meter *meter = dev_get_drvdata(dev);

	return sprintf(buf, "%u\n", ioread32(meter->regs + METER_VALUE));
}

static ssize_t limit_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	struct meter *meter = dev_get_drvdata(dev);
	unsigned long limit = simple_strtoul(buf, NULL, 0);

	if (limit > 1000)
		return -ERANGE;
	iowrite32(limit, meter->regs + METER_LIMIT);
	return count;
}

static ssize_t interrupts_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct meter *meter = dev_get_drvdata(dev);

	return sprintf(buf, "%u %lu\n", meter->interrupts, meter->kind);
}

static DEVICE_ATTR(value, S_IRUGO, value_show, NULL);
static DEVICE_ATTR(limit, S_IWUSR, NULL, limit_store);
static DEVICE_ATTR(interrupts, S_IRUGO, interrupts_show, NULL);

static struct attribute *meter_attrs[] = {
	&dev_attr_value.attr,
	&dev_attr_limit.attr,
	&dev_attr_interrupts.attr,
	NULL,
};

static const struct attribute_group meter_group = { .attrs = meter_attrs };

#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 14, 0)
static void meter_gone(void *data)
{
	pr_info("plat_meter: %s released\n", (char *)data);
}
#endif

static int meter_probe(struct platform_device *pdev)
{
	struct meter *meter;
	struct resource *res;
	int ret;

	dev_info(&pdev->dev, "probe\n");
	if (refuse)
		return -refuse;
	meter = devm_kzalloc(&pdev->dev, sizeof(*meter), GFP_KERNEL);
	if (!meter)
		return -ENOMEM;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 14, 0)
	ret = devm_add_action(&pdev->dev, meter_gone, "first");
	if (ret)
		return ret;
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 7, 0)
	meter->regs = devm_platform_get_and_ioremap_resource(pdev, 0, &res);
	if (IS_ERR(meter->regs))
		return PTR_ERR(meter->regs);
#else
	res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	if (!res)
		return -ENXIO;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 9, 0)
	meter->regs = devm_ioremap_resource(&pdev->dev, res);
	if (IS_ERR(meter->regs))
		return PTR_ERR(meter->regs);
#else
	meter->regs = devm_ioremap(&pdev->dev, res->start, resource_size(res));
	if (!meter->regs)
		return -ENOMEM;
#endif
#endif
	if (resource_size(res) < 0x10)
		return -EINVAL;
	meter->irq = platform_get_irq(pdev, 0);
	if (meter->irq < 0)
		return meter->irq;
	ret = devm_request_irq(&pdev->dev, meter->irq, meter_irq, IRQF_SHARED, "plat_meter", meter);
	if (ret)
		return ret;
	if (platform_get_device_id(pdev))
		meter->kind = platform_get_device_id(pdev)->driver_data;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 14, 0)
	ret = devm_add_action(&pdev->dev, meter_gone, "last");
	if (ret)
		return ret;
#endif
	platform_set_drvdata(pdev, meter);
	return sysfs_create_group(&pdev->dev.kobj, &meter_group);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static void meter_remove(struct platform_device *pdev)
#else
static int meter_remove(struct platform_device *pdev)
#endif
{
	struct meter *meter = platform_get_drvdata(pdev);

	sysfs_remove_group(&pdev->dev.kobj, &meter_group);
	dev_info(&pdev->dev, "remove after %u interrupts\n", meter->interrupts);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	return 0;
#endif
}

static const struct platform_device_id meter_ids[] = {
	{ "meter", 1 },
	{ "fine-meter", 2 },
	{ }
};
MODULE_DEVICE_TABLE(platform, meter_ids);

static struct platform_driver meter_driver = {
	.probe = meter_probe,
	.remove = meter_remove,
	.id_table = meter_ids,
	.driver = {
		.name = "plat_meter",
		.owner = THIS_MODULE,
	},
};

static int __init meter_init(void)
{
	return platform_driver_register(&meter_driver);
}

static void __exit meter_exit(void)
{
	platform_driver_unregister(&meter_driver);
}

module_init(meter_init);
module_exit(meter_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A meter on the platform bus");
