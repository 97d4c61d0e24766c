// SPDX-License-Identifier: MIT
/*
 * Fills and adds up a program's own memory through its pages, as a driver for a card that does DMA into user buffers
 * would. One source from the eight arguments of get_user_pages() under mmap_sem to get_user_pages_fast(). Written in
 * the manner of course work that has been carried from kernel to kernel.
 */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 19)
#include <linux/config.h>
#endif
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(4, 12, 0)
#include <asm/uaccess.h>
#else
#include <linux/uaccess.h>
#endif

#include "gupfill.h"

static struct page *kept[GUP_PAGES_MAX];
static int kept_pages;
static unsigned long kept_offset;

static int gup_take(unsigned long start, int nr, int write, struct page **pages)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 27)
	int got;

	down_read(&current->mm->mmap_sem);
	got = get_user_pages(current, current->mm, start & PAGE_MASK, nr, write, 0, pages, NULL);
	up_read(&current->mm->mmap_sem);
	return got;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(5, 2, 0)
	return get_user_pages_fast(start & PAGE_MASK, nr, write, pages);
#else
	return get_user_pages_fast(start & PAGE_MASK, nr, write ? FOLL_WRITE : 0, pages);
#endif
}

static void gup_let_go(struct page **pages, int nr, int written)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (written && !PageReserved(pages[i]))
			set_page_dirty_lock(pages[i]);
		put_page(pages[i]);
	}
}

/* All pages of a request, or none: how many, or an error. */
static int gup_take_all(const struct gup_request *request, int write, struct page **pages)
{
	unsigned long offset = request->start & ~PAGE_MASK;
	int got, nr = (offset + request->length + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (request->length == 0 || request->length > GUP_PAGES_MAX * PAGE_SIZE || nr > GUP_PAGES_MAX)
		return -EINVAL;
	got = gup_take(request->start, nr, write, pages);
	if (got < 0)
		return got;
	if (got < nr) {
		gup_let_go(pages, got, 0);
		return -EFAULT;
	}
	return nr;
}

static long gup_work(const struct gup_request *request, int fill)
{
	struct page *pages[GUP_PAGES_MAX];
	unsigned long offset = request->start & ~PAGE_MASK, left = request->length, some, at;
	int i, nr = gup_take_all(request, fill, pages);
	unsigned long sum = 0;

	if (nr < 0)
		return nr;
	for (i = 0; i < nr; i++, offset = 0, left -= some) {
		unsigned char *bytes = kmap(pages[i]);

		some = left < PAGE_SIZE - offset ? left : PAGE_SIZE - offset;
		for (at = offset; at < offset + some; at++) {
			if (fill)
				bytes[at] = request->value;
			sum += bytes[at];
		}
		kunmap(pages[i]);
	}
	gup_let_go(pages, nr, fill);
	return fill ? nr : (long)(sum & 0x7fffffff);
}

static void gup_drop_kept(void)
{
	gup_let_go(kept, kept_pages, 1);
	kept_pages = 0;
}

static long gup_keep(const struct gup_request *request)
{
	int nr;

	gup_drop_kept();
	if (request->length == 0)
		return 0;
	nr = gup_take_all(request, 1, kept);
	if (nr < 0)
		return nr;
	kept_pages = nr;
	kept_offset = request->start & ~PAGE_MASK;
	return nr;
}

static long gup_poke(unsigned char value)
{
	unsigned char *bytes;

	if (!kept_pages)
		return -ENXIO;
	bytes = kmap(kept[0]);
	bytes[kept_offset] = value;
	kunmap(kept[0]);
	return 0;
}

static long gup_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct gup_request request;

	if (copy_from_user(&request, (void __user *)arg, sizeof(request)))
		return -EFAULT;
	switch (cmd) {
	case GUP_FILL:
	case GUP_SUM:
		return gup_work(&request, cmd == GUP_FILL);
	case GUP_KEEP:
		return gup_keep(&request);
	case GUP_POKE:
		return gup_poke(request.value);
	}
	return -ENOTTY;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
static int gup_ioctl_old(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	return gup_ioctl(filp, cmd, arg);
}
#endif

static int gup_release(struct inode *inode, struct file *filp)
{
	gup_drop_kept();
	return 0;
}

static struct file_operations gup_fops = {
	.owner = THIS_MODULE,
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
	.ioctl = gup_ioctl_old,
#else
	.unlocked_ioctl = gup_ioctl,
#endif
	.release = gup_release,
};

static struct miscdevice gup_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gupfill",
	.fops = &gup_fops,
};

static int __init gup_init(void)
{
	return misc_register(&gup_device);
}

static void __exit gup_exit(void)
{
	misc_deregister(&gup_device);
}

module_init(gup_init);
module_exit(gup_exit);
MODULE_LICENSE("GPL");
