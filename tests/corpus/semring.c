// SPDX-License-Identifier: MIT
/*
 * A ring of bytes between one who writes and one who reads, with a semaphore for the bytes and one for the room.
 * In the style of course labs for Linux 2.6.32: unlocked_ioctl, create_proc_entry(), device
 * numbers by alloc_chrdev_region(), nodes by device_create(), down_interruptible() and down_trylock().
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "semring.h"

static unsigned int ring_size = 16;
module_param(ring_size, uint, S_IRUGO);
MODULE_PARM_DESC(ring_size, "bytes in the ring");

static struct semring {
	char *bytes;
	unsigned int head, tail;
	struct semaphore full, empty, lock;
	struct cdev cdev;
	dev_t number;
	unsigned long in, out;
	unsigned int opened;
} ring;

static struct class *ring_class;

/* Takes one from `sem`; the first byte of a call may wait, the others are taken only if they are there. */
static int ring_take(struct semaphore *sem, struct file *filp, int first)
{
	if (!first || (filp->f_flags & O_NONBLOCK))
		return down_trylock(sem) ? -EAGAIN : 0;
	return down_interruptible(sem) ? -ERESTARTSYS : 0;
}

static ssize_t ring_read(struct file *filp, char __user *buf, size_t count, loff_t *ppos)
{
	size_t done;
	int err;

	for (done = 0; done < count; done++) {
		err = ring_take(&ring.full, filp, done == 0);
		if (err)
			return done ? done : err;
		down(&ring.lock);
		if (put_user(ring.bytes[ring.tail], buf + done)) {
			up(&ring.lock);
			up(&ring.full);
			return done ? done : -EFAULT;
		}
		ring.tail = (ring.tail + 1) % ring_size;
		ring.out++;
		up(&ring.lock);
		up(&ring.empty);
	}
	return done;
}

static ssize_t ring_write(struct file *filp, const char __user *buf, size_t count, loff_t *ppos)
{
	size_t done;
	char byte;
	int err;

	for (done = 0; done < count; done++) {
		if (get_user(byte, buf + done))
			return done ? done : -EFAULT;
		err = ring_take(&ring.empty, filp, done == 0);
		if (err)
			return done ? done : err;
		down(&ring.lock);
		ring.bytes[ring.head] = byte;
		ring.head = (ring.head + 1) % ring_size;
		ring.in++;
		up(&ring.lock);
		up(&ring.full);
	}
	return done;
}

static long ring_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct semring_state state;

	if (_IOC_TYPE(cmd) != SEMRING_TYPE)
		return -ENOTTY;
	switch (cmd) {
	case SEMRING_STATE:
		down(&ring.lock);
		state.size = ring_size;
		state.held = ring.in - ring.out;
		up(&ring.lock);
		return copy_to_user((void __user *)arg, &state, sizeof(state)) ? -EFAULT : 0;
	case SEMRING_RESET:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		while (!down_trylock(&ring.full)) {
			ring.tail = (ring.tail + 1) % ring_size;
			ring.out++;
			up(&ring.empty);
		}
		return 0;
	}
	return -ENOTTY;
}

/* The ring is vmalloc'ed for those who only look: a read-only mapping of its first page. */
static int ring_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	vma->vm_flags &= ~VM_MAYWRITE;
	return remap_vmalloc_range(vma, ring.bytes, vma->vm_pgoff);
}

static int ring_open(struct inode *inode, struct file *filp)
{
	down(&ring.lock);
	ring.opened++;
	up(&ring.lock);
	return nonseekable_open(inode, filp);
}

static const struct file_operations ring_fops = {
	.owner = THIS_MODULE,
	.open = ring_open,
	.read = ring_read,
	.write = ring_write,
	.mmap = ring_mmap,
	.unlocked_ioctl = ring_ioctl,
};

static int ring_read_proc(char *page, char **start, off_t off, int count, int *eof, void *data)
{
	int len = sprintf(page, "in %lu out %lu opened %u\n", ring.in, ring.out, ring.opened);

	*eof = 1;
	return len;
}

/* What is written sets the count of opens anew. */
static int ring_write_proc(struct file *file, const char __user *buffer, unsigned long count, void *data)
{
	char text[12];

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buffer, count))
		return -EFAULT;
	text[count] = '\0';
	ring.opened = simple_strtoul(text, NULL, 10);
	return count;
}

static int __init ring_init(void)
{
	struct proc_dir_entry *entry;
	int err = -ENOMEM;

	if (ring_size == 0 || ring_size > PAGE_SIZE)
		return -EINVAL;
	ring.bytes = vmalloc_user(PAGE_SIZE);
	if (!ring.bytes)
		return -ENOMEM;
	sema_init(&ring.full, 0);
	sema_init(&ring.empty, ring_size);
	init_MUTEX(&ring.lock);
	err = alloc_chrdev_region(&ring.number, 0, 1, "semring");
	if (err)
		goto fail;
	cdev_init(&ring.cdev, &ring_fops);
	ring.cdev.owner = THIS_MODULE;
	err = cdev_add(&ring.cdev, ring.number, 1);
	if (err)
		goto fail_region;
	ring_class = class_create(THIS_MODULE, "semring");
	if (IS_ERR(ring_class)) {
		err = PTR_ERR(ring_class);
		goto fail_cdev;
	}
	device_create(ring_class, NULL, ring.number, NULL, "semring");
	entry = create_proc_entry("semring", 0644, NULL);
	if (entry) {
		entry->read_proc = ring_read_proc;
		entry->write_proc = ring_write_proc;
	}
	return 0;

fail_cdev:
	cdev_del(&ring.cdev);
fail_region:
	unregister_chrdev_region(ring.number, 1);
fail:
	vfree(ring.bytes);
	return err;
}

static void __exit ring_exit(void)
{
	remove_proc_entry("semring", NULL);
	device_destroy(ring_class, ring.number);
	class_destroy(ring_class);
	cdev_del(&ring.cdev);
	unregister_chrdev_region(ring.number, 1);
	vfree(ring.bytes);
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
