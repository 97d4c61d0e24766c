// SPDX-License-Identifier: MIT
/*
 * A driver that does everything right: one shared page. The program that maps it watches the
 * others go wrong.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct page *page;

static int witness_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vm_insert_page(vma, vma->vm_start, page);
}

static const struct file_operations witness_fops = {
	.owner = THIS_MODULE,
	.mmap = witness_mmap,
};

static struct miscdevice witness = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "witness",
	.fops = &witness_fops,
};

static int __init witness_init(void)
{
	int err;

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	err = misc_register(&witness);
	if (err)
		__free_page(page);
	return err;
}

static void __exit witness_exit(void)
{
	misc_deregister(&witness);
	__free_page(page);
}

module_init(witness_init);
module_exit(witness_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A driver without a mistake");
