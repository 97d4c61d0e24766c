// SPDX-License-Identifier: MIT
/*
 * A store of bytes whose only ways in and out are aio_read and aio_write: plain read() and write() come through them
 * as synchronous requests. In the style of 2.6.10, where both take a buffer and a length; from 2.6.19 on they take
 * vectors. Requests that nobody waits for are finished by delayed work, with a copy of the data.
 */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 19)
#include <linux/config.h>
#endif
#include <linux/module.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/aio.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <asm/uaccess.h>

#define STORE_SIZE 256

static char *store;
static size_t used;

static ssize_t take_out(char __user *buf, size_t count, loff_t pos)
{
	if (pos >= used)
		return 0;
	if (count > used - pos)
		count = used - pos;
	if (copy_to_user(buf, store + pos, count))
		return -EFAULT;
	return count;
}

static ssize_t put_in(const char __user *buf, size_t count, loff_t pos)
{
	if (pos >= STORE_SIZE)
		return -ENOSPC;
	if (count > STORE_SIZE - pos)
		count = STORE_SIZE - pos;
	if (copy_from_user(store + pos, buf, count))
		return -EFAULT;
	if (used < pos + count)
		used = pos + count;
	return count;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 20)
struct deferred {
	struct kiocb *iocb;
	ssize_t result;
	struct work_struct work;
};

static void finish(void *data)
{
	struct deferred *deferred = data;

	aio_complete(deferred->iocb, deferred->result, 0);
	kfree(deferred);
}

static ssize_t answer(struct kiocb *iocb, ssize_t result)
{
	struct deferred *deferred;

	if (result > 0)
		iocb->ki_pos += result;
	if (is_sync_kiocb(iocb))
		return result;
	deferred = kmalloc(sizeof(*deferred), GFP_KERNEL);
	if (!deferred)
		return result;
	deferred->iocb = iocb;
	deferred->result = result;
	INIT_WORK(&deferred->work, finish, deferred);
	schedule_delayed_work(&deferred->work, HZ / 100);
	return -EIOCBQUEUED;
}
#else
static ssize_t answer(struct kiocb *iocb, ssize_t result)
{
	if (result > 0)
		iocb->ki_pos += result;
	return result;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 19)
static ssize_t store_aio_read(struct kiocb *iocb, char __user *buf, size_t count, loff_t pos)
{
	return answer(iocb, take_out(buf, count, pos));
}

static ssize_t store_aio_write(struct kiocb *iocb, const char __user *buf, size_t count, loff_t pos)
{
	return answer(iocb, put_in(buf, count, pos));
}
#else
static ssize_t store_aio_read(struct kiocb *iocb, const struct iovec *iov, unsigned long segments, loff_t pos)
{
	ssize_t total = 0, some = 0;
	unsigned long i;

	for (i = 0; i < segments; i++) {
		some = take_out(iov[i].iov_base, iov[i].iov_len, pos + total);
		if (some <= 0)
			break;
		total += some;
	}
	return answer(iocb, total ? total : some);
}

static ssize_t store_aio_write(struct kiocb *iocb, const struct iovec *iov, unsigned long segments, loff_t pos)
{
	ssize_t total = 0, some = 0;
	unsigned long i;

	for (i = 0; i < segments; i++) {
		some = put_in(iov[i].iov_base, iov[i].iov_len, pos + total);
		if (some <= 0)
			break;
		total += some;
	}
	return answer(iocb, total ? total : some);
}
#endif

static struct file_operations store_fops = {
	.owner = THIS_MODULE,
	.llseek = default_llseek,
	.read = do_sync_read,
	.write = do_sync_write,
	.aio_read = store_aio_read,
	.aio_write = store_aio_write,
};

static struct miscdevice store_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "aiostore",
	.fops = &store_fops,
};

static int __init store_init(void)
{
	int result;

	store = kmalloc(STORE_SIZE, GFP_KERNEL);
	if (!store)
		return -ENOMEM;
	result = misc_register(&store_device);
	if (result)
		kfree(store);
	return result;
}

static void __exit store_exit(void)
{
	misc_deregister(&store_device);
	flush_scheduled_work();
	kfree(store);
}

module_init(store_init);
module_exit(store_exit);
MODULE_LICENSE("GPL");
