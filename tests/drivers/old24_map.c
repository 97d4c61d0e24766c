// SPDX-License-Identifier: MIT
/*
 * A buffer mapped the 2.4 way: remap_page_range() without an area, reserved pages, use counts by hand,
 * MODULE_PARM, initialisers with colons. Test driver, Linux 2.4.20.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/malloc.h>
#include <linux/wrapper.h>
#include <linux/fs.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <asm/io.h>
#include <asm/uaccess.h>

static int major = 240;
static short sizes[4] = { 1, 1, 1, 1 };
static char *title = "none";
static char text[16] = "plain";
MODULE_PARM(major, "i");
MODULE_PARM(sizes, "1-4h");
MODULE_PARM(title, "s");
MODULE_PARM(text, "c15");

static char *buffer;

static int old24_open(struct inode *inode, struct file *filp)
{
	MOD_INC_USE_COUNT;
	return MINOR(inode->i_rdev) ? -ENODEV : 0;
}

static int old24_release(struct inode *inode, struct file *filp)
{
	MOD_DEC_USE_COUNT;
	return 0;
}

static int old24_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (size > PAGE_SIZE)
		return -EINVAL;
	vma->vm_flags |= VM_RESERVED;
	if (remap_page_range(vma->vm_start, virt_to_phys(buffer), size, vma->vm_page_prot))
		return -EAGAIN;
	return 0;
}

static int old24_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	/* No area of the program is at its first page. */
	return remap_page_range(0, virt_to_phys(buffer), PAGE_SIZE, PAGE_SHARED);
}

static struct file_operations old24_fops = {
	open: old24_open,
	release: old24_release,
	mmap: old24_mmap,
	ioctl: old24_ioctl,
};

static int __init old24_init(void)
{
	int result;

	buffer = (char *)get_zeroed_page(GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	sprintf(buffer, "%s %s %d %d", title, text, sizes[1], sizes[3]);
	mem_map_reserve(virt_to_page(buffer));
	result = register_chrdev(major, "old24", &old24_fops);
	if (result < 0) {
		mem_map_unreserve(virt_to_page(buffer));
		free_page((unsigned long)buffer);
		return result;
	}
	return 0;
}

static void __exit old24_exit(void)
{
	unregister_chrdev(major, "old24");
	mem_map_unreserve(virt_to_page(buffer));
	free_page((unsigned long)buffer);
}

module_init(old24_init);
module_exit(old24_exit);
MODULE_AUTHOR("The vmsim authors");
MODULE_LICENSE("GPL");
