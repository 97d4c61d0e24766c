// SPDX-License-Identifier: MIT
/*
 * A frame buffer in RAM: pixels of four bytes, to be written with write() or drawn into directly
 * through mmap().
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "screen.h"

#define SCREEN_ORDER get_order(SCREEN_BYTES)

static struct page *pages;

static ssize_t screen_read(struct file *file, char __user *to, size_t count, loff_t *ppos)
{
	return simple_read_from_buffer(to, count, ppos, page_address(pages), SCREEN_BYTES);
}

static ssize_t screen_write(struct file *file, const char __user *from, size_t count,
			    loff_t *ppos)
{
	return simple_write_to_buffer(page_address(pages), SCREEN_BYTES, ppos, from, count);
}

static loff_t screen_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, SCREEN_BYTES);
}

static int screen_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vm_iomap_memory(vma, page_to_phys(pages), PAGE_ALIGN(SCREEN_BYTES));
}

static const struct file_operations screen_fops = {
	.owner = THIS_MODULE,
	.read = screen_read,
	.write = screen_write,
	.llseek = screen_llseek,
	.mmap = screen_mmap,
};

static struct miscdevice screen = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "screen",
	.fops = &screen_fops,
};

static int __init screen_init(void)
{
	int err;

	pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, SCREEN_ORDER);
	if (!pages)
		return -ENOMEM;
	err = misc_register(&screen);
	if (err)
		__free_pages(pages, SCREEN_ORDER);
	return err;
}

static void __exit screen_exit(void)
{
	misc_deregister(&screen);
	__free_pages(pages, SCREEN_ORDER);
}

module_init(screen_init);
module_exit(screen_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A frame buffer in RAM");
