// SPDX-License-Identifier: MIT
/*
 * Control and data of one device behind two minors, whose nodes a devnode function puts into a folder of /dev with
 * modes of their own; data is mapped with io_remap_pfn_range(), as the memory of a card. In the style of drivers of
 * Linux 3.x: class_create() with an owner, one cdev for both, data found by container_of().
 */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "twonodes.h"

enum { NODE_CTL, NODE_DATA, NODES };

struct twonodes {
	struct cdev cdev;
	dev_t number;
	struct mutex lock;
	void *data;
	phys_addr_t base;
	bool locked;
	int mappings;
};

static struct twonodes *two;
static struct class *two_class;

static void two_vma_open(struct vm_area_struct *vma)
{
	struct twonodes *dev = vma->vm_private_data;

	mutex_lock(&dev->lock);
	dev->mappings++;
	mutex_unlock(&dev->lock);
}

static void two_vma_close(struct vm_area_struct *vma)
{
	struct twonodes *dev = vma->vm_private_data;

	mutex_lock(&dev->lock);
	dev->mappings--;
	mutex_unlock(&dev->lock);
}

static const struct vm_operations_struct two_vm_ops = {
	.open = two_vma_open,
	.close = two_vma_close,
};

static int data_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct twonodes *dev = filp->private_data;
	unsigned long size = vma->vm_end - vma->vm_start;
	int err;

	if (vma->vm_pgoff > TWO_DATA_SIZE >> PAGE_SHIFT ||
	    size > TWO_DATA_SIZE - (vma->vm_pgoff << PAGE_SHIFT))
		return -EINVAL;
	if (dev->locked)
		return -EBUSY;
	err = io_remap_pfn_range(vma, vma->vm_start, (dev->base >> PAGE_SHIFT) + vma->vm_pgoff, size,
				 vma->vm_page_prot);
	if (err)
		return err;
	vma->vm_private_data = dev;
	vma->vm_ops = &two_vm_ops;
	two_vma_open(vma);
	return 0;
}

static long ctl_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct twonodes *dev = filp->private_data;
	long ret = 0;

	mutex_lock(&dev->lock);
	switch (cmd) {
	case TWO_CLEAR:
		if (arg > 255)
			ret = -EINVAL;
		else
			memset(dev->data, arg, TWO_DATA_SIZE);
		break;
	case TWO_LOCK:
		if (dev->mappings)
			ret = -EBUSY;
		else
			dev->locked = arg != 0;
		break;
	case TWO_MAPPINGS:
		ret = put_user(dev->mappings, (int __user *)arg);
		break;
	default:
		ret = -ENOTTY;
	}
	mutex_unlock(&dev->lock);
	return ret;
}

static ssize_t data_read(struct file *filp, char __user *buf, size_t count, loff_t *ppos)
{
	struct twonodes *dev = filp->private_data;

	return simple_read_from_buffer(buf, count, ppos, dev->data, TWO_DATA_SIZE);
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = ctl_ioctl,
	.llseek = no_llseek,
};

static const struct file_operations data_fops = {
	.owner = THIS_MODULE,
	.read = data_read,
	.mmap = data_mmap,
	.llseek = default_llseek,
};

#if LINUX_VERSION_CODE < KERNEL_VERSION(3, 15, 0)
#define two_become(filp, fops) \
	do { \
		fops_put((filp)->f_op); \
		(filp)->f_op = fops_get(fops); \
	} while (0)
#else
#define two_become(filp, fops) replace_fops(filp, fops)
#endif

/* The first open finds out which of the two it is, and hands the file over. */
static int two_open(struct inode *inode, struct file *filp)
{
	filp->private_data = container_of(inode->i_cdev, struct twonodes, cdev);
	switch (iminor(inode)) {
	case NODE_CTL:
		two_become(filp, &ctl_fops);
		return nonseekable_open(inode, filp);
	case NODE_DATA:
		two_become(filp, &data_fops);
		return 0;
	}
	return -ENXIO;
}

static const struct file_operations two_fops = {
	.owner = THIS_MODULE,
	.open = two_open,
};

static char *two_devnode(struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = MINOR(dev->devt) == NODE_CTL ? 0600 : 0666;
	return kasprintf(GFP_KERNEL, "twonodes/%s", dev_name(dev));
}

static int __init two_init(void)
{
	static const char *const names[NODES] = { "ctl", "data" };
	int i, err = -ENOMEM;

	two = kzalloc(sizeof(*two), GFP_KERNEL);
	if (!two)
		return -ENOMEM;
	mutex_init(&two->lock);
	two->data = alloc_pages_exact(TWO_DATA_SIZE, GFP_KERNEL | __GFP_ZERO);
	if (!two->data)
		goto fail_data;
	two->base = virt_to_phys(two->data);
	err = alloc_chrdev_region(&two->number, 0, NODES, "twonodes");
	if (err)
		goto fail_region;
	cdev_init(&two->cdev, &two_fops);
	two->cdev.owner = THIS_MODULE;
	err = cdev_add(&two->cdev, two->number, NODES);
	if (err)
		goto fail_cdev;
	two_class = class_create(THIS_MODULE, "twonodes");
	if (IS_ERR(two_class)) {
		err = PTR_ERR(two_class);
		goto fail_class;
	}
	two_class->devnode = two_devnode;
	for (i = 0; i < NODES; i++)
		device_create(two_class, NULL, two->number + i, NULL, "%s", names[i]);
	return 0;

fail_class:
	cdev_del(&two->cdev);
fail_cdev:
	unregister_chrdev_region(two->number, NODES);
fail_region:
	free_pages_exact(two->data, TWO_DATA_SIZE);
fail_data:
	kfree(two);
	return err;
}

static void __exit two_exit(void)
{
	int i;

	for (i = 0; i < NODES; i++)
		device_destroy(two_class, two->number + i);
	class_destroy(two_class);
	cdev_del(&two->cdev);
	unregister_chrdev_region(two->number, NODES);
	free_pages_exact(two->data, TWO_DATA_SIZE);
	kfree(two);
}

module_init(two_init);
module_exit(two_exit);
MODULE_LICENSE("GPL");
