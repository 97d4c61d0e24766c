// SPDX-License-Identifier: MIT
/*
 * A periodic hrtimer behind a misc device. Test driver, Linux 2.6.32 to 6.17.
 */
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/version.h>

#include "hrtick.h"

static struct hrtimer timer;
static unsigned long period_ns;
static int ticks, ticks_max, never_forward;
static s64 last_ns;

static enum hrtimer_restart hrtick_fire(struct hrtimer *t)
{
	last_ns = ktime_to_ns(hrtimer_cb_get_time(t));
	if (++ticks >= ticks_max)
		return HRTIMER_NORESTART;
	if (!never_forward)
		hrtimer_forward_now(t, ktime_set(0, period_ns));
	return HRTIMER_RESTART;
}

static long hrtick_sleep(unsigned long us)
{
	ktime_t until = ktime_add_us(ktime_get(), us);

	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
}

static long hrtick_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case HRTICK_START:
		period_ns = arg;
		hrtimer_start(&timer, ktime_set(0, arg), HRTIMER_MODE_REL);
		return 0;
	case HRTICK_MAX:
		ticks_max = arg;
		ticks = 0;
		return 0;
	case HRTICK_TICKS:
		return ticks;
	case HRTICK_LAST_US:
		return last_ns / 1000;
	case HRTICK_CANCEL:
		return hrtimer_cancel(&timer);
	case HRTICK_STATE:
		return hrtimer_active(&timer) | hrtimer_is_queued(&timer) << 1 |
		       (ktime_to_ns(hrtimer_get_remaining(&timer)) > 0) << 2;
	case HRTICK_STORM:
		never_forward = arg;
		return 0;
	case HRTICK_SLEEP_US:
		return hrtick_sleep(arg);
	}
	return -ENOTTY;
}

static const struct file_operations hrtick_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = hrtick_ioctl,
};

static struct miscdevice hrtick_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hrtick",
	.fops = &hrtick_fops,
};

/* Left behind on purpose if told so. */
static int forget;
module_param(forget, int, 0);

static int __init hrtick_init(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&timer, hrtick_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer.function = hrtick_fire;
#endif
	return misc_register(&hrtick_dev);
}

static void __exit hrtick_exit(void)
{
	misc_deregister(&hrtick_dev);
	if (!forget)
		hrtimer_cancel(&timer);
}

module_init(hrtick_init);
module_exit(hrtick_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A periodic hrtimer");
