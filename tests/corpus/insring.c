// SPDX-License-Identifier: MIT
/*
 * A ring of numbers in pages that vm_insert_page() puts into the program's area one by one: a page with both counters
 * and two with the numbers. The program consumes by writing its counter, without a system call. In the style of
 * tracing drivers from 2.6.32 on: a misc device, and a file in /proc made by single_open().
 */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "insring.h"

static struct page *ring[RING_PAGES];
static unsigned int next_number;

static struct ring_head *ring_head(void)
{
	return page_address(ring[0]);
}

static unsigned int *ring_slot(unsigned int n)
{
	unsigned int at = n % RING_SLOTS;
	unsigned int per_page = RING_SLOTS / (RING_PAGES - 1);

	return (unsigned int *)page_address(ring[1 + at / per_page]) + at % per_page;
}

static long ring_produce(unsigned long count)
{
	struct ring_head *head = ring_head();
	long done = 0;

	while (count--) {
		/* The program owns `consumed` and may have written anything there. */
		if (head->produced - head->consumed >= RING_SLOTS) {
			head->lost++;
			next_number++;
			continue;
		}
		*ring_slot(head->produced) = next_number++;
		smp_wmb();
		head->produced++;
		done++;
	}
	return done;
}

static long ring_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	if (cmd != RING_PRODUCE)
		return -ENOTTY;
	return arg > 100000 ? -EINVAL : ring_produce(arg);
}

static int ring_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long at = vma->vm_start;
	int i, err;

	if (vma->vm_pgoff != 0 || vma->vm_end - vma->vm_start != RING_PAGES * PAGE_SIZE)
		return -EINVAL;
	if ((vma->vm_flags & (VM_SHARED | VM_WRITE)) == VM_WRITE)
		return -EINVAL;	/* a private ring would never move */
	for (i = 0; i < RING_PAGES; i++, at += PAGE_SIZE) {
		err = vm_insert_page(vma, at, ring[i]);
		if (err)
			return err;
	}
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_DONTCOPY);
#else
	vma->vm_flags |= VM_DONTCOPY;
#endif
	return 0;
}

static const struct file_operations ring_fops = {
	.owner = THIS_MODULE,
	.mmap = ring_mmap,
	.unlocked_ioctl = ring_ioctl,
};

static struct miscdevice ring_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "insring",
	.fops = &ring_fops,
};

static int ring_show(struct seq_file *m, void *v)
{
	struct ring_head *head = ring_head();
	int i;

	seq_printf(m, "produced %u consumed %u lost %u\nusers", head->produced, head->consumed, head->lost);
	for (i = 0; i < RING_PAGES; i++)
		seq_printf(m, " %d", page_count(ring[i]) - 1);
	seq_puts(m, "\n");
	return 0;
}

static int ring_proc_open(struct inode *inode, struct file *filp)
{
	return single_open(filp, ring_show, NULL);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops ring_proc = {
	.proc_open = ring_proc_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations ring_proc = {
	.owner = THIS_MODULE,
	.open = ring_proc_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static void ring_free(void)
{
	int i;

	for (i = 0; i < RING_PAGES; i++)
		if (ring[i])
			__free_page(ring[i]);
}

static int __init ring_init(void)
{
	int i, err = -ENOMEM;

	for (i = 0; i < RING_PAGES; i++) {
		ring[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!ring[i])
			goto fail;
	}
	ring_head()->slots = RING_SLOTS;
	if (!proc_create("insring", 0444, NULL, &ring_proc))
		goto fail;
	err = misc_register(&ring_device);
	if (!err)
		return 0;
	remove_proc_entry("insring", NULL);
fail:
	ring_free();
	return err;
}

static void __exit ring_exit(void)
{
	misc_deregister(&ring_device);
	remove_proc_entry("insring", NULL);
	ring_free();
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a ring of inserted pages");
