// SPDX-License-Identifier: MIT
/*
 * Physical memory mapped in two ways, by two minors: 0 all at once with remap_pfn_range(), 1 page
 * by page with nopage. The file offset is the physical address. Test driver, Linux 2.6.10.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/fs.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/mm.h>
#include <linux/kdev_t.h>
#include <linux/cdev.h>
#include <linux/fcntl.h>
#include <asm/page.h>

static int major;
module_param(major, int, 0);

static void area_open(struct vm_area_struct *vma)
{
	printk(KERN_NOTICE "simple26: open, virt %lx, phys %lx\n", vma->vm_start,
	       vma->vm_pgoff << PAGE_SHIFT);
}

static void area_close(struct vm_area_struct *vma)
{
	printk(KERN_NOTICE "simple26: close\n");
}

static struct vm_operations_struct at_once_ops = {
	.open = area_open,
	.close = area_close,
};

static int at_once_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, vma->vm_end - vma->vm_start,
			    vma->vm_page_prot))
		return -EAGAIN;
	vma->vm_ops = &at_once_ops;
	area_open(vma);
	return 0;
}

static struct page *by_page_nopage(struct vm_area_struct *vma, unsigned long address, int *type)
{
	unsigned long physical = address - vma->vm_start + (vma->vm_pgoff << PAGE_SHIFT);
	unsigned long frame = physical >> PAGE_SHIFT;
	struct page *page;

	if (!pfn_valid(frame))
		return NOPAGE_SIGBUS;
	page = pfn_to_page(frame);
	get_page(page);
	if (type)
		*type = VM_FAULT_MINOR;
	return page;
}

static struct vm_operations_struct by_page_ops = {
	.open = area_open,
	.close = area_close,
	.nopage = by_page_nopage,
};

static int by_page_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long physical = vma->vm_pgoff << PAGE_SHIFT;

	if (physical >= __pa(high_memory) || (filp->f_flags & O_SYNC))
		vma->vm_flags |= VM_IO;
	vma->vm_flags |= VM_RESERVED;
	vma->vm_ops = &by_page_ops;
	area_open(vma);
	return 0;
}

static int open(struct inode *inode, struct file *filp)
{
	return 0;
}

static int release(struct inode *inode, struct file *filp)
{
	return 0;
}

static struct file_operations minor_ops[2] = {
	{
		.owner = THIS_MODULE,
		.open = open,
		.release = release,
		.mmap = at_once_mmap,
	}, {
		.owner = THIS_MODULE,
		.open = open,
		.release = release,
		.mmap = by_page_mmap,
	},
};

static struct cdev minors[2];

static int simple26_init(void)
{
	dev_t first = MKDEV(major, 0);
	int i, result;

	if (major)
		result = register_chrdev_region(first, 2, "simple26");
	else
		result = alloc_chrdev_region(&first, 0, 2, "simple26");
	if (result < 0) {
		printk(KERN_WARNING "simple26: no major\n");
		return result;
	}
	major = MAJOR(first);

	for (i = 0; i < 2; i++) {
		cdev_init(&minors[i], &minor_ops[i]);
		minors[i].owner = THIS_MODULE;
		result = cdev_add(&minors[i], MKDEV(major, i), 1);
		if (result)
			printk(KERN_NOTICE "simple26: error %d adding minor %d\n", result, i);
	}
	return 0;
}

static void simple26_cleanup(void)
{
	cdev_del(&minors[0]);
	cdev_del(&minors[1]);
	unregister_chrdev_region(MKDEV(major, 0), 2);
}

module_init(simple26_init);
module_exit(simple26_cleanup);
MODULE_LICENSE("Dual BSD/GPL");
