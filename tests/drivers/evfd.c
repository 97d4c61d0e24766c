// SPDX-License-Identifier: MIT
/*
 * Signals a program's eventfd, at once or from a timer. Test driver, Linux 2.6.32 to 6.12.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <linux/version.h>

#include "hrtick.h"

static struct eventfd_ctx *ctx;
static struct timer_list timer;

static void evfd_signal(unsigned long n)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, n);
#endif
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 15, 0)
static void evfd_fire(struct timer_list *t)
#else
static void evfd_fire(unsigned long data)
#endif
{
	evfd_signal(1);
}

static void evfd_drop(void)
{
	if (ctx)
		eventfd_ctx_put(ctx);
	ctx = NULL;
}

static long evfd_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct eventfd_ctx *taken;

	switch (cmd) {
	case EVFD_TAKE:
		taken = eventfd_ctx_fdget(arg);
		if (IS_ERR(taken))
			return PTR_ERR(taken);
		evfd_drop();
		ctx = taken;
		return 0;
	case EVFD_SIGNAL:
		if (!ctx)
			return -ENXIO;
		evfd_signal(arg);
		return 0;
	case EVFD_LATER_MS:
		mod_timer(&timer, jiffies + msecs_to_jiffies(arg));
		return 0;
	case EVFD_DROP:
		evfd_drop();
		return 0;
	}
	return -ENOTTY;
}

static const struct file_operations evfd_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = evfd_ioctl,
};

static struct miscdevice evfd_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "evfd",
	.fops = &evfd_fops,
};

static int __init evfd_init(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 15, 0)
	timer_setup(&timer, evfd_fire, 0);
#else
	setup_timer(&timer, evfd_fire, 0);
#endif
	return misc_register(&evfd_dev);
}

static void __exit evfd_exit(void)
{
	misc_deregister(&evfd_dev);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	timer_delete_sync(&timer);
#else
	del_timer_sync(&timer);
#endif
	evfd_drop();
}

module_init(evfd_init);
module_exit(evfd_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Signals an eventfd");
