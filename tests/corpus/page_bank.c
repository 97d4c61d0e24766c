// SPDX-License-Identifier: MIT
/*
 * Four pages, mapped all at once: by vm_map_pages(), which heeds the offset, by vm_map_pages_zero(), which does not, or
 * by vm_insert_pages(). In the style of the frame buffers of graphics drivers under a hypervisor.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "page_bank.h"

static struct page *bank[BANK_PAGES];
static unsigned long left_over;

static int bank_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long mode = (unsigned long)filp->private_data;
	unsigned long pages = min_t(unsigned long, vma_pages(vma), BANK_PAGES);
	int err;

	switch (mode) {
	case BANK_MAP:
		return vm_map_pages(vma, bank, BANK_PAGES);
	case BANK_MAP_ZERO:
		return vm_map_pages_zero(vma, bank, BANK_PAGES);
	default:
		err = vm_insert_pages(vma, vma->vm_start, bank, &pages);
		left_over = pages;
		return err;
	}
}

static int bank_open(struct inode *inode, struct file *filp)
{
	filp->private_data = (void *)BANK_MAP;
	return 0;
}

static long bank_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case BANK_MODE:
		if (arg > BANK_INSERT)
			return -EINVAL;
		filp->private_data = (void *)arg;
		return 0;
	case BANK_REFS:
		return arg < BANK_PAGES ? page_count(bank[arg]) : -EINVAL;
	case BANK_LEFT:
		return left_over;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations bank_fops = {
	.owner = THIS_MODULE,
	.open = bank_open,
	.mmap = bank_mmap,
	.unlocked_ioctl = bank_ioctl,
};

static struct miscdevice bank_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "page_bank",
	.fops = &bank_fops,
	.mode = 0666,
};

static void bank_free(void)
{
	int i;

	for (i = 0; i < BANK_PAGES; i++)
		if (bank[i])
			__free_page(bank[i]);
}

static int __init bank_init(void)
{
	int i, err = -ENOMEM;

	for (i = 0; i < BANK_PAGES; i++) {
		bank[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!bank[i])
			goto free;
		*(u32 *)page_address(bank[i]) = 0xba00 + i;
	}
	err = misc_register(&bank_device);
	if (!err)
		return 0;
free:
	bank_free();
	return err;
}

static void __exit bank_exit(void)
{
	misc_deregister(&bank_device);
	bank_free();
}

module_init(bank_init);
module_exit(bank_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("pages mapped all at once");
