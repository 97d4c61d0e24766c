// SPDX-License-Identifier: MIT
/*
 * A byte store with every ordinary file operation: read, write, llseek, ioctl, poll. It has no
 * mmap. Its handlers have the plain names that clash with a C library's prototypes if one leaks.
 * Test driver, Linux 6.12.
 */
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "misc_basic.h"

static int capacity = 8192;
module_param(capacity, int, 0644);

static DEFINE_MUTEX(lock); /* protects store, length and limit */
static DECLARE_WAIT_QUEUE_HEAD(readers);
static atomic_t opens = ATOMIC_INIT(0);
static char *store;
static size_t length;
static int limit;

static int open(struct inode *inode, struct file *filp)
{
	atomic_inc(&opens);
	pr_debug("misc_basic: opened by %s (%d)\n", current->comm, current->pid);
	return 0;
}

static int close(struct inode *inode, struct file *filp)
{
	atomic_dec(&opens);
	return 0;
}

static ssize_t read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&lock))
		return -ERESTARTSYS;
	ret = simple_read_from_buffer(to, count, ppos, store, length);
	mutex_unlock(&lock);
	return ret;
}

static ssize_t write(struct file *filp, const char __user *from, size_t count, loff_t *ppos)
{
	loff_t pos;
	ssize_t ret;

	if (mutex_lock_interruptible(&lock))
		return -ERESTARTSYS;
	pos = (filp->f_flags & O_APPEND) ? (loff_t)length : *ppos;
	ret = -ENOSPC;
	if (pos >= limit)
		goto out;
	count = min_t(size_t, count, limit - pos);
	ret = -EFAULT;
	if (copy_from_user(store + pos, from, count))
		goto out;
	*ppos = pos + count;
	length = max_t(size_t, length, *ppos);
	ret = count;
out:
	mutex_unlock(&lock);
	if (ret > 0)
		wake_up_interruptible(&readers);
	return ret;
}

static loff_t llseek(struct file *filp, loff_t offset, int whence)
{
	return fixed_size_llseek(filp, offset, whence, limit);
}

static __poll_t poll(struct file *filp, poll_table *wait)
{
	poll_wait(filp, &readers, wait);
	return EPOLLOUT | EPOLLWRNORM | (length ? EPOLLIN | EPOLLRDNORM : 0);
}

static long wait_for_data(unsigned long milliseconds)
{
	long left;

	if (!milliseconds)
		return wait_event_interruptible(readers, length != 0);
	left = wait_event_interruptible_timeout(readers, length != 0,
						msecs_to_jiffies(milliseconds));
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}

static long ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct misc_basic_state state = {};
	int new_limit;

	switch (cmd) {
	case MISC_BASIC_CLEAR:
		mutex_lock(&lock);
		memset(store, 0, capacity);
		length = 0;
		mutex_unlock(&lock);
		return 0;
	case MISC_BASIC_STATE:
		state.length = length;
		state.opens = atomic_read(&opens);
		state.pid = task_tgid_nr(current);
		return copy_to_user((void __user *)arg, &state, sizeof(state)) ? -EFAULT : 0;
	case MISC_BASIC_SET_LIMIT:
		if (get_user(new_limit, (int __user *)arg))
			return -EFAULT;
		if (new_limit < 0 || new_limit > capacity)
			return -EINVAL;
		mutex_lock(&lock);
		limit = new_limit;
		mutex_unlock(&lock);
		return 0;
	case MISC_BASIC_WAIT:
		return wait_for_data(arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.release = close,
	.read = read,
	.write = write,
	.llseek = llseek,
	.poll = poll,
	.unlocked_ioctl = ioctl,
};

static struct miscdevice misc_basic = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "misc_basic",
	.fops = &fops,
};

static int __init misc_basic_init(void)
{
	int ret;

	if (capacity <= 0)
		return -EINVAL;
	store = kzalloc(capacity, GFP_KERNEL);
	if (!store)
		return -ENOMEM;
	limit = capacity;
	ret = misc_register(&misc_basic);
	if (ret)
		kfree(store);
	return ret;
}

static void __exit misc_basic_exit(void)
{
	misc_deregister(&misc_basic);
	kfree(store);
}

module_init(misc_basic_init);
module_exit(misc_basic_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A byte store without mmap");
