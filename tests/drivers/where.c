// SPDX-License-Identifier: MIT
/*
 * Mistakes on known lines: the test looks for the comment "here: NAME" behind each and expects the
 * finding to name that line. Test driver, Linux 6.12; also compiled without optimisation.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "where.h"

static enum where_map at_map;
static struct page *shared;
static int counter;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);

static inline void free_again(void *object)
{
	kfree(object); /* here: free_again */
}

static noinline void sleep_locked(void)
{
	spin_lock(&lock);
	msleep(1); /* here: sleep_locked */
	spin_unlock(&lock);
}

static noinline int free_local(void)
{
	volatile int local = 1;

	kfree((void *)&local); /* here: free_local */
	return local;
}

static noinline void lock_twice(void)
{
	mutex_lock(&mutex);
	mutex_lock(&mutex); /* here: lock_twice */
}

static noinline void write_past_end(void)
{
	volatile char *object = kmalloc(24, GFP_KERNEL); /* here: write_past_end allocates */

	object[24] = 1;
	kfree((void *)object); /* here: write_past_end */
}

static noinline void free_area_twice(void)
{
	void *area = vmalloc(100);

	vfree(area); /* here: free_area_twice frees */
	vfree(area); /* here: free_area_twice */
}

static noinline void free_page_twice(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page); /* here: free_page_twice frees */
	__free_page(page); /* here: free_page_twice */
}

static noinline int touch_user(unsigned long arg)
{
	int value = 0;

	if (copy_from_user(&value, (void __user *)arg, sizeof(value))) /* here: touch_user */
		return -EFAULT;
	kfree(&counter); /* here: touch_user later */
	return value;
}

static long where_do(unsigned int cmd, unsigned long arg)
{
	void *object;

	switch (cmd) {
	case WHERE_KFREE_TWICE:
		object = kmalloc(24, GFP_KERNEL);
		kfree(object); /* here: where_do */
		free_again(object);
		return 0;
	case WHERE_SLEEP_LOCKED:
		sleep_locked();
		return 0;
	case WHERE_KFREE_STATIC:
		kfree(&counter); /* here: kfree_static */
		return 0;
	case WHERE_KFREE_LOCAL:
		return free_local();
	case WHERE_LOCK_TWICE:
		lock_twice();
		return 0;
	case WHERE_LOCK_LEFT:
		mutex_lock(&mutex); /* here: lock_left */
		return 0;
	case WHERE_WRITE_PAST_END:
		write_past_end();
		return 0;
	case WHERE_VFREE_TWICE:
		free_area_twice();
		return 0;
	case WHERE_FREE_PAGE_TWICE:
		free_page_twice();
		return 0;
	case WHERE_COPY_THEN_KFREE:
		return touch_user(arg);
	case WHERE_DIVIDE:
		return 5 / counter; /* here: divide */
	case WHERE_BAD_STRING:
		return strlen((const char *)0xdead00000000UL); /* here: bad_string */
	case WHERE_GET_NULL:
		get_page((struct page *)arg); /* here: get_null */
		return cmd;
	case WHERE_READ_CONST:
		*(volatile char *)&"constant"[arg] = 1; /* here: read_const */
		return 0;
	}
	return -ENOTTY;
}

static vm_fault_t where_fault(struct vm_fault *vmf) /* here: where_fault */
{
	struct page *page;

	switch (at_map) {
	case WHERE_FAULT_ERRNO:
		return (__force vm_fault_t)-ENOMEM;
	case WHERE_FAULT_RETRY:
		return VM_FAULT_RETRY;
	case WHERE_FAULT_NOPAGE:
		return VM_FAULT_NOPAGE;
	case WHERE_FAULT_NO_PAGE:
		return 0;
	case WHERE_FAULT_FREE_PAGE:
		page = alloc_page(GFP_KERNEL);
		__free_page(page); /* here: fault frees */
		vmf->page = page;
		return 0;
	case WHERE_FAULT_FREE_PFN:
		page = alloc_page(GFP_KERNEL);
		__free_page(page); /* here: fault frees for pfn */
		return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page)); /* here: fault pfn */
	case WHERE_FAULT_KFREE:
		kfree(&at_map); /* here: fault kfree */
		break;
	default: /* WHERE_FAULT_NO_GET */
		vmf->page = shared;
		return 0;
	}
	get_page(shared);
	vmf->page = shared;
	return 0;
}

static const struct vm_operations_struct where_vm_ops = {
	.fault = where_fault,
};

static int where_mmap(struct file *file, struct vm_area_struct *vma) /* here: where_mmap */
{
	unsigned long size = vma->vm_end - vma->vm_start;
	unsigned long pfn = page_to_pfn(shared);
	struct page *page;
	int err;

	switch (at_map) {
	case WHERE_MAP_5:
		return 5;
	case WHERE_MAP_REFUSED:
		return vm_insert_page(vma, vma->vm_end, shared);
	case WHERE_MAP_EPERM:
		err = vm_insert_page(vma, vma->vm_end, shared);
		return err ? -EPERM : 0;
	case WHERE_MAP_FREE_PAGE:
		page = alloc_page(GFP_KERNEL);
		__free_page(page); /* here: map frees */
		return vm_insert_page(vma, vma->vm_start, page);
	case WHERE_MAP_FREED_PFN:
		page = alloc_page(GFP_KERNEL);
		__free_page(page); /* here: map frees for pfn */
		return remap_pfn_range(vma, vma->vm_start, page_to_pfn(page), PAGE_SIZE, /* here: map pfn */
				       vma->vm_page_prot);
	case WHERE_MAP_TWICE:
		err = remap_pfn_range(vma, vma->vm_start, pfn, size, vma->vm_page_prot);
		if (err)
			return err;
		return remap_pfn_range(vma, vma->vm_start, pfn, size, vma->vm_page_prot); /* here: twice */
	case WHERE_FAULT_FREE_PFN:
		vm_flags_set(vma, VM_PFNMAP);
		break;
	default:
		break;
	}
	vma->vm_ops = &where_vm_ops;
	return 0;
}

static long where_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd == WHERE_MAP) {
		at_map = arg;
		return 0;
	}
	return where_do(cmd, arg);
}

static const struct file_operations where_fops = {
	.owner = THIS_MODULE,
	.mmap = where_mmap,
	.unlocked_ioctl = where_ioctl,
};

static struct miscdevice where_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "where",
	.fops = &where_fops,
};

static int __init where_init(void)
{
	shared = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!shared)
		return -ENOMEM;
	return misc_register(&where_device);
}

static void __exit where_exit(void)
{
	misc_deregister(&where_device);
	__free_page(shared); /* here: where_exit */
}

module_init(where_init);
module_exit(where_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Mistakes on known lines");
