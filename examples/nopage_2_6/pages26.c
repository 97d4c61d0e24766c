// SPDX-License-Identifier: MIT
/*
 * Device memory of single pages, shown to programs one by one: the nopage handler of 2.6 returns
 * the struct page that belongs to an address, with a reference. While somebody maps the device its
 * pages stay. Linux 2.6.10.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/cdev.h>
#include <asm/page.h>
#include <asm/semaphore.h>

#include "pages26.h"

static dev_t devno;
static struct cdev cdev;
static struct semaphore sem; /* protects what follows */
static int vmas;
static struct page *page[PAGES26_PAGES];

static void pages26_vma_open(struct vm_area_struct *vma)
{
	down(&sem);
	vmas++;
	up(&sem);
}

static void pages26_vma_close(struct vm_area_struct *vma)
{
	down(&sem);
	vmas--;
	up(&sem);
}

static struct page *pages26_vma_nopage(struct vm_area_struct *vma, unsigned long address,
				       int *type)
{
	unsigned long index = ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
	struct page *found = NOPAGE_SIGBUS;

	down(&sem);
	if (index < PAGES26_PAGES) {
		found = page[index];
		get_page(found); /* the mapping's own reference; it puts it */
		if (type)
			*type = VM_FAULT_MINOR;
	}
	up(&sem);
	return found;
}

static struct vm_operations_struct pages26_vm_ops = {
	.open = pages26_vma_open,
	.close = pages26_vma_close,
	.nopage = pages26_vma_nopage,
};

static int pages26_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vma->vm_ops = &pages26_vm_ops;
	vma->vm_flags |= VM_RESERVED; /* not to be swapped out */
	pages26_vma_open(vma); /* the kernel does not call it for the first area */
	return 0;
}

static int pages26_ioctl(struct inode *inode, struct file *filp, unsigned int cmd,
			 unsigned long arg)
{
	switch (cmd) {
	case PAGES26_VMAS:
		return vmas;
	case PAGES26_COUNT:
		return arg < PAGES26_PAGES ? page_count(page[arg]) : -EINVAL;
	}
	return -ENOTTY;
}

static struct file_operations pages26_fops = {
	.owner = THIS_MODULE,
	.ioctl = pages26_ioctl,
	.mmap = pages26_mmap,
};

static void pages26_free(void)
{
	int i;

	for (i = 0; i < PAGES26_PAGES; i++)
		if (page[i])
			__free_page(page[i]);
}

static int __init pages26_init(void)
{
	int i, err = -ENOMEM;

	init_MUTEX(&sem);
	for (i = 0; i < PAGES26_PAGES; i++) {
		page[i] = alloc_page(GFP_KERNEL);
		if (!page[i])
			goto fail;
		memset(page_address(page[i]), 0, PAGE_SIZE);
		sprintf(page_address(page[i]), "page %d of the device", i);
	}
	err = alloc_chrdev_region(&devno, 0, 1, "pages26");
	if (err)
		goto fail;
	cdev_init(&cdev, &pages26_fops);
	cdev.owner = THIS_MODULE;
	err = cdev_add(&cdev, devno, 1);
	if (err)
		goto fail_region;
	return 0;

fail_region:
	unregister_chrdev_region(devno, 1);
fail:
	pages26_free();
	return err;
}

static void __exit pages26_exit(void)
{
	cdev_del(&cdev);
	unregister_chrdev_region(devno, 1);
	pages26_free();
}

module_init(pages26_init);
module_exit(pages26_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pages shown by a nopage handler");
