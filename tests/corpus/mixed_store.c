// SPDX-License-Identifier: MIT
/*
 * One mapping in which pages of RAM and of a card alternate, filled by vmf_insert_mixed(). In the
 * style of graphics buffers that may lie on either side.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <linux/pfn_t.h>
#endif

#include "mixed_store.h"

#define CARD_BASE 0x10400000UL
#define CARD_SIZE (MIXED_PAGES * PAGE_SIZE)

static struct page *ram[MIXED_PAGES];

static vm_fault_t mixed_insert(struct vm_fault *vmf, unsigned long pfn, bool card)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	return vmf_insert_mixed(vmf->vma, vmf->address, __pfn_to_pfn_t(pfn, card ? PFN_DEV : 0));
#else
	return vmf_insert_mixed(vmf->vma, vmf->address, pfn);
#endif
}

static vm_fault_t mixed_fault(struct vm_fault *vmf)
{
	unsigned long index = vmf->pgoff / 2;

	if (index >= MIXED_PAGES)
		return VM_FAULT_SIGBUS;
	if (vmf->pgoff % 2)
		return mixed_insert(vmf, (CARD_BASE >> PAGE_SHIFT) + index, true);
	return mixed_insert(vmf, page_to_pfn(ram[index]), false);
}

static const struct vm_operations_struct mixed_vm_ops = {
	.fault = mixed_fault,
};

static int mixed_mmap(struct file *filp, struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND);
#else
	vma->vm_flags |= VM_MIXEDMAP | VM_DONTEXPAND;
#endif
	vma->vm_ops = &mixed_vm_ops;
	return 0;
}

static long mixed_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	if (cmd != MIXED_REFS)
		return -ENOTTY;
	return arg < MIXED_PAGES ? page_count(ram[arg]) : -EINVAL;
}

static const struct file_operations mixed_fops = {
	.owner = THIS_MODULE,
	.mmap = mixed_mmap,
	.unlocked_ioctl = mixed_ioctl,
};

static struct miscdevice mixed_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mixed_store",
	.fops = &mixed_fops,
	.mode = 0666,
};

static void mixed_free(void)
{
	int i;

	for (i = 0; i < MIXED_PAGES; i++)
		if (ram[i])
			__free_page(ram[i]);
}

static int __init mixed_init(void)
{
	int i, err = -ENOMEM;
	void *card;

	for (i = 0; i < MIXED_PAGES; i++) {
		ram[i] = alloc_page(GFP_KERNEL);
		if (!ram[i])
			goto free;
		memset(page_address(ram[i]), 0xa0 + i, PAGE_SIZE);
	}
	card = memremap(CARD_BASE, CARD_SIZE, MEMREMAP_WB);
	if (!card)
		goto free;
	memset(card, 0xca, CARD_SIZE);
	memunmap(card);
	err = misc_register(&mixed_device);
	if (!err)
		return 0;
free:
	mixed_free();
	return err;
}

static void __exit mixed_exit(void)
{
	misc_deregister(&mixed_device);
	mixed_free();
}

module_init(mixed_init);
module_exit(mixed_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("RAM and a card's memory in turn");
