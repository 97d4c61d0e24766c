// SPDX-License-Identifier: MIT
/*
 * Pages that are made when a program first touches them and that stay until the driver goes; the last page of the
 * object never is. One source for every kernel from 2.4 on: nopage with a number, nopage with a type, fault with an
 * area, fault without. In the style of out-of-tree drivers that carry all of them.
 */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 19)
#include <linux/config.h>
#endif
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 16)
#include <asm/semaphore.h>
#else
#include <linux/mutex.h>
#endif

#include "paged.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 16)
static DECLARE_MUTEX(paged_lock);
#define paged_acquire() down(&paged_lock)
#define paged_let_go() up(&paged_lock)
#else
static DEFINE_MUTEX(paged_lock);
#define paged_acquire() mutex_lock(&paged_lock)
#define paged_let_go() mutex_unlock(&paged_lock)
#endif

static struct page *pages[PAGED_PAGES];
static int areas;

/* The page with a reference for whoever asked, NULL behind the end, or an error. */
static struct page *paged_page(unsigned long index, int *error)
{
	struct page *page = NULL;

	*error = 0;
	if (index >= PAGED_PAGES - 1)
		return NULL;
	paged_acquire();
	if (!pages[index]) {
		pages[index] = alloc_page(GFP_KERNEL);
		if (pages[index]) {
			clear_page(page_address(pages[index]));
			*(unsigned char *)page_address(pages[index]) = 0xa0 + index;
		}
	}
	page = pages[index];
	if (page)
		get_page(page);
	else
		*error = -ENOMEM;
	paged_let_go();
	return page;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 24)
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 1)
static struct page *paged_nopage(struct vm_area_struct *vma, unsigned long address, int unused)
#else
static struct page *paged_nopage(struct vm_area_struct *vma, unsigned long address, int *type)
#endif
{
	int error;
	struct page *page = paged_page(((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff, &error);

	if (!page)
		return error ? NOPAGE_OOM : NOPAGE_SIGBUS;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(2, 6, 1)
	if (type)
		*type = VM_FAULT_MINOR;
#endif
	return page;
}
#else
#if LINUX_VERSION_CODE < KERNEL_VERSION(4, 11, 0)
static int paged_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(4, 17, 0)
static int paged_fault(struct vm_fault *vmf)
#else
static vm_fault_t paged_fault(struct vm_fault *vmf)
#endif
{
	int error;

	vmf->page = paged_page(vmf->pgoff, &error);
	if (vmf->page)
		return 0;
	return error ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}
#endif

static void paged_vma_open(struct vm_area_struct *vma)
{
	paged_acquire();
	areas++;
	paged_let_go();
}

static void paged_vma_close(struct vm_area_struct *vma)
{
	paged_acquire();
	areas--;
	paged_let_go();
}

static struct vm_operations_struct paged_vm_ops = {
	.open = paged_vma_open,
	.close = paged_vma_close,
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 24)
	.nopage = paged_nopage,
#else
	.fault = paged_fault,
#endif
};

static int paged_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff + ((vma->vm_end - vma->vm_start) >> PAGE_SHIFT) > PAGED_PAGES)
		return -EINVAL;
#if LINUX_VERSION_CODE < KERNEL_VERSION(3, 7, 0)
	vma->vm_flags |= VM_RESERVED;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
#else
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
#endif
	vma->vm_ops = &paged_vm_ops;
	paged_vma_open(vma);
	return 0;
}

static long paged_command(unsigned int cmd, unsigned long arg)
{
	int i, present = 0;

	switch (cmd) {
	case PAGED_PRESENT:
		for (i = 0; i < PAGED_PAGES; i++)
			present += pages[i] != NULL;
		return present;
	case PAGED_AREAS:
		return areas;
	case PAGED_PEEK:
	case PAGED_REFS:
		if (arg >= PAGED_PAGES || !pages[arg])
			return -ENXIO;
		if (cmd == PAGED_REFS)
			return page_count(pages[arg]) - 1;
		return *(unsigned char *)page_address(pages[arg]);
	}
	return -ENOTTY;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
static int paged_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
	return paged_command(cmd, arg);
}
#else
static long paged_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long result;

	paged_acquire();
	result = paged_command(cmd, arg);
	paged_let_go();
	return result;
}
#endif

static struct file_operations paged_fops = {
	.owner = THIS_MODULE,
	.mmap = paged_mmap,
#if LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 11)
	.ioctl = paged_ioctl,
#else
	.unlocked_ioctl = paged_ioctl,
#endif
};

static struct miscdevice paged_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "paged",
	.fops = &paged_fops,
};

static int __init paged_init(void)
{
	return misc_register(&paged_device);
}

static void __exit paged_exit(void)
{
	int i;

	misc_deregister(&paged_device);
	for (i = 0; i < PAGED_PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

module_init(paged_init);
module_exit(paged_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("pages on demand");
