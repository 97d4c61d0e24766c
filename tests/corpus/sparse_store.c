// SPDX-License-Identifier: MIT
/*
 * A file-like store of pages that exist once they are written, with holes between. Mappings are filled by a fault
 * handler that sets vmf->page; a hole is SIGBUS. In the style of the book's scull with pages.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "sparse_store.h"

static struct page *store[STORE_PAGES_MAX];
static loff_t store_size;
static int held, faults;
static DEFINE_SPINLOCK(store_lock);

/* With a reference, so that it may be used after the lock is gone; NULL for a hole. */
static struct page *store_page(unsigned long index)
{
	struct page *page = NULL;

	spin_lock(&store_lock);
	if (index < STORE_PAGES_MAX)
		page = store[index];
	if (page)
		get_page(page);
	spin_unlock(&store_lock);
	return page;
}

static vm_fault_t store_fault(struct vm_fault *vmf)
{
	struct page *page = store_page(vmf->pgoff);

	faults++;
	if (!page)
		return VM_FAULT_SIGBUS;
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct store_vm_ops = {
	.fault = store_fault,
};

static int store_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vma->vm_ops = &store_vm_ops;
	return 0;
}

/* The user's buffer may be a mapping of this store, whose fault takes the lock: none is held while copying. */
static ssize_t store_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	unsigned long offset = offset_in_page(*ppos), left;
	struct page *page;

	if (*ppos >= store_size)
		return 0;
	count = min_t(size_t, count, store_size - *ppos);
	count = min_t(size_t, count, PAGE_SIZE - offset);
	page = store_page(*ppos >> PAGE_SHIFT);
	if (page) {
		left = copy_to_user(to, page_address(page) + offset, count);
		put_page(page);
	} else {
		left = clear_user(to, count);
	}
	if (left)
		return -EFAULT;
	*ppos += count;
	return count;
}

static struct page *store_grow(unsigned long index)
{
	struct page *page = store_page(index), *fresh;

	if (page)
		return page;
	fresh = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!fresh)
		return NULL;
	spin_lock(&store_lock);
	if (!store[index]) {
		store[index] = fresh;
		held++;
		fresh = NULL;
	}
	page = store[index];
	get_page(page);
	spin_unlock(&store_lock);
	if (fresh)
		__free_page(fresh);
	return page;
}

static ssize_t store_write(struct file *filp, const char __user *from, size_t count, loff_t *ppos)
{
	unsigned long offset = offset_in_page(*ppos), left;
	struct page *page;

	if (*ppos >= STORE_PAGES_MAX * PAGE_SIZE)
		return -ENOSPC;
	page = store_grow(*ppos >> PAGE_SHIFT);
	if (!page)
		return -ENOMEM;
	count = min_t(size_t, count, PAGE_SIZE - offset);
	left = copy_from_user(page_address(page) + offset, from, count);
	put_page(page);
	if (left)
		return -EFAULT;
	*ppos += count;
	store_size = max(store_size, *ppos);
	return count;
}

static loff_t store_llseek(struct file *filp, loff_t offset, int whence)
{
	/* Beyond the end is allowed: the next write leaves a hole. */
	if (whence == SEEK_CUR)
		offset += filp->f_pos;
	else if (whence == SEEK_END)
		offset += store_size;
	if (offset < 0 || offset > STORE_PAGES_MAX * PAGE_SIZE)
		return -EINVAL;
	filp->f_pos = offset;
	return offset;
}

static long store_trim(void)
{
	long freed = 0;
	int i;

	spin_lock(&store_lock);
	for (i = 0; i < STORE_PAGES_MAX; i++) {
		if (!store[i] || page_count(store[i]) > 1)
			continue;
		__free_page(store[i]);
		store[i] = NULL;
		held--;
		freed++;
	}
	spin_unlock(&store_lock);
	return freed;
}

static long store_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case STORE_HELD:
		return held;
	case STORE_FAULTS:
		return faults;
	case STORE_TRIM:
		return store_trim();
	default:
		return -ENOTTY;
	}
}

static const struct file_operations store_fops = {
	.owner = THIS_MODULE,
	.read = store_read,
	.write = store_write,
	.llseek = store_llseek,
	.mmap = store_mmap,
	.unlocked_ioctl = store_ioctl,
};

static struct miscdevice store_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "sparse_store",
	.fops = &store_fops,
	.mode = 0666,
};

static int __init store_init(void)
{
	return misc_register(&store_device);
}

static void __exit store_exit(void)
{
	misc_deregister(&store_device);
	store_trim();
}

module_init(store_init);
module_exit(store_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("pages with holes between");
