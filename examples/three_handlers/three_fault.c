// SPDX-License-Identifier: MIT
/*
 * The second way: the mmap handler only installs vm_ops; each page is handed out at its first
 * touch, in vmf->page, with a reference that the mapping gives back when it ends.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "three_buffer.h"

static vm_fault_t three_fault_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff >= THREE_BUFFER_PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = three_buffer + vmf->pgoff;
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct three_fault_vm_ops = {
	.fault = three_fault_fault,
};

static int three_fault_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &three_fault_vm_ops;
	return 0;
}

static const struct file_operations three_fault_fops = {
	.owner = THIS_MODULE,
	.mmap = three_fault_mmap,
};

static struct miscdevice three_fault = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "three_fault",
	.fops = &three_fault_fops,
};

static int __init three_fault_init(void)
{
	return misc_register(&three_fault);
}

static void __exit three_fault_exit(void)
{
	misc_deregister(&three_fault);
}

module_init(three_fault_init);
module_exit(three_fault_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A buffer mapped page by page at the fault");
