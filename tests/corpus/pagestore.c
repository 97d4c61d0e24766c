// SPDX-License-Identifier: MIT
/*
 * A character device over high pages, each reached through a short mapping of the kernel's. Minors 0 and 1 are two
 * stores; attributes in sysfs show and set how large one is. In the style of a RAM disk.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define STORES 2
#define PAGES_MAX 16

struct pagestore {
	struct cdev cdev;
	struct device *dev;
	struct mutex lock;
	struct page *pages[PAGES_MAX];
	unsigned int nr_pages;
};

static struct pagestore stores[STORES];
static dev_t first;
static struct class *store_class;

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define kmap_local_page(page) kmap_atomic(page)
#define kunmap_local(addr) kunmap_atomic(addr)
#endif

/* Copies between a page and the kernel's buffer; a user's could fault, which a short mapping should not last over. */
static void store_copy(struct page *page, size_t offset, char *buffer, size_t count, bool to_page)
{
	char *mapped = kmap_local_page(page);

	if (to_page)
		memcpy(mapped + offset, buffer, count);
	else
		memcpy(buffer, mapped + offset, count);
	kunmap_local(mapped);
}

static int store_resize(struct pagestore *store, unsigned int nr_pages)
{
	while (store->nr_pages > nr_pages)
		__free_page(store->pages[--store->nr_pages]);
	while (store->nr_pages < nr_pages) {
		struct page *page = alloc_page(GFP_HIGHUSER);

		if (!page)
			return -ENOMEM;
		clear_highpage(page);
		store->pages[store->nr_pages++] = page;
	}
	return 0;
}

static int store_open(struct inode *inode, struct file *filp)
{
	filp->private_data = container_of(inode->i_cdev, struct pagestore, cdev);
	return 0;
}

static ssize_t store_transfer(struct pagestore *store, char __user *user, size_t count, loff_t *ppos, bool write)
{
	size_t offset = offset_in_page(*ppos);
	unsigned long index = *ppos >> PAGE_SHIFT;
	char *bounce;
	ssize_t done;

	count = min_t(size_t, count, PAGE_SIZE - offset);
	bounce = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!bounce)
		return -ENOMEM;
	done = -EFAULT;
	if (write && copy_from_user(bounce, user, count))
		goto free;
	done = -ERESTARTSYS;
	if (mutex_lock_interruptible(&store->lock))
		goto free;
	done = write ? -ENOSPC : 0;
	if (index < store->nr_pages) {
		store_copy(store->pages[index], offset, bounce, count, write);
		done = count;
	}
	mutex_unlock(&store->lock);
	if (done > 0 && !write && copy_to_user(user, bounce, count))
		done = -EFAULT;
	if (done > 0)
		*ppos += done;
free:
	kfree(bounce);
	return done;
}

static ssize_t store_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	return store_transfer(filp->private_data, to, count, ppos, false);
}

static ssize_t store_write(struct file *filp, const char __user *from, size_t count, loff_t *ppos)
{
	return store_transfer(filp->private_data, (char __user *)from, count, ppos, true);
}

static loff_t store_llseek(struct file *filp, loff_t offset, int whence)
{
	struct pagestore *store = filp->private_data;

	return fixed_size_llseek(filp, offset, whence, (loff_t)store->nr_pages << PAGE_SHIFT);
}

static const struct file_operations store_fops = {
	.owner = THIS_MODULE,
	.open = store_open,
	.read = store_read,
	.write = store_write,
	.llseek = store_llseek,
};

static ssize_t pages_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct pagestore *store = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", store->nr_pages);
}

static ssize_t pages_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct pagestore *store = dev_get_drvdata(dev);
	unsigned int nr_pages;
	int err;

	err = kstrtouint(buf, 0, &nr_pages);
	if (err)
		return err;
	if (nr_pages > PAGES_MAX)
		return -E2BIG;
	mutex_lock(&store->lock);
	err = store_resize(store, nr_pages);
	mutex_unlock(&store->lock);
	return err ? err : count;
}
static DEVICE_ATTR_RW(pages);

static ssize_t limit_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", PAGES_MAX);
}
static DEVICE_ATTR_RO(limit);

static struct attribute *pagestore_attrs[] = {
	&dev_attr_pages.attr,
	&dev_attr_limit.attr,
	NULL,
};
ATTRIBUTE_GROUPS(pagestore);

static int store_add(struct pagestore *store, int nr)
{
	int err;

	mutex_init(&store->lock);
	err = store_resize(store, 2);
	if (err)
		return err;
	cdev_init(&store->cdev, &store_fops);
	store->cdev.owner = THIS_MODULE;
	err = cdev_add(&store->cdev, first + nr, 1);
	if (err)
		return err;
	store->dev = device_create(store_class, NULL, first + nr, store, "pagestore%d", nr);
	if (IS_ERR(store->dev)) {
		cdev_del(&store->cdev);
		return PTR_ERR(store->dev);
	}
	return 0;
}

static void store_remove(int nr)
{
	device_destroy(store_class, first + nr);
	cdev_del(&stores[nr].cdev);
	store_resize(&stores[nr], 0);
}

static int __init pagestore_init(void)
{
	int nr, err;

	err = alloc_chrdev_region(&first, 0, STORES, "pagestore");
	if (err)
		return err;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	store_class = class_create("pagestore");
#else
	store_class = class_create(THIS_MODULE, "pagestore");
#endif
	if (IS_ERR(store_class)) {
		err = PTR_ERR(store_class);
		goto unregister;
	}
	store_class->dev_groups = pagestore_groups;
	for (nr = 0; nr < STORES; nr++) {
		err = store_add(&stores[nr], nr);
		if (err)
			goto remove;
	}
	return 0;
remove:
	store_resize(&stores[nr], 0);
	while (nr--)
		store_remove(nr);
	class_destroy(store_class);
unregister:
	unregister_chrdev_region(first, STORES);
	return err;
}

static void __exit pagestore_exit(void)
{
	int nr;

	for (nr = 0; nr < STORES; nr++)
		store_remove(nr);
	class_destroy(store_class);
	unregister_chrdev_region(first, STORES);
}

module_init(pagestore_init);
module_exit(pagestore_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("stores of high pages");
