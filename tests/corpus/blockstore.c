// SPDX-License-Identifier: MIT
/*
 * A store that grows by blocks of pages as it is written and that programs map page by page. In the style of the
 * memory drivers of the books on Linux 2.6.10: kmem_cache_t, init_MUTEX, nopage with a type, VM_RESERVED, ioctl under
 * the big kernel lock, list_head.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/cdev.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/semaphore.h>
#include <asm/uaccess.h>

#include "blockstore.h"

#define STORE_ORDER 1
#define STORE_BLOCK_SIZE (PAGE_SIZE << STORE_ORDER)

struct store_block {
	struct list_head list;
	unsigned long index;
	unsigned long data;
};

struct store_dev {
	struct list_head blocks;
	struct semaphore sem;
	unsigned long size;
	int vmas, faults, pages;
	struct cdev cdev;
};

static int store_limit = 4;	/* blocks */
module_param(store_limit, int, S_IRUGO);

static kmem_cache_t *store_cache;
static struct store_dev store;
static dev_t store_number;

static struct store_block *store_find(struct store_dev *dev, unsigned long index)
{
	struct store_block *block;

	list_for_each_entry(block, &dev->blocks, list)
		if (block->index == index)
			return block;
	return NULL;
}

static struct store_block *store_make(struct store_dev *dev, unsigned long index)
{
	struct store_block *block = store_find(dev, index);

	if (block)
		return block;
	block = kmem_cache_alloc(store_cache, SLAB_KERNEL);
	if (!block)
		return NULL;
	block->data = __get_free_pages(GFP_KERNEL, STORE_ORDER);
	if (!block->data) {
		kmem_cache_free(store_cache, block);
		return NULL;
	}
	memset((void *)block->data, 0, STORE_BLOCK_SIZE);
	block->index = index;
	list_add_tail(&block->list, &dev->blocks);
	dev->pages += STORE_BLOCK_PAGES;
	return block;
}

static void store_forget(struct store_dev *dev)
{
	struct store_block *block, *next;

	list_for_each_entry_safe(block, next, &dev->blocks, list) {
		list_del(&block->list);
		free_pages(block->data, STORE_ORDER);
		kmem_cache_free(store_cache, block);
	}
	dev->size = 0;
	dev->pages = 0;
}

static void store_vma_open(struct vm_area_struct *vma)
{
	struct store_dev *dev = vma->vm_private_data;

	dev->vmas++;
}

static void store_vma_close(struct vm_area_struct *vma)
{
	struct store_dev *dev = vma->vm_private_data;

	dev->vmas--;
}

/* The second page of a block has no count of its own until somebody maps it, so whoever unmaps it would free it. */
static struct page *store_vma_nopage(struct vm_area_struct *vma, unsigned long address, int *type)
{
	struct store_dev *dev = vma->vm_private_data;
	unsigned long offset = address - vma->vm_start + (vma->vm_pgoff << PAGE_SHIFT);
	struct page *page = NOPAGE_SIGBUS;
	struct store_block *block;

	down(&dev->sem);
	dev->faults++;
	block = store_find(dev, offset / STORE_BLOCK_SIZE);
	if (offset >= dev->size || !block)
		goto out;
	if (offset % STORE_BLOCK_SIZE)
		goto out;
	page = virt_to_page(block->data);
	get_page(page);
	if (type)
		*type = VM_FAULT_MINOR;
out:
	up(&dev->sem);
	return page;
}

static struct vm_operations_struct store_vm_ops = {
	.open = store_vma_open,
	.close = store_vma_close,
	.nopage = store_vma_nopage,
};

static int store_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vma->vm_ops = &store_vm_ops;
	vma->vm_flags |= VM_RESERVED;
	vma->vm_private_data = filp->private_data;
	store_vma_open(vma);
	return 0;
}

static ssize_t store_read(struct file *filp, char __user *buf, size_t count, loff_t *f_pos)
{
	struct store_dev *dev = filp->private_data;
	unsigned long offset = *f_pos % STORE_BLOCK_SIZE;
	struct store_block *block;
	ssize_t retval = 0;

	if (down_interruptible(&dev->sem))
		return -ERESTARTSYS;
	if (*f_pos >= dev->size)
		goto out;
	block = store_find(dev, *f_pos / STORE_BLOCK_SIZE);
	if (!block)
		goto out;	/* a hole ends what can be read */
	if (count > STORE_BLOCK_SIZE - offset)
		count = STORE_BLOCK_SIZE - offset;
	if (count > dev->size - *f_pos)
		count = dev->size - *f_pos;
	retval = -EFAULT;
	if (copy_to_user(buf, (char *)block->data + offset, count))
		goto out;
	*f_pos += count;
	retval = count;
out:
	up(&dev->sem);
	return retval;
}

static ssize_t store_write(struct file *filp, const char __user *buf, size_t count, loff_t *f_pos)
{
	struct store_dev *dev = filp->private_data;
	unsigned long offset = *f_pos % STORE_BLOCK_SIZE;
	struct store_block *block;
	ssize_t retval = -ENOSPC;

	if (down_interruptible(&dev->sem))
		return -ERESTARTSYS;
	if (*f_pos / STORE_BLOCK_SIZE >= store_limit)
		goto out;
	retval = -ENOMEM;
	block = store_make(dev, *f_pos / STORE_BLOCK_SIZE);
	if (!block)
		goto out;
	if (count > STORE_BLOCK_SIZE - offset)
		count = STORE_BLOCK_SIZE - offset;
	retval = -EFAULT;
	if (copy_from_user((char *)block->data + offset, buf, count))
		goto out;
	*f_pos += count;
	if (dev->size < *f_pos)
		dev->size = *f_pos;
	retval = count;
out:
	up(&dev->sem);
	return retval;
}

static loff_t store_llseek(struct file *filp, loff_t off, int whence)
{
	struct store_dev *dev = filp->private_data;
	loff_t newpos = whence == 0 ? off : whence == 1 ? filp->f_pos + off : dev->size + off;

	if (newpos < 0)
		return -EINVAL;
	filp->f_pos = newpos;
	return newpos;
}

static int store_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct store_dev *dev = container_of(inode->i_cdev, struct store_dev, cdev);

	switch (cmd) {
	case STORE_TRIM:
		if (dev->vmas)
			return -EBUSY;
		store_forget(dev);
		return 0;
	case STORE_PAGES:
		return dev->pages;
	case STORE_FAULTS:
		return dev->faults;
	}
	return -ENOTTY;
}

static int store_open(struct inode *inode, struct file *filp)
{
	filp->private_data = container_of(inode->i_cdev, struct store_dev, cdev);
	return 0;
}

static struct file_operations store_fops = {
	.owner = THIS_MODULE,
	.llseek = store_llseek,
	.read = store_read,
	.write = store_write,
	.ioctl = store_ioctl,
	.mmap = store_mmap,
	.open = store_open,
};

static int __init store_init(void)
{
	int result;

	store_cache = kmem_cache_create("blockstore", sizeof(struct store_block), 0, SLAB_HWCACHE_ALIGN, NULL,
					NULL);
	if (!store_cache)
		return -ENOMEM;
	INIT_LIST_HEAD(&store.blocks);
	init_MUTEX(&store.sem);
	result = alloc_chrdev_region(&store_number, 0, 1, "blockstore");
	if (result < 0)
		goto fail;
	cdev_init(&store.cdev, &store_fops);
	store.cdev.owner = THIS_MODULE;
	result = cdev_add(&store.cdev, store_number, 1);
	if (!result)
		return 0;
	unregister_chrdev_region(store_number, 1);
fail:
	kmem_cache_destroy(store_cache);
	return result;
}

static void __exit store_exit(void)
{
	cdev_del(&store.cdev);
	unregister_chrdev_region(store_number, 1);
	store_forget(&store);
	if (kmem_cache_destroy(store_cache))
		printk(KERN_ERR "blockstore: blocks are left\n");
}

module_init(store_init);
module_exit(store_exit);
MODULE_LICENSE("Dual BSD/GPL");
