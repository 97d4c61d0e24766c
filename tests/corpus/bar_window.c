// SPDX-License-Identifier: MIT
/*
 * A window on a card's memory by vm_iomap_memory(): two regions, three pages and one that does not end on a page. A
 * debugger reaches them through .access; here an ioctl stands for it. In the style of drivers for measuring cards.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "bar_window.h"

struct bar_region {
	phys_addr_t start;
	unsigned long size;
};

static const struct bar_region regions[2] = {
	{ 0x10200000, 0x3000 },
	{ 0x10280000, 0x0800 },
};

static const struct vm_operations_struct bar_vm_ops = {
	.access = generic_access_phys,
};

static int bar_mmap(struct file *filp, struct vm_area_struct *vma)
{
	const struct bar_region *region = &regions[0];

	/* The second region stands behind the first, with a gap of one page. */
	if (vma->vm_pgoff >= 4) {
		vma->vm_pgoff -= 4;
		region = &regions[1];
	}
	vma->vm_ops = &bar_vm_ops;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return vm_iomap_memory(vma, region->start, region->size);
}

static long bar_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct bar_peek __user *user = (void __user *)arg;
	struct bar_peek peek;
	long done;

	if (cmd != BAR_PEEK)
		return -ENOTTY;
	if (copy_from_user(&peek, user, sizeof(peek)))
		return -EFAULT;
	done = access_process_vm(current, peek.address, &peek.value, sizeof(peek.value),
				 peek.write ? FOLL_WRITE | FOLL_FORCE : FOLL_FORCE);
	if (copy_to_user(user, &peek, sizeof(peek)))
		return -EFAULT;
	return done;
}

static const struct file_operations bar_fops = {
	.owner = THIS_MODULE,
	.mmap = bar_mmap,
	.unlocked_ioctl = bar_ioctl,
};

static struct miscdevice bar_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bar_window",
	.fops = &bar_fops,
	.mode = 0666,
};

static int __init bar_fill(int nr)
{
	void *memory;

	if (!request_mem_region(regions[nr].start, regions[nr].size, "bar_window"))
		return -EBUSY;
	memory = memremap(regions[nr].start, regions[nr].size, MEMREMAP_WB);
	if (!memory) {
		release_mem_region(regions[nr].start, regions[nr].size);
		return -ENOMEM;
	}
	memset(memory, 0x10 * (nr + 1), regions[nr].size);
	memunmap(memory);
	return 0;
}

static int __init bar_init(void)
{
	int err;

	err = bar_fill(0);
	if (err)
		return err;
	err = bar_fill(1);
	if (err)
		goto release_first;
	err = misc_register(&bar_device);
	if (err)
		goto release_second;
	return 0;
release_second:
	release_mem_region(regions[1].start, regions[1].size);
release_first:
	release_mem_region(regions[0].start, regions[0].size);
	return err;
}

static void __exit bar_exit(void)
{
	misc_deregister(&bar_device);
	release_mem_region(regions[1].start, regions[1].size);
	release_mem_region(regions[0].start, regions[0].size);
}

module_init(bar_init);
module_exit(bar_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("two windows of a card");
