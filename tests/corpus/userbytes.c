// SPDX-License-Identifier: MIT
/*
 * Every way to a program's bytes, each behind an ioctl that tells how it came out: access_ok() with three arguments
 * and with two, copies that end at a page that is not there, clear_user(), strncpy_from_user(), get_user() and
 * put_user() of several widths. One source from 2.4 on, as a lesson of a course would have it.
 */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 19)
#include <linux/config.h>
#endif
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/slab.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 18)
#include <asm/uaccess.h>
#else
#include <linux/uaccess.h>
#endif

#include "userbytes.h"

#ifndef __user
#define __user
#endif

#define ROOM 8192

static char *room;

static int may_write(void __user *start, unsigned long length)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 0, 0)
	return access_ok(VERIFY_WRITE, start, length);
#else
	return access_ok(start, length);
#endif
}

static long put_width(void __user *start, unsigned long value, unsigned long width)
{
	switch (width) {
	case 1:
		return put_user((unsigned char)value, (unsigned char __user *)start);
	case 2:
		return put_user((unsigned short)value, (unsigned short __user *)start);
	case 4:
		return put_user((unsigned int)value, (unsigned int __user *)start);
	case 8:
		return put_user(value, (unsigned long __user *)start);
	}
	return -EINVAL;
}

static long bytes_work(unsigned int cmd, struct bytes_request *request)
{
	void __user *start = (void __user *)request->start;
	unsigned int value;
	long result;

	switch (cmd) {
	case BYTES_CHECK:
		return may_write(start, request->length) ? 1 : 0;
	case BYTES_TAKE:
		if (request->length > ROOM)
			return -EINVAL;
		memset(room, '-', ROOM);
		return copy_from_user(room, start, request->length);
	case BYTES_GIVE:
		if (request->length > ROOM)
			return -EINVAL;
		memset(room, 'g', ROOM);
		return copy_to_user(start, room, request->length);
	case BYTES_CLEAR:
		return clear_user(start, request->length);
	case BYTES_TEXT:
		if (request->length > ROOM)
			return -EINVAL;
		return strncpy_from_user(room, start, request->length);
	case BYTES_GET:
		result = get_user(value, (unsigned int __user *)start);
		request->value = value;
		return result;
	case BYTES_PUT:
		return put_width(start, request->value, request->length);
	}
	return -ENOTTY;
}

static long bytes_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct bytes_request request;
	long result;

	if (copy_from_user(&request, (void __user *)arg, sizeof(request)))
		return -EFAULT;
	result = bytes_work(cmd, &request);
	if (copy_to_user((void __user *)arg, &request, sizeof(request)))
		return -EFAULT;
	return result;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
static int bytes_ioctl_old(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	return bytes_ioctl(filp, cmd, arg);
}
#endif

/* The last letters that BYTES_TAKE or BYTES_TEXT brought, `count` of them. */
static ssize_t bytes_read(struct file *filp, char __user *buf, size_t count, loff_t *ppos)
{
	if (count > ROOM)
		count = ROOM;
	return copy_to_user(buf, room, count) ? -EFAULT : count;
}

static struct file_operations bytes_fops = {
	.owner = THIS_MODULE,
	.read = bytes_read,
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
	.ioctl = bytes_ioctl_old,
#else
	.unlocked_ioctl = bytes_ioctl,
#endif
};

static struct miscdevice bytes_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "userbytes",
	.fops = &bytes_fops,
};

static int __init bytes_init(void)
{
	int err;

	room = kmalloc(ROOM, GFP_KERNEL);
	if (!room)
		return -ENOMEM;
	memset(room, 0, ROOM);
	err = misc_register(&bytes_device);
	if (err)
		kfree(room);
	return err;
}

static void __exit bytes_exit(void)
{
	misc_deregister(&bytes_device);
	kfree(room);
}

module_init(bytes_init);
module_exit(bytes_exit);
MODULE_LICENSE("GPL");
