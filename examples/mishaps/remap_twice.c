// SPDX-License-Identifier: MIT
/*
 * Mistake: the second half of the mapping is remapped from its start, over the first half.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct page *pages; /* two */

static int twice_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long half = (vma->vm_end - vma->vm_start) / 2;
	unsigned long pfn = page_to_pfn(pages);
	int err;

	err = remap_pfn_range(vma, vma->vm_start, pfn, half, vma->vm_page_prot);
	if (err)
		return err;
	/* vm_start + half was meant. */
	return remap_pfn_range(vma, vma->vm_start, pfn + 1, half, vma->vm_page_prot);
}

static const struct file_operations twice_fops = {
	.owner = THIS_MODULE,
	.mmap = twice_mmap,
};

static struct miscdevice twice = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "remap_twice",
	.fops = &twice_fops,
};

static int __init twice_init(void)
{
	int err;

	pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, 1);
	if (!pages)
		return -ENOMEM;
	err = misc_register(&twice);
	if (err)
		__free_pages(pages, 1);
	return err;
}

static void __exit twice_exit(void)
{
	misc_deregister(&twice);
	__free_pages(pages, 1);
}

module_init(twice_init);
module_exit(twice_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Maps over its own entries");
