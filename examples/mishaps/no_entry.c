// SPDX-License-Identifier: MIT
/*
 * Mistake: the fault handler says that it has made the entry (VM_FAULT_NOPAGE), and has not.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static vm_fault_t no_entry_fault(struct vm_fault *vmf)
{
	return VM_FAULT_NOPAGE;
}

static const struct vm_operations_struct no_entry_vm_ops = {
	.fault = no_entry_fault,
};

static int no_entry_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &no_entry_vm_ops;
	return 0;
}

static const struct file_operations no_entry_fops = {
	.owner = THIS_MODULE,
	.mmap = no_entry_mmap,
};

static struct miscdevice no_entry = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "no_entry",
	.fops = &no_entry_fops,
};

module_misc_device(no_entry);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Promises an entry and makes none");
