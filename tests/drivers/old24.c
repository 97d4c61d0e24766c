// SPDX-License-Identifier: MIT
/*
 * A character device as drivers of 2.4 were written: use counts by hand, operations by position and by `field: value`,
 * MODULE_PARM, init_module by name, sleep_on, task queues, a proc file. Test driver, Linux 2.4.20.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/malloc.h>
#include <linux/fs.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/proc_fs.h>
#include <linux/fcntl.h>
#include <linux/mm.h>
#include <linux/wrapper.h>
#include <linux/sched.h>
#include <linux/smp_lock.h>
#include <linux/tqueue.h>
#include <linux/interrupt.h>
#include <asm/io.h>
#include <asm/system.h>
#include <asm/segment.h>
#include <asm/uaccess.h>
#include <asm/semaphore.h>

#define OLD24_SIZE 4096

static int old24_major = 240;
static int old24_sizes[3] = { 1, 2, 3 };
static char *old24_greeting = "hello";
MODULE_PARM(old24_major, "i");
MODULE_PARM(old24_sizes, "1-3i");
MODULE_PARM(old24_greeting, "s");
MODULE_AUTHOR("vmsim");

EXPORT_NO_SYMBOLS;

static char *buffer;
static size_t length;
static int bottom_halves, tasks;
static struct semaphore sem;
static spinlock_t lock = SPIN_LOCK_UNLOCKED;
static DECLARE_WAIT_QUEUE_HEAD(readers);
static kmem_cache_t *cache;
static struct tq_struct later;

static void old24_bh(void *data)
{
	spin_lock(&lock);
	++*(int *)data;
	spin_unlock(&lock);
	wake_up_interruptible(&readers);
}

static int old24_open(struct inode *inode, struct file *filp)
{
	MOD_INC_USE_COUNT;
	filp->private_data = (void *)(unsigned long)MINOR(inode->i_rdev);
	return 0;
}

static int old24_release(struct inode *inode, struct file *filp)
{
	MOD_DEC_USE_COUNT;
	return 0;
}

static ssize_t old24_read(struct file *filp, char *buf, size_t count, loff_t *ppos)
{
	while (length == 0) {
		if (filp->f_flags & O_NONBLOCK)
			return -EAGAIN;
		interruptible_sleep_on(&readers);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	if (down_interruptible(&sem))
		return -ERESTARTSYS;
	if (count > length)
		count = length;
	if (verify_area(VERIFY_WRITE, buf, count) || copy_to_user(buf, buffer, count)) {
		up(&sem);
		return -EFAULT;
	}
	length = 0;
	up(&sem);
	return count;
}

static ssize_t old24_write(struct file *filp, const char *buf, size_t count, loff_t *ppos)
{
	if (count > OLD24_SIZE)
		count = OLD24_SIZE;
	if (down_interruptible(&sem))
		return -ERESTARTSYS;
	if (copy_from_user(buffer, buf, count)) {
		up(&sem);
		return -EFAULT;
	}
	length = count;
	up(&sem);
	queue_task(&later, &tq_immediate);
	mark_bh(IMMEDIATE_BH);
	return count;
}

static struct tq_struct in_process;

static int old24_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	int value;

	switch (cmd) {
	case 1:
		return bottom_halves;
	case 2:
		INIT_TQUEUE(&in_process, old24_bh, &tasks);
		return schedule_task(&in_process);
	case 3:
		return tasks;
	case 4:
		if (get_user(value, (int *)arg))
			return -EFAULT;
		return put_user(value + old24_sizes[2], (int *)arg);
	case 5:
		queue_task(&later, &tq_timer);
		return 0;
	}
	return -EINVAL;
}

static int old24_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (size > PAGE_SIZE)
		return -EINVAL;
	if (remap_page_range(vma->vm_start, virt_to_phys(buffer), size, vma->vm_page_prot))
		return -EAGAIN;
	return 0;
}

static struct file_operations old24_fops = {
	llseek: NULL,
	read: old24_read,
	write: old24_write,
	ioctl: old24_ioctl,
	mmap: old24_mmap,
	open: old24_open,
	release: old24_release,
};

/* Another major, whose operations have no names. */
static int plain_open(struct inode *inode, struct file *filp)
{
	MOD_INC_USE_COUNT;
	return 0;
}

static ssize_t plain_read(struct file *filp, char *buf, size_t count, loff_t *ppos)
{
	return copy_to_user(buf, "plain", 5) ? -EFAULT : 5;
}

static int plain_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	return cmd + arg;
}

static struct file_operations plain_fops = {
	NULL,          /* owner */
	NULL,          /* llseek */
	plain_read,
	NULL,          /* write */
	NULL,          /* readdir */
	NULL,          /* poll */
	plain_ioctl,
	NULL,          /* mmap */
	plain_open,
	NULL,          /* flush */
	old24_release,
};

static int old24_read_proc(char *page, char **start, off_t off, int count, int *eof, void *data)
{
	*eof = 1;
	return sprintf(page, "%s %d %d %d\n", old24_greeting, old24_sizes[0], old24_sizes[1],
		       old24_sizes[2]);
}

static int old24_get_info(char *page, char **start, off_t off, int count)
{
	return sprintf(page, "in use: %d\n", MOD_IN_USE);
}

int init_module(void)
{
	int result;

	init_MUTEX(&sem);
	buffer = (char *)__get_free_page(GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	memset(buffer, 0, PAGE_SIZE);
	mem_map_reserve(virt_to_page(buffer));
	cache = kmem_cache_create("old24", 64, 0, SLAB_HWCACHE_ALIGN, NULL, NULL);
	if (!cache) {
		result = -ENOMEM;
		goto fail;
	}
	INIT_TQUEUE(&later, old24_bh, &bottom_halves);
	result = register_chrdev(old24_major, "old24", &old24_fops);
	if (result < 0)
		goto fail;
	result = register_chrdev(old24_major + 1, "plain24", &plain_fops);
	if (result < 0) {
		unregister_chrdev(old24_major, "old24");
		goto fail;
	}
	create_proc_read_entry("old24", 0, NULL, old24_read_proc, NULL);
	create_proc_info_entry("old24_info", 0, NULL, old24_get_info);
	printk("<1>old24: loaded\n");
	return 0;
fail:
	if (cache)
		kmem_cache_destroy(cache);
	mem_map_unreserve(virt_to_page(buffer));
	free_page((unsigned long)buffer);
	return result;
}

void cleanup_module(void)
{
	remove_proc_entry("old24_info", NULL);
	remove_proc_entry("old24", NULL);
	unregister_chrdev(old24_major + 1, "plain24");
	unregister_chrdev(old24_major, "old24");
	kmem_cache_destroy(cache);
	mem_map_unreserve(virt_to_page(buffer));
	free_page((unsigned long)buffer);
}
