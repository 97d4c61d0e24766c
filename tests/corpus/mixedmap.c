// SPDX-License-Identifier: MIT
/*
 * An object of pages of two kinds behind one fault handler: even ones are pages of their own, odd ones show one page of
 * constants. vm_insert_mixed() inserts each at its first access, uncounted where entries can be marked special, as on
 * x86; a page that the driver renews is taken from everybody. In the style of drivers for memory with holes, 2.6.32 to
 * 4.14.
 */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 5, 0)
#include <linux/pfn_t.h>
#endif

#include "mixedmap.h"

static struct page *even[MIXED_PAGES / 2];
static struct page *constants;
static DEFINE_MUTEX(mixed_lock);
static int faults;

static int mixed_insert(struct vm_area_struct *vma, unsigned long address, unsigned long pgoff)
{
	struct page *page;
	int err;

	if (pgoff >= MIXED_PAGES)
		return VM_FAULT_SIGBUS;
	mutex_lock(&mixed_lock);
	faults++;
	page = pgoff % 2 ? constants : even[pgoff / 2];
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 5, 0)
	err = vm_insert_mixed(vma, address & PAGE_MASK, page_to_pfn_t(page));
#else
	err = vm_insert_mixed(vma, address & PAGE_MASK, page_to_pfn(page));
#endif
	mutex_unlock(&mixed_lock);
	if (err == -ENOMEM)
		return VM_FAULT_OOM;
	return err && err != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
static int mixed_fault(struct vm_fault *vmf)
{
	return mixed_insert(vmf->vma, vmf->address, vmf->pgoff);
}
#else
static int mixed_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	return mixed_insert(vma, (unsigned long)vmf->virtual_address, vmf->pgoff);
}
#endif

static const struct vm_operations_struct mixed_vm_ops = {
	.fault = mixed_fault,
};

static int mixed_mmap(struct file *filp, struct vm_area_struct *vma)
{
	/* Nobody may write constants, now or by mprotect(). */
	if (vma->vm_flags & VM_WRITE && (vma->vm_pgoff % 2 || vma->vm_end - vma->vm_start != PAGE_SIZE))
		return -EACCES;
	if (vma->vm_pgoff % 2 || vma->vm_end - vma->vm_start != PAGE_SIZE)
		vma->vm_flags &= ~VM_MAYWRITE;
	vma->vm_flags |= VM_MIXEDMAP;
	vma->vm_ops = &mixed_vm_ops;
	return 0;
}

static long mixed_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case MIXED_FAULTS:
		return faults;
	case MIXED_USERS:
		if (arg >= MIXED_PAGES)
			return -EINVAL;
		return page_count(arg % 2 ? constants : even[arg / 2]) - 1;
	case MIXED_RENEW:
		if (arg >= MIXED_PAGES || arg % 2)
			return -EINVAL;
		mutex_lock(&mixed_lock);
		memset(page_address(even[arg / 2]), 0xee, PAGE_SIZE);
		unmap_mapping_range(filp->f_mapping, (loff_t)arg << PAGE_SHIFT, PAGE_SIZE, 1);
		mutex_unlock(&mixed_lock);
		return 0;
	}
	return -ENOTTY;
}

static const struct file_operations mixed_fops = {
	.owner = THIS_MODULE,
	.mmap = mixed_mmap,
	.unlocked_ioctl = mixed_ioctl,
};

static struct miscdevice mixed_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mixedmap",
	.fops = &mixed_fops,
};

static void mixed_free(void)
{
	int i;

	for (i = 0; i < MIXED_PAGES / 2; i++)
		if (even[i])
			__free_page(even[i]);
	if (constants)
		__free_page(constants);
}

static int __init mixed_init(void)
{
	int i, err = -ENOMEM;

	constants = alloc_page(GFP_KERNEL);
	if (!constants)
		return -ENOMEM;
	memset(page_address(constants), 0xcc, PAGE_SIZE);
	for (i = 0; i < MIXED_PAGES / 2; i++) {
		even[i] = alloc_page(GFP_KERNEL);
		if (!even[i])
			goto fail;
		memset(page_address(even[i]), 2 * i, PAGE_SIZE);
	}
	err = misc_register(&mixed_device);
	if (!err)
		return 0;
fail:
	mixed_free();
	return err;
}

static void __exit mixed_exit(void)
{
	misc_deregister(&mixed_device);
	mixed_free();
}

module_init(mixed_init);
module_exit(mixed_exit);
MODULE_LICENSE("GPL");
