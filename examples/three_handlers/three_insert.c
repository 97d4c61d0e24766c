// SPDX-License-Identifier: MIT
/*
 * The third way: vm_insert_page() in the mmap handler. All entries are there at once, as with
 * remap_pfn_range(), but each is a counted page.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "three_buffer.h"

static int three_insert_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long i;
	int err;

	if (vma->vm_pgoff || vma_pages(vma) > THREE_BUFFER_PAGES)
		return -EINVAL;
	for (i = 0; i < vma_pages(vma); i++) {
		err = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE, three_buffer + i);
		if (err)
			return err;
	}
	return 0;
}

static const struct file_operations three_insert_fops = {
	.owner = THIS_MODULE,
	.mmap = three_insert_mmap,
};

static struct miscdevice three_insert = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "three_insert",
	.fops = &three_insert_fops,
};

static int __init three_insert_init(void)
{
	return misc_register(&three_insert);
}

static void __exit three_insert_exit(void)
{
	misc_deregister(&three_insert);
}

module_init(three_insert_init);
module_exit(three_insert_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A buffer mapped by vm_insert_page");
