// SPDX-License-Identifier: MIT
/*
 * A ring of pages for each open file, mapped by vm_insert_page(). A timer queues work, the work writes the next record
 * and wakes who polls. In the style of packet and audio capture.
 */
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "page_ring.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete_sync(timer) del_timer_sync(timer)
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define timer_container_of(var, timer, field) from_timer(var, timer, field)
#endif

struct ring {
	struct page *pages[RING_PAGES];
	struct timer_list timer;
	struct work_struct work;
	wait_queue_head_t readable;
	unsigned int left;
};

static struct ring_header *ring_header(struct ring *ring)
{
	return page_address(ring->pages[0]);
}

static void ring_work(struct work_struct *work)
{
	struct ring *ring = container_of(work, struct ring, work);
	struct ring_header *header = ring_header(ring);
	unsigned int head = header->head;

	if (head - READ_ONCE(header->tail) >= RING_SLOTS) {
		header->dropped++;
	} else {
		memset(page_address(ring->pages[1 + head % RING_SLOTS]), 'a' + head, PAGE_SIZE);
		smp_store_release(&header->head, head + 1);
		wake_up_interruptible(&ring->readable);
	}
	if (--ring->left)
		mod_timer(&ring->timer, jiffies + msecs_to_jiffies(10));
}

static void ring_tick(struct timer_list *timer)
{
	struct ring *ring = timer_container_of(ring, timer, timer);

	schedule_work(&ring->work);
}

static void ring_free(struct ring *ring)
{
	int i;

	for (i = 0; i < RING_PAGES; i++)
		if (ring->pages[i])
			put_page(ring->pages[i]);
	kfree(ring);
}

static int ring_open(struct inode *inode, struct file *filp)
{
	struct ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	int i;

	if (!ring)
		return -ENOMEM;
	for (i = 0; i < RING_PAGES; i++) {
		ring->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!ring->pages[i]) {
			ring_free(ring);
			return -ENOMEM;
		}
	}
	timer_setup(&ring->timer, ring_tick, 0);
	INIT_WORK(&ring->work, ring_work);
	init_waitqueue_head(&ring->readable);
	filp->private_data = ring;
	return nonseekable_open(inode, filp);
}

static int ring_release(struct inode *inode, struct file *filp)
{
	struct ring *ring = filp->private_data;

	ring->left = 1;
	timer_delete_sync(&ring->timer);
	cancel_work_sync(&ring->work);
	timer_delete_sync(&ring->timer);
	ring_free(ring);
	return 0;
}

static int ring_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct ring *ring = filp->private_data;
	unsigned long pages = vma_pages(vma);
	unsigned long i;
	int err;

	if (vma->vm_pgoff >= RING_PAGES || pages > RING_PAGES - vma->vm_pgoff)
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	for (i = 0; i < pages; i++) {
		err = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE, ring->pages[vma->vm_pgoff + i]);
		if (err)
			return err;
	}
	return 0;
}

static __poll_t ring_poll(struct file *filp, poll_table *wait)
{
	struct ring *ring = filp->private_data;
	struct ring_header *header = ring_header(ring);

	poll_wait(filp, &ring->readable, wait);
	if (smp_load_acquire(&header->head) != READ_ONCE(header->tail))
		return EPOLLIN | EPOLLRDNORM;
	return 0;
}

static long ring_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct ring *ring = filp->private_data;

	switch (cmd) {
	case RING_START:
		if (!arg || arg > 100)
			return -EINVAL;
		if (ring->left)
			return -EBUSY;
		ring->left = arg;
		mod_timer(&ring->timer, jiffies + msecs_to_jiffies(10));
		return 0;
	case RING_LEFT:
		return ring->left;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations ring_fops = {
	.owner = THIS_MODULE,
	.open = ring_open,
	.release = ring_release,
	.mmap = ring_mmap,
	.poll = ring_poll,
	.unlocked_ioctl = ring_ioctl,
};

static struct miscdevice ring_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "page_ring",
	.fops = &ring_fops,
	.mode = 0666,
};

static int __init ring_init(void)
{
	return misc_register(&ring_device);
}

static void __exit ring_exit(void)
{
	misc_deregister(&ring_device);
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("records in a mapped ring");
