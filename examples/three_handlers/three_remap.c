// SPDX-License-Identifier: MIT
/*
 * The first way: remap_pfn_range() in the mmap handler writes all entries at once. The kernel sees
 * frame numbers only; it does not count the pages.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "three_buffer.h"

static int three_remap_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma_pages(vma) > THREE_BUFFER_PAGES)
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(three_buffer),
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static const struct file_operations three_remap_fops = {
	.owner = THIS_MODULE,
	.mmap = three_remap_mmap,
};

static struct miscdevice three_remap = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "three_remap",
	.fops = &three_remap_fops,
};

static int __init three_remap_init(void)
{
	return misc_register(&three_remap);
}

static void __exit three_remap_exit(void)
{
	misc_deregister(&three_remap);
}

module_init(three_remap_init);
module_exit(three_remap_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A buffer mapped by remap_pfn_range");
