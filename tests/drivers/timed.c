// SPDX-License-Identifier: MIT
/*
 * A timer, a wait for it with a timeout, and work of a queue of its own that sleeps. Test driver,
 * Linux 6.12.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "timed.h"

static struct timer_list timer;
static struct work_struct work;
static struct delayed_work later;
static struct workqueue_struct *queue;
static DECLARE_WAIT_QUEUE_HEAD(ticked);
static atomic_t ticks = ATOMIC_INIT(0);
static atomic_t runs = ATOMIC_INIT(0);
static unsigned int period_ms, periods;

static void timed_tick(struct timer_list *t)
{
	atomic_inc(&ticks);
	wake_up_interruptible(&ticked);
	if (periods && --periods)
		mod_timer(t, jiffies + msecs_to_jiffies(period_ms));
}

static void timed_run(struct work_struct *w)
{
	msleep(20);
	atomic_inc(&runs);
}

static long timed_wait(unsigned long ms)
{
	int before = atomic_read(&ticks);
	long left = wait_event_interruptible_timeout(ticked, atomic_read(&ticks) != before,
						     msecs_to_jiffies(ms));

	return left <= 0 ? left : (long)jiffies_to_msecs(left);
}

static long timed_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TIMED_START:
		period_ms = arg;
		mod_timer(&timer, jiffies + msecs_to_jiffies(arg));
		return 0;
	case TIMED_PERIODIC:
		periods = arg;
		return 0;
	case TIMED_WAIT:
		return timed_wait(arg);
	case TIMED_TICKS:
		return atomic_read(&ticks);
	case TIMED_WORK:
		return queue_work(queue, &work);
	case TIMED_LATER:
		return queue_delayed_work(queue, &later, msecs_to_jiffies(arg));
	case TIMED_WORK_RUNS:
		return atomic_read(&runs);
	case TIMED_FLUSH:
		flush_workqueue(queue);
		return 0;
	case TIMED_STOP:
		return timer_delete_sync(&timer);
	}
	return -ENOTTY;
}

static const struct file_operations timed_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = timed_ioctl,
};

static struct miscdevice timed_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "timed",
	.fops = &timed_fops,
};

static int __init timed_init(void)
{
	int ret;

	timer_setup(&timer, timed_tick, 0);
	INIT_WORK(&work, timed_run);
	INIT_DELAYED_WORK(&later, timed_run);
	queue = alloc_workqueue("timed", 0, 0);
	if (!queue)
		return -ENOMEM;
	ret = misc_register(&timed_dev);
	if (ret)
		destroy_workqueue(queue);
	return ret;
}

static void __exit timed_exit(void)
{
	misc_deregister(&timed_dev);
	timer_delete_sync(&timer);
	cancel_delayed_work_sync(&later);
	destroy_workqueue(queue);
}

module_init(timed_init);
module_exit(timed_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Timer, wait and work");
