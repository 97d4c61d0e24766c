// SPDX-License-Identifier: MIT
/*
 * Reads and writes through a kiocb, in the form of each era: a buffer, vectors, an iterator. Test driver, Linux 2.6.10
 * to 6.12.
 */
#include <linux/aio.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <asm/uaccess.h>

static char text[64] = "nothing yet";

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 1, 0)
static ssize_t asyncio_read(struct kiocb *iocb, struct iov_iter *to)
{
	size_t done;

	if (!is_sync_kiocb(iocb) || iocb->ki_pos >= sizeof(text))
		return 0;
	done = copy_to_iter(text + iocb->ki_pos, strlen(text + iocb->ki_pos), to);
	iocb->ki_pos += done;
	return done;
}

static ssize_t asyncio_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t done = copy_from_iter(text, sizeof(text) - 1, from);

	text[done] = '\0';
	return done;
}
#define READ_OP read_iter
#define WRITE_OP write_iter
#else
static ssize_t get(struct kiocb *iocb, char __user *buf, size_t count, loff_t pos)
{
	size_t all = strlen(text);

	if (!is_sync_kiocb(iocb) || pos >= all)
		return 0;
	if (count > all - pos)
		count = all - pos;
	if (copy_to_user(buf, text + pos, count))
		return -EFAULT;
	iocb->ki_pos = pos + count;
	return count;
}

static ssize_t put(struct kiocb *iocb, const char __user *buf, size_t count)
{
	if (count > sizeof(text) - 1)
		count = sizeof(text) - 1;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	return count;
}
#if LINUX_VERSION_CODE >= KERNEL_VERSION(2, 6, 19)
static ssize_t asyncio_read(struct kiocb *iocb, const struct iovec *iov, unsigned long segments,
			    loff_t pos)
{
	return segments == 1 ? get(iocb, iov->iov_base, iov->iov_len, pos) : -EINVAL;
}

static ssize_t asyncio_write(struct kiocb *iocb, const struct iovec *iov, unsigned long segments,
			     loff_t pos)
{
	return segments == 1 ? put(iocb, iov->iov_base, iov->iov_len) : -EINVAL;
}
#else
static ssize_t asyncio_read(struct kiocb *iocb, char __user *buf, size_t count, loff_t pos)
{
	return get(iocb, buf, count, pos);
}

static ssize_t asyncio_write(struct kiocb *iocb, const char __user *buf, size_t count, loff_t pos)
{
	return put(iocb, buf, count);
}
#endif
#define READ_OP aio_read
#define WRITE_OP aio_write
#endif

static struct file_operations asyncio_fops = {
	.owner = THIS_MODULE,
	.READ_OP = asyncio_read,
	.WRITE_OP = asyncio_write,
};

static struct miscdevice asyncio_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "asyncio",
	.fops = &asyncio_fops,
};

static int __init asyncio_init(void)
{
	return misc_register(&asyncio_dev);
}

static void __exit asyncio_exit(void)
{
	misc_deregister(&asyncio_dev);
}

module_init(asyncio_init);
module_exit(asyncio_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Reads and writes through a kiocb");
