// SPDX-License-Identifier: MIT
/*
 * Mistake: exit forgets misc_deregister(). The kernel keeps pointers into a module that is gone.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static int forgotten_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations forgotten_fops = {
	.owner = THIS_MODULE,
	.open = forgotten_open,
};

static struct miscdevice forgotten = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "forgotten",
	.fops = &forgotten_fops,
};

static int __init forgotten_init(void)
{
	return misc_register(&forgotten);
}

static void __exit forgotten_exit(void)
{
	pr_info("forgotten: bye\n");
}

module_init(forgotten_init);
module_exit(forgotten_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Leaves its device behind");
