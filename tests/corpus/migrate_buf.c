// SPDX-License-Identifier: MIT
/*
 * A buffer that lies in vmalloc'ed memory or on a card and moves between them while programs have it mapped: the move
 * unmaps it everywhere, faults wait for its end and map the new place. In the style of graphics memory managers.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <linux/pfn_t.h>
#endif

#include "migrate_buf.h"

#define CARD_BASE 0x10c00000UL
#define MIG_SIZE (MIG_PAGES * PAGE_SIZE)

static void *ram, *card;
static bool on_card;
static unsigned long dirty;
static atomic_t faults = ATOMIC_INIT(0);
static struct address_space *mapping;
static DEFINE_MUTEX(mig_lock);
static DECLARE_COMPLETION(mig_idle);

static vm_fault_t mig_insert(struct vm_fault *vmf, unsigned long pfn)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	return vmf_insert_mixed(vmf->vma, vmf->address, __pfn_to_pfn_t(pfn, PFN_DEV));
#else
	return vmf_insert_mixed(vmf->vma, vmf->address, pfn);
#endif
}

static vm_fault_t mig_fault(struct vm_fault *vmf)
{
	vm_fault_t result;

	atomic_inc(&faults);
	if (vmf->pgoff >= MIG_PAGES)
		return VM_FAULT_SIGBUS;
	mutex_lock(&mig_lock);
	if (on_card)
		result = mig_insert(vmf, (CARD_BASE >> PAGE_SHIFT) + vmf->pgoff);
	else
		result = mig_insert(vmf, vmalloc_to_pfn(ram + (vmf->pgoff << PAGE_SHIFT)));
	mutex_unlock(&mig_lock);
	return result;
}

static vm_fault_t mig_mkwrite(struct vm_fault *vmf)
{
	set_bit(vmf->pgoff, &dirty);
	return 0;
}

static const struct vm_operations_struct mig_vm_ops = {
	.fault = mig_fault,
	.pfn_mkwrite = mig_mkwrite,
};

static int mig_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
#else
	vma->vm_flags |= VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP;
#endif
	vma->vm_ops = &mig_vm_ops;
	return 0;
}

static int mig_move(bool to_card)
{
	int err = -EALREADY;

	mutex_lock(&mig_lock);
	if (on_card != to_card) {
		if (mapping)
			unmap_mapping_range(mapping, 0, MIG_SIZE, 1);
		memcpy(to_card ? card : ram, to_card ? ram : card, MIG_SIZE);
		on_card = to_card;
		dirty = 0;
		err = 0;
	}
	mutex_unlock(&mig_lock);
	return err;
}

static void mig_work_fn(struct work_struct *work)
{
	mig_move(!on_card);
	complete(&mig_idle);
}
static DECLARE_DELAYED_WORK(mig_work, mig_work_fn);

static long mig_wait(unsigned long limit)
{
	long left = wait_for_completion_interruptible_timeout(&mig_idle, msecs_to_jiffies(limit));

	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}

static long mig_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case MIG_TO_CARD:
	case MIG_TO_RAM:
		return mig_move(cmd == MIG_TO_CARD);
	case MIG_DIRTY:
		return dirty;
	case MIG_FAULTS:
		return atomic_read(&faults);
	case MIG_START:
		return schedule_delayed_work(&mig_work, msecs_to_jiffies(20)) ? 0 : -EBUSY;
	case MIG_WAIT_IDLE:
		return mig_wait(arg);
	default:
		return -ENOTTY;
	}
}

static int mig_open(struct inode *inode, struct file *filp)
{
	mapping = filp->f_mapping;
	return 0;
}

static const struct file_operations mig_fops = {
	.owner = THIS_MODULE,
	.open = mig_open,
	.mmap = mig_mmap,
	.unlocked_ioctl = mig_ioctl,
};

static struct miscdevice mig_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "migrate_buf",
	.fops = &mig_fops,
	.mode = 0666,
};

static int __init mig_init(void)
{
	int err = -ENOMEM;

	ram = vzalloc(MIG_SIZE);
	card = memremap(CARD_BASE, MIG_SIZE, MEMREMAP_WB);
	if (!ram || !card)
		goto free;
	strcpy(ram, "buffer");
	err = misc_register(&mig_device);
	if (!err)
		return 0;
free:
	if (card)
		memunmap(card);
	vfree(ram);
	return err;
}

static void __exit mig_exit(void)
{
	misc_deregister(&mig_device);
	cancel_delayed_work_sync(&mig_work);
	memunmap(card);
	vfree(ram);
}

module_init(mig_init);
module_exit(mig_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a buffer that moves");
