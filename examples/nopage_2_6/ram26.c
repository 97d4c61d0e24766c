// SPDX-License-Identifier: MIT
/*
 * A page of ordinary RAM mapped with remap_pfn_range(), which 2.6 does only for pages that are
 * reserved. Parameter reserve=1 marks it so. Linux 2.6.10.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/cdev.h>
#include <asm/io.h>
#include <asm/page.h>

static int reserve;
module_param(reserve, int, 0);

static dev_t devno;
static struct cdev cdev;
static unsigned long buffer; /* one page of low memory */

static int ram26_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start > PAGE_SIZE)
		return -EINVAL;
	if (remap_pfn_range(vma, vma->vm_start, virt_to_phys((void *)buffer) >> PAGE_SHIFT,
			    vma->vm_end - vma->vm_start, vma->vm_page_prot))
		return -EAGAIN;
	return 0;
}

static struct file_operations ram26_fops = {
	.owner = THIS_MODULE,
	.mmap = ram26_mmap,
};

static void ram26_free(void)
{
	if (reserve)
		ClearPageReserved(virt_to_page(buffer));
	free_page(buffer);
}

static int __init ram26_init(void)
{
	int err;

	buffer = get_zeroed_page(GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	if (reserve)
		SetPageReserved(virt_to_page(buffer));
	strcpy((char *)buffer, "the driver's text");

	err = alloc_chrdev_region(&devno, 0, 1, "ram26");
	if (err)
		goto fail;
	cdev_init(&cdev, &ram26_fops);
	cdev.owner = THIS_MODULE;
	err = cdev_add(&cdev, devno, 1);
	if (err)
		goto fail_region;
	return 0;

fail_region:
	unregister_chrdev_region(devno, 1);
fail:
	ram26_free();
	return err;
}

static void __exit ram26_exit(void)
{
	cdev_del(&cdev);
	unregister_chrdev_region(devno, 1);
	ram26_free();
}

module_init(ram26_init);
module_exit(ram26_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("RAM mapped with remap_pfn_range in 2.6");
