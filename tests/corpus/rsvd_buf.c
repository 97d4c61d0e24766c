// SPDX-License-Identifier: MIT
/*
 * Sixteen kilobytes of kmalloc'ed memory, marked reserved and given to programs by remap_pfn_range(). The offset of a
 * mapping chooses where it starts. read() gives the same bytes. In the style of the older sample drivers.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "rsvd_buf.h"

#define BUF_PAGES 4
#define BUF_SIZE (BUF_PAGES * PAGE_SIZE)

static char *buffer;
static bool half;

static void rsvd_mark(bool reserved)
{
	int i;

	for (i = 0; i < BUF_PAGES; i++) {
		struct page *page = virt_to_page(buffer + i * PAGE_SIZE);

		if (reserved)
			SetPageReserved(page);
		else
			ClearPageReserved(page);
	}
}

static int rsvd_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;
	unsigned long offset = vma->vm_pgoff << PAGE_SHIFT;

	if (offset >= BUF_SIZE || size > BUF_SIZE - offset)
		return -EINVAL;
	if (half)
		size /= 2;
	return remap_pfn_range(vma, vma->vm_start, (virt_to_phys(buffer) + offset) >> PAGE_SHIFT, size,
			       vma->vm_page_prot);
}

static ssize_t rsvd_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	return simple_read_from_buffer(to, count, ppos, buffer, BUF_SIZE);
}

static long rsvd_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long sum = 0;
	int i;

	switch (cmd) {
	case RSVD_SUM:
		for (i = 0; i < BUF_SIZE; i++)
			sum += (unsigned char)buffer[i];
		return sum;
	case RSVD_HALF:
		half = arg;
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations rsvd_fops = {
	.owner = THIS_MODULE,
	.read = rsvd_read,
	.llseek = default_llseek,
	.mmap = rsvd_mmap,
	.unlocked_ioctl = rsvd_ioctl,
};

static struct miscdevice rsvd_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rsvd_buf",
	.fops = &rsvd_fops,
	.mode = 0666,
};

static int __init rsvd_init(void)
{
	int err;

	buffer = kzalloc(BUF_SIZE, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	rsvd_mark(true);
	strcpy(buffer, "kmalloc");
	err = misc_register(&rsvd_device);
	if (err) {
		rsvd_mark(false);
		kfree(buffer);
	}
	return err;
}

static void __exit rsvd_exit(void)
{
	misc_deregister(&rsvd_device);
	rsvd_mark(false);
	kfree(buffer);
}

module_init(rsvd_init);
module_exit(rsvd_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("kmalloc'ed memory in programs");
