// SPDX-License-Identifier: MIT
/*
 * Mistake: the fault handler trusts vma->vm_private_data, which nobody has set.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

struct buffer {
	unsigned long pages;
	struct page *page[4];
};

static vm_fault_t null_fault(struct vm_fault *vmf)
{
	struct buffer *buffer = vmf->vma->vm_private_data; /* NULL */

	if (vmf->pgoff >= buffer->pages)
		return VM_FAULT_SIGBUS;
	vmf->page = buffer->page[vmf->pgoff];
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct null_vm_ops = {
	.fault = null_fault,
};

static int null_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &null_vm_ops;
	return 0;
}

static const struct file_operations null_fops = {
	.owner = THIS_MODULE,
	.mmap = null_mmap,
};

static struct miscdevice null_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "null_in_fault",
	.fops = &null_fops,
};

module_misc_device(null_dev);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Follows a NULL pointer at the fault");
