// SPDX-License-Identifier: MIT
/*
 * Mistake: virt_to_page() of memory from vmalloc(). It does arithmetic that holds for low memory
 * only; vmalloc_to_page() looks into the kernel's page tables.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static void *buffer;

static vm_fault_t vmalloc_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;
	vmf->page = virt_to_page(buffer);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vmalloc_vm_ops = {
	.fault = vmalloc_fault,
};

static int vmalloc_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vmalloc_vm_ops;
	return 0;
}

static const struct file_operations vmalloc_fops = {
	.owner = THIS_MODULE,
	.mmap = vmalloc_mmap,
};

static struct miscdevice vmalloc_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vmalloc_page",
	.fops = &vmalloc_fops,
};

static int __init vmalloc_page_init(void)
{
	int err;

	buffer = vzalloc(PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	err = misc_register(&vmalloc_dev);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit vmalloc_page_exit(void)
{
	misc_deregister(&vmalloc_dev);
	vfree(buffer);
}

module_init(vmalloc_page_init);
module_exit(vmalloc_page_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Takes vmalloc memory for low memory");
