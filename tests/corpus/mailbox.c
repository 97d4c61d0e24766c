// SPDX-License-Identifier: MIT
/*
 * A mailbox with one slot: a letter that is posted arrives a little later, by a timer, and whoever reads sleeps until
 * then. In the style of the books on Linux 2.4 and 2.6: interruptible_sleep_on() in a loop, a timer with a number for
 * its handler, one source for several kernels.
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
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <asm/uaccess.h>

#include "mailbox.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 39)
static spinlock_t mail_lock = SPIN_LOCK_UNLOCKED;
#else
static DEFINE_SPINLOCK(mail_lock);
#endif
static DECLARE_WAIT_QUEUE_HEAD(mail_arrived);
static DECLARE_WAIT_QUEUE_HEAD(slot_free);
static struct timer_list mail_timer;
static char letter[MAIL_MAX];
static size_t letter_length;
static int on_its_way, in_slot;
static int arrivals;

static void mail_arrives(unsigned long data)
{
	int *counter = (int *)data;

	spin_lock(&mail_lock);
	on_its_way = 0;
	in_slot = 1;
	++*counter;
	spin_unlock(&mail_lock);
	wake_up_interruptible(&mail_arrived);
}

static ssize_t mail_write(struct file *file, const char *buf, size_t count, loff_t *ppos)
{
	if (count == 0 || count > MAIL_MAX)
		return -EMSGSIZE;
	while (on_its_way || in_slot) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		interruptible_sleep_on(&slot_free);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	if (copy_from_user(letter, buf, count))
		return -EFAULT;
	spin_lock_bh(&mail_lock);
	letter_length = count;
	on_its_way = 1;
	spin_unlock_bh(&mail_lock);
	mail_timer.expires = jiffies + HZ / 10;
	add_timer(&mail_timer);
	return count;
}

static ssize_t mail_read(struct file *file, char *buf, size_t count, loff_t *ppos)
{
	while (!in_slot) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		interruptible_sleep_on(&mail_arrived);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	if (count > letter_length)
		count = letter_length;
	if (copy_to_user(buf, letter, count))
		return -EFAULT;
	in_slot = 0;
	wake_up_interruptible(&slot_free);
	return count;
}

static unsigned int mail_poll(struct file *file, poll_table *wait)
{
	unsigned int mask = 0;

	poll_wait(file, &mail_arrived, wait);
	poll_wait(file, &slot_free, wait);
	if (in_slot)
		mask |= POLLIN | POLLRDNORM;
	if (!in_slot && !on_its_way)
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

/* Waits for a letter, but not for ever: what is left of the time comes back in tenths of a second. */
static long mail_wait(unsigned long tenths)
{
	long left = tenths * (HZ / 10);

	while (!in_slot && left > 0) {
		left = interruptible_sleep_on_timeout(&mail_arrived, left);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return in_slot ? (left + HZ / 20) / (HZ / 10) : -ETIME;
}

static long mail_command(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case MAIL_WAIT:
		return mail_wait(arg);
	case MAIL_ARRIVALS:
		return arrivals;
	case MAIL_RECALL:
		if (!del_timer(&mail_timer))
			return -ENOENT;
		on_its_way = 0;
		wake_up_interruptible(&slot_free);
		return 0;
	}
	return -ENOTTY;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 36)
static int mail_ioctl(struct inode *inode, struct file *file, unsigned int cmd, unsigned long arg)
{
	return mail_command(file, cmd, arg);
}
#endif

static struct file_operations mail_fops = {
	owner:		THIS_MODULE,
	read:		mail_read,
	write:		mail_write,
	poll:		mail_poll,
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 36)
	ioctl:		mail_ioctl,
#else
	unlocked_ioctl:	mail_command,
#endif
};

static int mail_major;

static int __init mail_init(void)
{
	init_timer(&mail_timer);
	mail_timer.function = mail_arrives;
	mail_timer.data = (unsigned long)&arrivals;
	mail_major = register_chrdev(0, "mailbox", &mail_fops);
	return mail_major < 0 ? mail_major : 0;
}

static void __exit mail_exit(void)
{
	unregister_chrdev(mail_major, "mailbox");
	del_timer_sync(&mail_timer);
}

module_init(mail_init);
module_exit(mail_exit);
MODULE_LICENSE("GPL");
