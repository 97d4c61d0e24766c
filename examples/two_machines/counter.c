// SPDX-License-Identifier: MIT
/*
 * /dev/counter: each read() counts and returns the number as text. One source for Linux 2.6.10
 * and 6.12.
 */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 12, 0)
#include <linux/uaccess.h>
#else
#include <asm/uaccess.h>
#endif

static int count; /* each machine that loads the driver has its own */

static ssize_t counter_read(struct file *filp, char __user *to, size_t size, loff_t *ppos)
{
	char text[16];
	size_t length = sprintf(text, "%d", ++count);

	if (size < length)
		return -EINVAL;
	if (copy_to_user(to, text, length))
		return -EFAULT;
	return length;
}

static struct file_operations counter_fops = {
	.owner = THIS_MODULE,
	.read = counter_read,
};

static struct miscdevice counter = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "counter",
	.fops = &counter_fops,
};

static int __init counter_init(void)
{
	printk(KERN_INFO "counter: compiled for Linux %d.%d.%d\n", LINUX_VERSION_CODE >> 16,
	       LINUX_VERSION_CODE >> 8 & 255, LINUX_VERSION_CODE & 255);
	return misc_register(&counter);
}

static void __exit counter_exit(void)
{
	misc_deregister(&counter);
}

module_init(counter_init);
module_exit(counter_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Counts reads");
