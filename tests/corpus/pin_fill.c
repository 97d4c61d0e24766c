// SPDX-License-Identifier: MIT
/*
 * Writes into and reads from its callers' buffers directly, as a device with DMA would: pin_user_pages_fast() to write,
 * get_user_pages_fast() to read. In the style of accelerators and InfiniBand.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "pin_fill.h"

#define FILL_PAGES_MAX 16

static struct page *own;
static struct page *kept[FILL_PAGES_MAX];
static int nr_kept;
static unsigned long kept_offset;
static DEFINE_MUTEX(fill_lock);

static int fill_count(const struct fill_request *req)
{
	unsigned long pages;

	if (!req->length || req->length > FILL_PAGES_MAX * PAGE_SIZE)
		return -EINVAL;
	pages = (offset_in_page(req->address) + req->length + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return pages > FILL_PAGES_MAX ? -EINVAL : (int)pages;
}

/* All pages or none. */
static int fill_pin(const struct fill_request *req, struct page **pages, unsigned int flags)
{
	int count = fill_count(req), got;

	if (count < 0)
		return count;
	got = pin_user_pages_fast(req->address & PAGE_MASK, count, flags, pages);
	if (got == count)
		return count;
	if (got > 0)
		unpin_user_pages(pages, got);
	return got < 0 ? got : -EFAULT;
}

static long fill_write(const struct fill_request *req)
{
	struct page *pages[FILL_PAGES_MAX];
	unsigned long offset = offset_in_page(req->address), left = req->length;
	int i, count = fill_pin(req, pages, FOLL_WRITE);

	for (i = 0; i < count; i++) {
		unsigned long bytes = min(left, PAGE_SIZE - offset);
		char *mapped = kmap(pages[i]);

		memset(mapped + offset, req->value, bytes);
		kunmap(pages[i]);
		left -= bytes;
		offset = 0;
	}
	if (count > 0)
		unpin_user_pages_dirty_lock(pages, count, true);
	return count;
}

static long fill_sum(const struct fill_request *req)
{
	struct page *pages[FILL_PAGES_MAX];
	unsigned long offset = offset_in_page(req->address), left = req->length, j;
	int i, got, count = fill_count(req);
	long sum = 0;

	if (count < 0)
		return count;
	got = get_user_pages_fast(req->address & PAGE_MASK, count, 0, pages);
	for (i = 0; i < got; i++) {
		unsigned long bytes = min(left, PAGE_SIZE - offset);
		unsigned char *mapped = kmap(pages[i]);

		for (j = 0; j < bytes; j++)
			sum += mapped[offset + j];
		kunmap(pages[i]);
		put_page(pages[i]);
		left -= bytes;
		offset = 0;
	}
	if (got != count)
		return got < 0 ? got : -EFAULT;
	return sum;
}

static void fill_drop(void)
{
	unpin_user_pages_dirty_lock(kept, nr_kept, true);
	nr_kept = 0;
}

static long fill_keep(const struct fill_request *req)
{
	int count;

	if (nr_kept)
		return -EBUSY;
	count = fill_pin(req, kept, FOLL_WRITE | FOLL_LONGTERM);
	if (count < 0)
		return count;
	nr_kept = count;
	kept_offset = offset_in_page(req->address);
	return count;
}

static long fill_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct fill_request req;
	long result = -ENOTTY;

	if (copy_from_user(&req, (void __user *)arg, sizeof(req)))
		return -EFAULT;
	mutex_lock(&fill_lock);
	switch (cmd) {
	case FILL_WRITE:
		result = fill_write(&req);
		break;
	case FILL_SUM:
		result = fill_sum(&req);
		break;
	case FILL_KEEP:
		result = fill_keep(&req);
		break;
	case FILL_DROP:
		result = nr_kept;
		if (!nr_kept)
			break;
		*((u8 *)kmap(kept[0]) + kept_offset) = req.value;
		kunmap(kept[0]);
		fill_drop();
		break;
	}
	mutex_unlock(&fill_lock);
	return result;
}

static int fill_mmap(struct file *filp, struct vm_area_struct *vma)
{
	/* The first page as an ordinary one, the second as a bare frame that nobody can pin. */
	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_pgoff)
		return remap_pfn_range(vma, vma->vm_start, page_to_pfn(own), PAGE_SIZE, vma->vm_page_prot);
	return vm_insert_page(vma, vma->vm_start, own);
}

static int fill_release(struct inode *inode, struct file *filp)
{
	mutex_lock(&fill_lock);
	if (nr_kept)
		fill_drop();
	mutex_unlock(&fill_lock);
	return 0;
}

static const struct file_operations fill_fops = {
	.owner = THIS_MODULE,
	.mmap = fill_mmap,
	.release = fill_release,
	.unlocked_ioctl = fill_ioctl,
};

static struct miscdevice fill_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pin_fill",
	.fops = &fill_fops,
	.mode = 0666,
};

static int __init fill_init(void)
{
	int err;

	own = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!own)
		return -ENOMEM;
	err = misc_register(&fill_device);
	if (err)
		__free_page(own);
	return err;
}

static void __exit fill_exit(void)
{
	misc_deregister(&fill_device);
	__free_page(own);
}

module_init(fill_init);
module_exit(fill_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("writes into its callers' memory");
