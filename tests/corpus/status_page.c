// SPDX-License-Identifier: MIT
/*
 * A page of counters that programs read without a system call, mapped by vm_insert_page(). Only whole, read-only
 * mappings are allowed; open and close count them. In the style of a clock or statistics page of a vendor driver.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

#include "status_page.h"

struct status {
	u32 magic;
	u32 ticks;
};

static struct page *status_page;
static atomic_t mappings = ATOMIC_INIT(0);

static struct status *status(void)
{
	return page_address(status_page);
}

static void status_vma_open(struct vm_area_struct *vma)
{
	atomic_inc(&mappings);
}

static void status_vma_close(struct vm_area_struct *vma)
{
	atomic_dec(&mappings);
}

static const struct vm_operations_struct status_vm_ops = {
	.open = status_vma_open,
	.close = status_vma_close,
};

static int status_mmap(struct file *filp, struct vm_area_struct *vma)
{
	int err;

	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE);
#else
	vma->vm_flags |= VM_DONTEXPAND;
	vma->vm_flags &= ~VM_MAYWRITE;
#endif
	err = vm_insert_page(vma, vma->vm_start, status_page);
	if (err)
		return err;
	vma->vm_ops = &status_vm_ops;
	status_vma_open(vma);
	return 0;
}

static long status_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case STATUS_TICK:
		return ++status()->ticks;
	case STATUS_OPENS:
		return atomic_read(&mappings);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations status_fops = {
	.owner = THIS_MODULE,
	.mmap = status_mmap,
	.unlocked_ioctl = status_ioctl,
};

static struct miscdevice status_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "status_page",
	.fops = &status_fops,
	.mode = 0666,
};

static int __init status_init(void)
{
	int err;

	status_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!status_page)
		return -ENOMEM;
	status()->magic = 0x57a7;
	err = misc_register(&status_device);
	if (err)
		__free_page(status_page);
	return err;
}

static void __exit status_exit(void)
{
	misc_deregister(&status_device);
	__free_page(status_page);
}

module_init(status_init);
module_exit(status_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("counters in a mapped page");
