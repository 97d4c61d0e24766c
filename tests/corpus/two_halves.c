// SPDX-License-Identifier: MIT
/*
 * One page of a card that only one open file at a time may touch. Who touches it takes it from the other: the other's
 * entries are removed and its next access faults. In the style of context switching of a device between programs.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/version.h>

#include "two_halves.h"

#define CARD_PFN (0x10600000UL >> PAGE_SHIFT)

static struct file *owner;
static unsigned int handovers;
static DEFINE_MUTEX(halves_lock);

static vm_fault_t halves_fault(struct vm_fault *vmf)
{
	struct file *filp = vmf->vma->vm_file;
	vm_fault_t result;

	mutex_lock(&halves_lock);
	if (owner != filp) {
		unmap_mapping_range(filp->f_mapping, 0, PAGE_SIZE, 1);
		owner = filp;
		handovers++;
	}
	result = vmf_insert_pfn(vmf->vma, vmf->address, CARD_PFN);
	mutex_unlock(&halves_lock);
	return result;
}

static void halves_vma_close(struct vm_area_struct *vma)
{
	if (vma->vm_file->private_data == vma)
		vma->vm_file->private_data = NULL;
}

static const struct vm_operations_struct halves_vm_ops = {
	.close = halves_vma_close,
	.fault = halves_fault,
};

static int halves_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma_pages(vma) != 1 || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTCOPY | VM_DONTEXPAND);
#else
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTCOPY | VM_DONTEXPAND;
#endif
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	vma->vm_ops = &halves_vm_ops;
	filp->private_data = vma;
	return 0;
}

static long halves_drop(struct file *filp)
{
	struct vm_area_struct *vma;
	long err = -ENXIO;

	mmap_write_lock(current->mm);
	vma = filp->private_data;
	if (vma && vma->vm_mm == current->mm) {
		zap_vma_ptes(vma, vma->vm_start, PAGE_SIZE);
		err = 0;
	}
	mmap_write_unlock(current->mm);
	if (err)
		return err;
	mutex_lock(&halves_lock);
	if (owner == filp)
		owner = NULL;
	mutex_unlock(&halves_lock);
	return 0;
}

static long halves_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case HALVES_HANDOVERS:
		return handovers;
	case HALVES_RELEASE:
		return halves_drop(filp);
	case HALVES_OWNED:
		return owner == filp;
	default:
		return -ENOTTY;
	}
}

static int halves_release(struct inode *inode, struct file *filp)
{
	mutex_lock(&halves_lock);
	if (owner == filp)
		owner = NULL;
	mutex_unlock(&halves_lock);
	return 0;
}

static int halves_open(struct inode *inode, struct file *filp)
{
	filp->private_data = NULL;
	return 0;
}

static const struct file_operations halves_fops = {
	.owner = THIS_MODULE,
	.open = halves_open,
	.release = halves_release,
	.mmap = halves_mmap,
	.unlocked_ioctl = halves_ioctl,
};

static struct miscdevice halves_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "two_halves",
	.fops = &halves_fops,
	.mode = 0666,
};

static int __init halves_init(void)
{
	void *card = memremap(CARD_PFN << PAGE_SHIFT, PAGE_SIZE, MEMREMAP_WB);

	if (!card)
		return -ENOMEM;
	memset(card, 0, PAGE_SIZE);
	memunmap(card);
	return misc_register(&halves_device);
}

static void __exit halves_exit(void)
{
	misc_deregister(&halves_device);
}

module_init(halves_init);
module_exit(halves_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a page that changes hands");
