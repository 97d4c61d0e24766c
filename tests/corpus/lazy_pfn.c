// SPDX-License-Identifier: MIT
/*
 * A card's memory that is given to programs page by page as they touch it, by vmf_insert_pfn(). unmap_mapping_range()
 * takes it away. In the style of graphics drivers that evict buffers.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

#include "lazy_pfn.h"

#define LAZY_BASE 0x10300000UL
#define LAZY_SIZE (LAZY_PAGES * PAGE_SIZE)

static atomic_t faults = ATOMIC_INIT(0);
static bool frozen;

static vm_fault_t lazy_fault(struct vm_fault *vmf)
{
	atomic_inc(&faults);
	if (frozen || vmf->pgoff >= LAZY_PAGES)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, (LAZY_BASE >> PAGE_SHIFT) + vmf->pgoff);
}

static const struct vm_operations_struct lazy_vm_ops = {
	.fault = lazy_fault,
};

static int lazy_mmap(struct file *filp, struct vm_area_struct *vma)
{
	/* A private copy of device memory makes no sense. */
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE)
		return -EINVAL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
#else
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
#endif
	vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	vma->vm_ops = &lazy_vm_ops;
	return 0;
}

static long lazy_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case LAZY_FAULTS:
		return atomic_read(&faults);
	case LAZY_ZAP:
		unmap_mapping_range(filp->f_mapping, (loff_t)arg << PAGE_SHIFT, arg ? PAGE_SIZE : 0, 1);
		return 0;
	case LAZY_FREEZE:
		frozen = arg;
		if (frozen)
			unmap_mapping_range(filp->f_mapping, 0, 0, 1);
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations lazy_fops = {
	.owner = THIS_MODULE,
	.mmap = lazy_mmap,
	.unlocked_ioctl = lazy_ioctl,
};

static struct miscdevice lazy_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lazy_pfn",
	.fops = &lazy_fops,
	.mode = 0666,
};

static int __init lazy_init(void)
{
	void *memory;
	int err;

	if (!request_mem_region(LAZY_BASE, LAZY_SIZE, "lazy_pfn"))
		return -EBUSY;
	memory = memremap(LAZY_BASE, LAZY_SIZE, MEMREMAP_WB);
	if (!memory) {
		release_mem_region(LAZY_BASE, LAZY_SIZE);
		return -ENOMEM;
	}
	memset(memory, 0x1a, LAZY_SIZE);
	memunmap(memory);
	err = misc_register(&lazy_device);
	if (err)
		release_mem_region(LAZY_BASE, LAZY_SIZE);
	return err;
}

static void __exit lazy_exit(void)
{
	misc_deregister(&lazy_device);
	release_mem_region(LAZY_BASE, LAZY_SIZE);
}

module_init(lazy_init);
module_exit(lazy_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("card memory mapped as it is touched");
