// SPDX-License-Identifier: MIT
/*
 * Two small screens in ordinary memory, mapped whole with remap_pfn_range(). Until 2.6.15 that shows only pages that
 * are reserved, so every page is. In the style of the first kernels with class_simple: ioctl under the big kernel
 * lock, access_ok() with a direction, the minor found through f_dentry.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/io.h>
#include <asm/semaphore.h>
#include <asm/uaccess.h>

#include "framebuf.h"

#define SCREENS 2
#define FB_WIDTH 128
#define FB_HEIGHT 96
#define FB_BYTES (FB_WIDTH * FB_HEIGHT)

static dev_t fb_number;
static struct class_simple *fb_class;
static struct cdev fb_cdev;

static struct screen {
	struct semaphore sem;
	unsigned char *pixels;
	int users;
} screens[SCREENS];

static struct screen *screen_of(struct file *filp)
{
	return &screens[iminor(filp->f_dentry->d_inode)];
}

static int fb_open(struct inode *inode, struct file *filp)
{
	struct screen *screen = screen_of(filp);

	if (down_interruptible(&screen->sem))
		return -ERESTARTSYS;
	screen->users++;
	up(&screen->sem);
	return 0;
}

static int fb_release(struct inode *inode, struct file *filp)
{
	struct screen *screen = screen_of(filp);

	down(&screen->sem);
	screen->users--;
	up(&screen->sem);
	return 0;
}

static int fb_fill(struct screen *screen, struct fb_fill __user *arg)
{
	struct fb_fill fill;

	if (copy_from_user(&fill, arg, sizeof(fill)))
		return -EFAULT;
	if (fill.first >= FB_BYTES || fill.count > FB_BYTES - fill.first || fill.value > 255)
		return -ERANGE;
	memset(screen->pixels + fill.first, fill.value, fill.count);
	return 0;
}

static int fb_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct screen *screen = screen_of(filp);
	struct fb_geometry geometry = { FB_WIDTH, FB_HEIGHT, FB_BYTES, iminor(inode) };
	int ok = 1;

	/* The direction of the command is the program's, that of access_ok() the kernel's. */
	if (_IOC_DIR(cmd) & _IOC_READ)
		ok = access_ok(VERIFY_WRITE, (void __user *)arg, _IOC_SIZE(cmd));
	else if (_IOC_DIR(cmd) & _IOC_WRITE)
		ok = access_ok(VERIFY_READ, (void __user *)arg, _IOC_SIZE(cmd));
	if (!ok)
		return -EFAULT;
	switch (cmd) {
	case FB_GEOMETRY:
		if (__copy_to_user((void __user *)arg, &geometry, sizeof(geometry)))
			return -EFAULT;
		return 0;
	case FB_FILL:
		return fb_fill(screen, (struct fb_fill __user *)arg);
	case FB_USERS:
		return screen->users;
	}
	return -ENOIOCTLCMD;
}

static int fb_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct screen *screen = screen_of(filp);
	unsigned long offset = vma->vm_pgoff << PAGE_SHIFT;
	unsigned long size = vma->vm_end - vma->vm_start;

	if (offset + size > PAGE_ALIGN(FB_BYTES))
		return -EINVAL;
	vma->vm_flags |= VM_IO | VM_RESERVED;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	if (remap_pfn_range(vma, vma->vm_start, (virt_to_phys(screen->pixels) + offset) >> PAGE_SHIFT, size,
			    vma->vm_page_prot))
		return -EAGAIN;
	return 0;
}

static struct file_operations fb_fops = {
	.owner = THIS_MODULE,
	.open = fb_open,
	.release = fb_release,
	.ioctl = fb_ioctl,
	.mmap = fb_mmap,
};

static int screen_make(struct screen *screen)
{
	unsigned long at;

	init_MUTEX(&screen->sem);
	screen->pixels = kmalloc(PAGE_ALIGN(FB_BYTES), GFP_KERNEL);
	if (!screen->pixels)
		return -ENOMEM;
	memset(screen->pixels, 0, PAGE_ALIGN(FB_BYTES));
	for (at = 0; at < FB_BYTES; at += PAGE_SIZE)
		SetPageReserved(virt_to_page(screen->pixels + at));
	return 0;
}

static void screen_drop(struct screen *screen)
{
	unsigned long at;

	if (!screen->pixels)
		return;
	for (at = 0; at < FB_BYTES; at += PAGE_SIZE)
		ClearPageReserved(virt_to_page(screen->pixels + at));
	kfree(screen->pixels);
}

static int __init fb_init(void)
{
	int i, result;

	result = alloc_chrdev_region(&fb_number, 0, SCREENS, "framebuf");
	if (result)
		return result;
	for (i = 0; i < SCREENS && !result; i++)
		result = screen_make(&screens[i]);
	if (result)
		goto fail;
	fb_class = class_simple_create(THIS_MODULE, "framebuf");
	if (IS_ERR(fb_class)) {
		result = PTR_ERR(fb_class);
		goto fail;
	}
	cdev_init(&fb_cdev, &fb_fops);
	fb_cdev.owner = THIS_MODULE;
	result = cdev_add(&fb_cdev, fb_number, SCREENS);
	if (result)
		goto fail_class;
	for (i = 0; i < SCREENS; i++)
		class_simple_device_add(fb_class, MKDEV(MAJOR(fb_number), i), NULL, "screen%d", i);
	return 0;

fail_class:
	class_simple_destroy(fb_class);
fail:
	for (i = 0; i < SCREENS; i++)
		screen_drop(&screens[i]);
	unregister_chrdev_region(fb_number, SCREENS);
	return result;
}

static void __exit fb_exit(void)
{
	int i;

	for (i = 0; i < SCREENS; i++)
		class_simple_device_remove(MKDEV(MAJOR(fb_number), i));
	class_simple_destroy(fb_class);
	cdev_del(&fb_cdev);
	for (i = 0; i < SCREENS; i++)
		screen_drop(&screens[i]);
	unregister_chrdev_region(fb_number, SCREENS);
}

module_init(fb_init);
module_exit(fb_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("two screens in memory");
