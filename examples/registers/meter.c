// SPDX-License-Identifier: MIT
/*
 * The meter: its page of registers is mapped uncached into the program; its interrupt is
 * acknowledged and counted here.
 */
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "meter.h"

static void __iomem *regs;
static atomic_t irqs = ATOMIC_INIT(0);

static irqreturn_t meter_irq(int irq, void *dev_id)
{
	if (!(readl(regs + METER_STATUS) & METER_STATUS_IRQ))
		return IRQ_NONE;
	writel(METER_STATUS_IRQ, regs + METER_STATUS);
	atomic_inc(&irqs);
	return IRQ_HANDLED;
}

static int meter_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (vma->vm_pgoff || size > METER_SIZE)
		return -EINVAL;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return io_remap_pfn_range(vma, vma->vm_start, METER_BASE >> PAGE_SHIFT, size,
				  vma->vm_page_prot);
}

static long meter_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case METER_READ:
		if (arg >= METER_SIZE || arg & 3)
			return -EINVAL;
		return readl(regs + arg);
	case METER_IRQS:
		return atomic_read(&irqs);
	}
	return -ENOTTY;
}

static const struct file_operations meter_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = meter_ioctl,
	.mmap = meter_mmap,
};

static struct miscdevice meter = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "meter",
	.fops = &meter_fops,
};

static int __init meter_init(void)
{
	int err;

	if (!request_mem_region(METER_BASE, METER_SIZE, "meter"))
		return -EBUSY;
	regs = ioremap(METER_BASE, METER_SIZE);
	err = -ENOMEM;
	if (!regs)
		goto release;
	err = -ENODEV;
	if (readl(regs + METER_ID) != METER_ID_VALUE)
		goto unmap;
	err = request_irq(METER_IRQ, meter_irq, 0, "meter", NULL);
	if (err)
		goto unmap;
	err = misc_register(&meter);
	if (err)
		goto drop_irq;
	return 0;

drop_irq:
	free_irq(METER_IRQ, NULL);
unmap:
	iounmap(regs);
release:
	release_mem_region(METER_BASE, METER_SIZE);
	return err;
}

static void __exit meter_exit(void)
{
	misc_deregister(&meter);
	free_irq(METER_IRQ, NULL);
	iounmap(regs);
	release_mem_region(METER_BASE, METER_SIZE);
}

module_init(meter_init);
module_exit(meter_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A device's registers, mapped");
