// SPDX-License-Identifier: MIT
/*
 * Knows which pages programs have written since it last looked: .page_mkwrite for pages of RAM, .pfn_mkwrite for those
 * of a card. In the style of deferred frame buffer updates.
 */
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/version.h>

#include "dirty_track.h"

#define CARD_BASE 0x10500000UL
#define RAM_PAGES (TRACK_PAGES / 2)

static struct page *ram[RAM_PAGES];
static unsigned long written;
static unsigned long limit = TRACK_PAGES;
static atomic_t faults = ATOMIC_INIT(0);

static vm_fault_t track_ram_fault(struct vm_fault *vmf)
{
	atomic_inc(&faults);
	if (vmf->pgoff >= RAM_PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = ram[vmf->pgoff];
	get_page(vmf->page);
	return 0;
}

static vm_fault_t track_ram_mkwrite(struct vm_fault *vmf)
{
	if (vmf->pgoff >= limit)
		return VM_FAULT_SIGBUS;
	set_bit(vmf->pgoff, &written);
	lock_page(vmf->page);
	return VM_FAULT_LOCKED;
}

static const struct vm_operations_struct track_ram_ops = {
	.fault = track_ram_fault,
	.page_mkwrite = track_ram_mkwrite,
};

static vm_fault_t track_card_fault(struct vm_fault *vmf)
{
	atomic_inc(&faults);
	if (vmf->pgoff >= TRACK_PAGES)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, (CARD_BASE >> PAGE_SHIFT) + vmf->pgoff - RAM_PAGES);
}

static vm_fault_t track_card_mkwrite(struct vm_fault *vmf)
{
	if (vmf->pgoff >= limit)
		return VM_FAULT_SIGBUS;
	set_bit(vmf->pgoff, &written);
	return 0;
}

static const struct vm_operations_struct track_card_ops = {
	.fault = track_card_fault,
	.pfn_mkwrite = track_card_mkwrite,
};

static int track_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff < RAM_PAGES) {
		vma->vm_ops = &track_ram_ops;
		return 0;
	}
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND);
#else
	vma->vm_flags |= VM_PFNMAP | VM_DONTEXPAND;
#endif
	vma->vm_ops = &track_card_ops;
	return 0;
}

static long track_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TRACK_COLLECT:
		unmap_mapping_range(filp->f_mapping, 0, 0, 0);
		return xchg(&written, 0);
	case TRACK_FAULTS:
		return atomic_read(&faults);
	case TRACK_LIMIT:
		limit = arg;
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations track_fops = {
	.owner = THIS_MODULE,
	.mmap = track_mmap,
	.unlocked_ioctl = track_ioctl,
};

static struct miscdevice track_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dirty_track",
	.fops = &track_fops,
	.mode = 0666,
};

static void track_free(void)
{
	int i;

	for (i = 0; i < RAM_PAGES; i++)
		if (ram[i])
			put_page(ram[i]);
}

static int __init track_init(void)
{
	int i, err = -ENOMEM;
	void *card;

	for (i = 0; i < RAM_PAGES; i++) {
		ram[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!ram[i])
			goto free;
	}
	card = memremap(CARD_BASE, RAM_PAGES * PAGE_SIZE, MEMREMAP_WB);
	if (!card)
		goto free;
	memset(card, 0, RAM_PAGES * PAGE_SIZE);
	memunmap(card);
	err = misc_register(&track_device);
	if (!err)
		return 0;
free:
	track_free();
	return err;
}

static void __exit track_exit(void)
{
	misc_deregister(&track_device);
	track_free();
}

module_init(track_init);
module_exit(track_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("which pages were written");
