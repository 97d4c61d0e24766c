// SPDX-License-Identifier: MIT
/*
 * A queue whose items become readable after a delay, each through a piece of delayed work. In the style of the
 * drivers of Linux 2.6.10: work with three arguments, kmem_cache_t with a constructor, SPIN_LOCK_UNLOCKED, and
 * prepare_to_wait() spelled out.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <asm/uaccess.h>

#include "delayq.h"

#define ITEM_MAX 24

struct item {
	struct list_head list;
	struct work_struct work;
	size_t length;
	unsigned mark;
	char text[ITEM_MAX];
};

#define ITEM_MARK 0x17e3

static spinlock_t lock = SPIN_LOCK_UNLOCKED;
static LIST_HEAD(delayed);
static LIST_HEAD(ready);
static DECLARE_WAIT_QUEUE_HEAD(readers);
static struct workqueue_struct *queue;
static kmem_cache_t *items;
static unsigned long delay = HZ / 10;
static int broken;	/* items that the constructor has not seen */

static void item_construct(void *object, kmem_cache_t *cache, unsigned long flags)
{
	struct item *item = object;

	if (flags & SLAB_CTOR_CONSTRUCTOR) {
		INIT_LIST_HEAD(&item->list);
		item->mark = ITEM_MARK;
	}
}

static void item_ready(void *data)
{
	struct item *item = data;

	spin_lock(&lock);
	list_move_tail(&item->list, &ready);
	spin_unlock(&lock);
	wake_up_interruptible(&readers);
}

static ssize_t delayq_write(struct file *filp, const char __user *buf, size_t count, loff_t *f_pos)
{
	struct item *item;

	if (count > ITEM_MAX)
		return -EMSGSIZE;
	item = kmem_cache_alloc(items, SLAB_KERNEL);
	if (!item)
		return -ENOMEM;
	if (item->mark != ITEM_MARK)
		broken++;
	if (copy_from_user(item->text, buf, count)) {
		kmem_cache_free(items, item);
		return -EFAULT;
	}
	item->length = count;
	INIT_WORK(&item->work, item_ready, item);
	spin_lock(&lock);
	list_add_tail(&item->list, &delayed);
	spin_unlock(&lock);
	if (delay)
		queue_delayed_work(queue, &item->work, delay);
	else
		queue_work(queue, &item->work);
	return count;
}

static int wait_for_item(struct file *filp)
{
	DEFINE_WAIT(wait);
	int result = 0;

	while (list_empty(&ready)) {
		if (list_empty(&delayed))
			return -ENODATA;	/* nothing will ever come */
		if (filp->f_flags & O_NONBLOCK)
			return -EAGAIN;
		prepare_to_wait(&readers, &wait, TASK_INTERRUPTIBLE);
		if (list_empty(&ready))
			schedule();
		finish_wait(&readers, &wait);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return result;
}

static ssize_t delayq_read(struct file *filp, char __user *buf, size_t count, loff_t *f_pos)
{
	struct item *item;
	int result = wait_for_item(filp);

	if (result == -ENODATA)
		return 0;
	if (result)
		return result;
	spin_lock(&lock);
	item = list_entry(ready.next, struct item, list);
	list_del_init(&item->list);
	spin_unlock(&lock);
	if (count > item->length)
		count = item->length;
	if (copy_to_user(buf, item->text, count))
		count = -EFAULT;
	kmem_cache_free(items, item);
	return count;
}

static unsigned int delayq_poll(struct file *filp, poll_table *wait)
{
	poll_wait(filp, &readers, wait);
	return POLLOUT | POLLWRNORM | (list_empty(&ready) ? 0 : POLLIN | POLLRDNORM);
}

/* Takes back the oldest item that is not ready yet. */
static int delayq_cancel(void)
{
	struct item *item;

	if (list_empty(&delayed))
		return -ENOENT;
	item = list_entry(delayed.next, struct item, list);
	if (!cancel_delayed_work(&item->work))
		flush_workqueue(queue);
	spin_lock(&lock);
	list_del_init(&item->list);
	spin_unlock(&lock);
	kmem_cache_free(items, item);
	return 0;
}

static int delayq_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case DELAYQ_DELAY:
		delay = arg * HZ / 1000;
		return 0;
	case DELAYQ_CANCEL:
		return delayq_cancel();
	case DELAYQ_FLUSH:
		flush_workqueue(queue);
		return list_empty(&delayed);
	case DELAYQ_BROKEN:
		return broken;
	}
	return -ENOTTY;
}

static struct file_operations delayq_fops = {
	.owner = THIS_MODULE,
	.read = delayq_read,
	.write = delayq_write,
	.poll = delayq_poll,
	.ioctl = delayq_ioctl,
};

static struct miscdevice delayq_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "delayq",
	.fops = &delayq_fops,
};

static int __init delayq_init(void)
{
	int result = -ENOMEM;

	items = kmem_cache_create("delayq", sizeof(struct item), 0, 0, item_construct, NULL);
	if (!items)
		return -ENOMEM;
	queue = create_singlethread_workqueue("delayq");
	if (!queue)
		goto fail;
	result = misc_register(&delayq_device);
	if (!result)
		return 0;
	destroy_workqueue(queue);
fail:
	kmem_cache_destroy(items);
	return result;
}

static void __exit delayq_exit(void)
{
	misc_deregister(&delayq_device);
	while (delayq_cancel() == 0)
		;
	destroy_workqueue(queue);
	while (!list_empty(&ready)) {
		struct item *item = list_entry(ready.next, struct item, list);

		list_del(&item->list);
		kmem_cache_free(items, item);
	}
	kmem_cache_destroy(items);
}

module_init(delayq_init);
module_exit(delayq_exit);
MODULE_LICENSE("GPL");
