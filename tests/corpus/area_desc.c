// SPDX-License-Identifier: MIT
/*
 * Describes its areas before they exist, by .mmap_prepare, where kernels have it (6.16 on), else by .mmap. Pages come
 * by fault from a table; read-only areas stay so. In the style of file systems and drivers converted to mmap_prepare.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

#define DESC_PAGES 4

static struct page *pages[DESC_PAGES];
static unsigned int maps;

static vm_fault_t desc_fault(struct vm_fault *vmf)
{
	struct page **table = vmf->vma->vm_private_data;

	if (vmf->pgoff >= DESC_PAGES)
		return VM_FAULT_SIGBUS;
	get_page(table[vmf->pgoff]);
	vmf->page = table[vmf->pgoff];
	return 0;
}

static const struct vm_operations_struct desc_vm_ops = {
	.fault = desc_fault,
};

/* What both entries share: the flags that the area gets, or an errno. */
static long desc_flags(unsigned long start, unsigned long end, unsigned long pgoff, unsigned long flags)
{
	unsigned long count = (end - start) >> PAGE_SHIFT;

	if (pgoff >= DESC_PAGES || count > DESC_PAGES - pgoff)
		return -ENXIO;
	if (flags & VM_EXEC)
		return -EPERM;
	if (!(flags & VM_WRITE))
		flags &= ~VM_MAYWRITE;
	maps++;
	return (flags & ~VM_MAYEXEC) | VM_DONTEXPAND;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
static int desc_mmap_prepare(struct vm_area_desc *desc)
{
	long flags = desc_flags(desc->start, desc->end, desc->pgoff, desc->vm_flags);

	if (flags < 0)
		return flags;
	desc->vm_flags = flags;
	desc->vm_ops = &desc_vm_ops;
	desc->private_data = pages;
	return 0;
}
#else
static int desc_mmap(struct file *filp, struct vm_area_struct *vma)
{
	long flags = desc_flags(vma->vm_start, vma->vm_end, vma->vm_pgoff, vma->vm_flags);

	if (flags < 0)
		return flags;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_reset(vma, flags);
#else
	vma->vm_flags = flags;
#endif
	vma->vm_ops = &desc_vm_ops;
	vma->vm_private_data = pages;
	return 0;
}
#endif

static long desc_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return cmd == 1 ? (long)maps : -ENOTTY;
}

static const struct file_operations desc_fops = {
	.owner = THIS_MODULE,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	.mmap_prepare = desc_mmap_prepare,
#else
	.mmap = desc_mmap,
#endif
	.unlocked_ioctl = desc_ioctl,
};

static struct miscdevice desc_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "area_desc",
	.fops = &desc_fops,
	.mode = 0666,
};

static void desc_free(void)
{
	int i;

	for (i = 0; i < DESC_PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int __init desc_init(void)
{
	int i, err = -ENOMEM;

	for (i = 0; i < DESC_PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			goto free;
		*(u32 *)page_address(pages[i]) = 0xde00 + i;
	}
	err = misc_register(&desc_device);
	if (!err)
		return 0;
free:
	desc_free();
	return err;
}

static void __exit desc_exit(void)
{
	misc_deregister(&desc_device);
	desc_free();
}

module_init(desc_init);
module_exit(desc_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("areas described before they exist");
