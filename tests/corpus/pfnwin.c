// SPDX-License-Identifier: MIT
/*
 * One page of addresses behind which a program sees one of four banks: choosing a bank throws the entries away, and the
 * next access inserts the frame of the new one. In the style of drivers for cards with banked memory, from
 * vm_insert_pfn() with an area and a fault to vmf_insert_pfn().
 */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include "pfnwin.h"

static dev_t win_number;
static struct class *win_class;
static struct cdev win_cdev;
static DEFINE_MUTEX(win_lock);
static unsigned long banks[WIN_BANKS];
static unsigned int selected;
static int faults;
static struct address_space *win_mapping;

static unsigned long win_pfn(void)
{
	return page_to_pfn(virt_to_page((void *)banks[selected]));
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 17, 0)
static vm_fault_t win_fault(struct vm_fault *vmf)
{
	vm_fault_t result = VM_FAULT_SIGBUS;

	mutex_lock(&win_lock);
	faults++;
	if (vmf->pgoff == 0)
		result = vmf_insert_pfn(vmf->vma, vmf->address, win_pfn());
	mutex_unlock(&win_lock);
	return result;
}
#else
static int win_insert(struct vm_area_struct *vma, unsigned long address, pgoff_t pgoff)
{
	int err = -EFAULT;

	mutex_lock(&win_lock);
	faults++;
	if (pgoff == 0)
		err = vm_insert_pfn(vma, address & PAGE_MASK, win_pfn());
	mutex_unlock(&win_lock);
	switch (err) {
	case 0:
	case -EAGAIN:
	case -EINTR:
	case -EBUSY:	/* another thread was quicker */
		return VM_FAULT_NOPAGE;
	case -ENOMEM:
		return VM_FAULT_OOM;
	}
	return VM_FAULT_SIGBUS;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
static int win_fault(struct vm_fault *vmf)
{
	return win_insert(vmf->vma, vmf->address, vmf->pgoff);
}
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(4, 10, 0)
static int win_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	return win_insert(vma, vmf->address, vmf->pgoff);
}
#else
static int win_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	return win_insert(vma, (unsigned long)vmf->virtual_address, vmf->pgoff);
}
#endif
#endif

static const struct vm_operations_struct win_vm_ops = {
	.fault = win_fault,
};

static int win_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND);
#else
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND;
#endif
	vma->vm_ops = &win_vm_ops;
	return 0;
}

static long win_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long result = 0;
	int i;

	mutex_lock(&win_lock);
	switch (cmd) {
	case WIN_SELECT:
		if (arg >= WIN_BANKS) {
			result = -EINVAL;
			break;
		}
		result = selected;
		selected = arg;
		unmap_mapping_range(win_mapping, 0, PAGE_SIZE, 1);
		break;
	case WIN_FAULTS:
		result = faults;
		break;
	case WIN_SUM:
		for (i = 0; i < WIN_BANKS; i++)
			result += *(unsigned char *)banks[i];
		break;
	default:
		result = -ENOTTY;
	}
	mutex_unlock(&win_lock);
	return result;
}

static int win_open(struct inode *inode, struct file *filp)
{
	win_mapping = inode->i_mapping;
	filp->f_mapping = win_mapping;
	return 0;
}

static const struct file_operations win_fops = {
	.owner = THIS_MODULE,
	.open = win_open,
	.mmap = win_mmap,
	.unlocked_ioctl = win_ioctl,
};

static void win_free(void)
{
	int i;

	for (i = 0; i < WIN_BANKS; i++)
		if (banks[i])
			free_page(banks[i]);
}

static int __init win_init(void)
{
	int i, err = -ENOMEM;

	for (i = 0; i < WIN_BANKS; i++) {
		banks[i] = get_zeroed_page(GFP_KERNEL);
		if (!banks[i])
			goto fail;
		*(unsigned char *)banks[i] = 0xb0 + i;
	}
	err = alloc_chrdev_region(&win_number, 0, 1, "pfnwin");
	if (err)
		goto fail;
	cdev_init(&win_cdev, &win_fops);
	win_cdev.owner = THIS_MODULE;
	err = cdev_add(&win_cdev, win_number, 1);
	if (err)
		goto fail_region;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	win_class = class_create("pfnwin");
#else
	win_class = class_create(THIS_MODULE, "pfnwin");
#endif
	if (IS_ERR(win_class)) {
		err = PTR_ERR(win_class);
		goto fail_cdev;
	}
	if (!IS_ERR(device_create(win_class, NULL, win_number, NULL, "pfnwin")))
		return 0;
	err = -ENOMEM;
	class_destroy(win_class);
fail_cdev:
	cdev_del(&win_cdev);
fail_region:
	unregister_chrdev_region(win_number, 1);
fail:
	win_free();
	return err;
}

static void __exit win_exit(void)
{
	device_destroy(win_class, win_number);
	class_destroy(win_class);
	cdev_del(&win_cdev);
	unregister_chrdev_region(win_number, 1);
	win_free();
}

module_init(win_init);
module_exit(win_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("banks behind one page");
