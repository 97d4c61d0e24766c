// SPDX-License-Identifier: MIT
/*
 * A device's registers mapped for a program with io_remap_pfn_range() or vm_iomap_memory(), and
 * read and written by the kernel through ioremap(). Where the device is and its interrupt are
 * parameters. Test driver, Linux 6.12.
 */
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "regs_map.h"

static unsigned long base;
module_param(base, ulong, 0444);
MODULE_PARM_DESC(base, "Bus address of the registers");

static unsigned long size = PAGE_SIZE;
module_param(size, ulong, 0444);
MODULE_PARM_DESC(size, "Size of the registers in bytes");

static int irq = -1;
module_param(irq, int, 0444);

static bool simple_way;
module_param(simple_way, bool, 0444);
MODULE_PARM_DESC(simple_way, "Use vm_iomap_memory()");

static void __iomem *regs;
static atomic_t irqs = ATOMIC_INIT(0);

static irqreturn_t regs_map_irq(int number, void *dev_id)
{
	atomic_inc(&irqs);
	return IRQ_HANDLED;
}

static const struct vm_operations_struct regs_map_vm_ops = {
	.access = generic_access_phys,
};

static int regs_map_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long in_device = vma->vm_pgoff << PAGE_SHIFT;
	unsigned long length = vma->vm_end - vma->vm_start;

	vma->vm_ops = &regs_map_vm_ops;
	if (simple_way)
		return vm_iomap_memory(vma, base, size);

	if (vma->vm_pgoff >= PAGE_ALIGN(size) >> PAGE_SHIFT ||
	    length > PAGE_ALIGN(size) - in_device)
		return -EINVAL;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return io_remap_pfn_range(vma, vma->vm_start, (base + in_device) >> PAGE_SHIFT, length,
				  vma->vm_page_prot);
}

static long regs_map_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct regs_map_access access;

	if (cmd == REGS_MAP_IRQS)
		return atomic_read(&irqs);
	if (cmd != REGS_MAP_READ && cmd != REGS_MAP_WRITE)
		return -ENOTTY;
	if (copy_from_user(&access, (void __user *)arg, sizeof(access)))
		return -EFAULT;
	if (access.offset >= size || access.offset & 3)
		return -EINVAL;

	if (cmd == REGS_MAP_WRITE) {
		writel(access.value, regs + access.offset);
		return 0;
	}
	access.value = readl(regs + access.offset);
	return copy_to_user((void __user *)arg, &access, sizeof(access)) ? -EFAULT : 0;
}

static const struct file_operations regs_map_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = regs_map_ioctl,
	.mmap = regs_map_mmap,
};

static struct miscdevice regs_map_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "regs_map",
	.fops = &regs_map_fops,
};

static int __init regs_map_init(void)
{
	int ret;

	if (!base || !size)
		return -EINVAL;
	if (!request_mem_region(base, size, "regs_map"))
		return -EBUSY;
	regs = ioremap(base, size);
	if (!regs) {
		ret = -ENOMEM;
		goto release;
	}
	if (irq >= 0) {
		ret = request_irq(irq, regs_map_irq, IRQF_SHARED, "regs_map", &regs_map_dev);
		if (ret)
			goto unmap;
	}
	ret = misc_register(&regs_map_dev);
	if (ret)
		goto drop_irq;
	return 0;

drop_irq:
	if (irq >= 0)
		free_irq(irq, &regs_map_dev);
unmap:
	iounmap(regs);
release:
	release_mem_region(base, size);
	return ret;
}

static void __exit regs_map_exit(void)
{
	misc_deregister(&regs_map_dev);
	if (irq >= 0)
		free_irq(irq, &regs_map_dev);
	iounmap(regs);
	release_mem_region(base, size);
}

module_init(regs_map_init);
module_exit(regs_map_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Registers mapped into a program");
