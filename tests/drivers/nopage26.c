// SPDX-License-Identifier: MIT
/*
 * Demand paging of old: the nopage handler finds the page, takes a reference and returns it; the
 * area is VM_RESERVED. The area count keeps the pages while anybody maps them. Test driver, Linux
 * 2.6.10.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/init.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/fs.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/mm.h>
#include <linux/cdev.h>
#include <linux/proc_fs.h>

#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/semaphore.h>
#include <asm/uaccess.h>

static int nopage_major = 0;
static int npages = 8;
static int forget_get = 0;	/* leave the reference out, which is a bug */
module_param(nopage_major, int, 0);
module_param(npages, int, 0);
module_param(forget_get, int, 0);

static struct nopage_dev {
	struct cdev cdev;
	struct semaphore sem;
	int vmas;		/* active mappings */
	unsigned long *data;	/* one address for each page, 0: a hole */
} nopage_device;

static void nopage_vma_open(struct vm_area_struct *vma)
{
	struct nopage_dev *dev = vma->vm_private_data;

	down(&dev->sem);
	dev->vmas++;
	up(&dev->sem);
}

static void nopage_vma_close(struct vm_area_struct *vma)
{
	struct nopage_dev *dev = vma->vm_private_data;

	down(&dev->sem);
	dev->vmas--;
	up(&dev->sem);
}

static struct page *nopage_vma_nopage(struct vm_area_struct *vma, unsigned long address, int *type)
{
	struct nopage_dev *dev = vma->vm_private_data;
	unsigned long index = ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
	struct page *page = NOPAGE_SIGBUS;

	down(&dev->sem);
	if (index >= npages || !dev->data[index])
		goto out;
	page = virt_to_page(dev->data[index]);
	if (!forget_get)
		get_page(page);
	if (type)
		*type = VM_FAULT_MINOR;
out:
	up(&dev->sem);
	return page;
}

static struct vm_operations_struct nopage_vm_ops = {
	.open = nopage_vma_open,
	.close = nopage_vma_close,
	.nopage = nopage_vma_nopage,
};

static int nopage_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vma->vm_ops = &nopage_vm_ops;
	vma->vm_flags |= VM_RESERVED;
	vma->vm_private_data = filp->private_data;
	nopage_vma_open(vma);
	return 0;
}

static int nopage_open(struct inode *inode, struct file *filp)
{
	struct nopage_dev *dev = container_of(inode->i_cdev, struct nopage_dev, cdev);

	filp->private_data = dev;
	return 0;
}

static int nopage_release(struct inode *inode, struct file *filp)
{
	return 0;
}

/* Fills one page, making it if it is a hole; a write does not cross a page's end. */
static ssize_t nopage_write(struct file *filp, const char __user *buf, size_t count, loff_t *f_pos)
{
	struct nopage_dev *dev = filp->private_data;
	unsigned long index = *f_pos >> PAGE_SHIFT;
	unsigned long offset = *f_pos & ~PAGE_MASK;
	ssize_t retval = -ENOSPC;

	if (down_interruptible(&dev->sem))
		return -ERESTARTSYS;
	if (index >= npages)
		goto out;
	if (!dev->data[index])
		dev->data[index] = get_zeroed_page(GFP_KERNEL);
	retval = -ENOMEM;
	if (!dev->data[index])
		goto out;
	if (count > PAGE_SIZE - offset)
		count = PAGE_SIZE - offset;
	retval = -EFAULT;
	if (copy_from_user((char *)dev->data[index] + offset, buf, count))
		goto out;
	*f_pos += count;
	retval = count;
out:
	up(&dev->sem);
	return retval;
}

static int nopage_trim(struct nopage_dev *dev)
{
	int i;

	if (dev->vmas)	/* not while somebody maps the pages */
		return -EBUSY;
	for (i = 0; i < npages; i++) {
		if (dev->data[i])
			free_page(dev->data[i]);
		dev->data[i] = 0;
	}
	return 0;
}

/* Command 0 trims. */
static int nopage_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct nopage_dev *dev = filp->private_data;
	int retval;

	if (cmd != 0)
		return -ENOTTY;
	down(&dev->sem);
	retval = nopage_trim(dev);
	up(&dev->sem);
	return retval;
}

static int nopage_read_procmem(char *buf, char **start, off_t offset, int count, int *eof,
			       void *data)
{
	struct nopage_dev *dev = data;
	int i, len = sprintf(buf, "vmas %d\n", dev->vmas);

	for (i = 0; i < npages && len < count - 40; i++)
		if (dev->data[i])
			len += sprintf(buf + len, "page %d refs %d\n", i,
				       page_count(virt_to_page(dev->data[i])));
	*eof = 1;
	return len;
}

static struct file_operations nopage_fops = {
	.owner = THIS_MODULE,
	.open = nopage_open,
	.release = nopage_release,
	.write = nopage_write,
	.ioctl = nopage_ioctl,
	.mmap = nopage_mmap,
};

static int __init nopage_init(void)
{
	dev_t devno = MKDEV(nopage_major, 0);
	int result;

	if (nopage_major) {
		result = register_chrdev_region(devno, 1, "nopage26");
	} else {
		result = alloc_chrdev_region(&devno, 0, 1, "nopage26");
		nopage_major = MAJOR(devno);
	}
	if (result < 0)
		return result;

	result = -ENOMEM;
	nopage_device.data = kmalloc(npages * sizeof(unsigned long), GFP_KERNEL);
	if (!nopage_device.data)
		goto fail_region;
	memset(nopage_device.data, 0, npages * sizeof(unsigned long));
	init_MUTEX(&nopage_device.sem);

	cdev_init(&nopage_device.cdev, &nopage_fops);
	nopage_device.cdev.owner = THIS_MODULE;
	result = cdev_add(&nopage_device.cdev, devno, 1);
	if (result) {
		printk(KERN_NOTICE "nopage26: error %d adding the device\n", result);
		goto fail_data;
	}
	create_proc_read_entry("nopage26", 0, NULL, nopage_read_procmem, &nopage_device);
	return 0;

fail_data:
	kfree(nopage_device.data);
fail_region:
	unregister_chrdev_region(devno, 1);
	return result;
}

static void __exit nopage_exit(void)
{
	remove_proc_entry("nopage26", NULL);
	cdev_del(&nopage_device.cdev);
	nopage_trim(&nopage_device);
	kfree(nopage_device.data);
	unregister_chrdev_region(MKDEV(nopage_major, 0), 1);
}

module_init(nopage_init);
module_exit(nopage_exit);
MODULE_AUTHOR("The vmsim authors");
MODULE_LICENSE("Dual BSD/GPL");
