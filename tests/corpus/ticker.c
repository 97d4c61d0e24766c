// SPDX-License-Identifier: MIT
/*
 * A timer that counts into a page which programs map and read without a system call. One source from init_timer() with
 * a number to timer_setup() with the timer itself, and from reserved pages under remap_pfn_range() to vm_insert_page().
 * In the style of the tutorials that were brought from kernel to kernel.
 */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 19)
#include <linux/config.h>
#endif
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <asm/io.h>

#include "ticker.h"

#define TICK_DISTANCE (HZ / 50)

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete_sync(timer) del_timer_sync(timer)
#endif

struct ticker {
	struct timer_list timer;
	wait_queue_head_t waiters;
	unsigned int until;
	struct tick_page *page;
};

static struct ticker ticker;

static void tick(struct ticker *t)
{
	t->page->ticks++;
	t->page->last_step = t->page->step;
	if (t->page->ticks == t->until)
		t->page->stopped = 1;
	else
		mod_timer(&t->timer, jiffies + TICK_DISTANCE);
	wake_up_interruptible(&t->waiters);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
static void tick_timer(struct timer_list *timer)
{
	tick(container_of(timer, struct ticker, timer));
}
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(4, 15, 0)
static void tick_timer(struct timer_list *timer)
{
	struct ticker *t = from_timer(t, timer, timer);

	tick(t);
}
#else
static void tick_timer(unsigned long data)
{
	tick((struct ticker *)data);
}
#endif

static int tick_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_end - vma->vm_start != PAGE_SIZE || vma->vm_pgoff)
		return -EINVAL;
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 15)
	return remap_pfn_range(vma, vma->vm_start, virt_to_phys(ticker.page) >> PAGE_SHIFT, PAGE_SIZE,
			       vma->vm_page_prot) ? -EAGAIN : 0;
#else
	return vm_insert_page(vma, vma->vm_start, virt_to_page(ticker.page));
#endif
}

static long tick_start(unsigned long count)
{
	if (count == 0 || count > 1000)
		return -EINVAL;
	if (timer_pending(&ticker.timer))
		return -EBUSY;
	ticker.page->stopped = 0;
	ticker.until = ticker.page->ticks + count;
	mod_timer(&ticker.timer, jiffies + TICK_DISTANCE);
	return 0;
}

static long tick_stop(void)
{
	int running = timer_delete_sync(&ticker.timer);

	ticker.page->stopped = 1;
	wake_up_interruptible(&ticker.waiters);
	return running;
}

static long tick_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TICK_START:
		return tick_start(arg);
	case TICK_STOP:
		return tick_stop();
	case TICK_WAIT:
		if (wait_event_interruptible(ticker.waiters, ticker.page->ticks >= arg || ticker.page->stopped))
			return -ERESTARTSYS;
		return ticker.page->ticks;
	}
	return -ENOTTY;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
static int tick_ioctl_old(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	return tick_ioctl(filp, cmd, arg);
}
#endif

static struct file_operations tick_fops = {
	.owner = THIS_MODULE,
	.mmap = tick_mmap,
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
	.ioctl = tick_ioctl_old,
#else
	.unlocked_ioctl = tick_ioctl,
#endif
};

static struct miscdevice tick_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ticker",
	.fops = &tick_fops,
};

static int __init tick_init(void)
{
	int err;

	ticker.page = (struct tick_page *)get_zeroed_page(GFP_KERNEL);
	if (!ticker.page)
		return -ENOMEM;
	ticker.page->stopped = 1;
	ticker.page->step = 1;
	init_waitqueue_head(&ticker.waiters);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 15, 0)
	timer_setup(&ticker.timer, tick_timer, 0);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(2, 6, 15)
	setup_timer(&ticker.timer, tick_timer, (unsigned long)&ticker);
#else
	init_timer(&ticker.timer);
	ticker.timer.function = tick_timer;
	ticker.timer.data = (unsigned long)&ticker;
	SetPageReserved(virt_to_page(ticker.page));
#endif
	err = misc_register(&tick_device);
	if (!err)
		return 0;
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 15)
	ClearPageReserved(virt_to_page(ticker.page));
#endif
	free_page((unsigned long)ticker.page);
	return err;
}

static void __exit tick_exit(void)
{
	misc_deregister(&tick_device);
	timer_delete_sync(&ticker.timer);
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 15)
	ClearPageReserved(virt_to_page(ticker.page));
#endif
	free_page((unsigned long)ticker.page);
}

module_init(tick_init);
module_exit(tick_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("ticks in a page");
