// SPDX-License-Identifier: MIT
/*
 * Answers the fault on each of its pages in another way, and tells with which flags it was asked. In the style of a
 * test module for a fault path.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "fault_codes.h"

static struct page *pages[ANSWER_COUNT];
static unsigned int last_flags;
static int calls;

static vm_fault_t codes_insert(struct vm_fault *vmf)
{
	int err = vm_insert_page(vmf->vma, vmf->address, pages[ANSWER_INSERTED]);

	return err && err != -EBUSY ? vmf_error(err) : VM_FAULT_NOPAGE;
}

static vm_fault_t codes_retry(struct vm_fault *vmf)
{
	if ((vmf->flags & FAULT_FLAG_TRIED) || !(vmf->flags & FAULT_FLAG_ALLOW_RETRY))
		return 0;
	if (!(vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		mmap_read_unlock(vmf->vma->vm_mm);
	return VM_FAULT_RETRY;
}

static vm_fault_t codes_fault(struct vm_fault *vmf)
{
	vm_fault_t result = 0;

	calls++;
	last_flags = vmf->flags;
	switch (vmf->pgoff) {
	case ANSWER_PLAIN:
		break;
	case ANSWER_LOCKED:
		lock_page(pages[ANSWER_LOCKED]);
		result = VM_FAULT_LOCKED;
		break;
	case ANSWER_SIGSEGV:
		return VM_FAULT_SIGSEGV;
	case ANSWER_POISON:
		return VM_FAULT_HWPOISON;
	case ANSWER_RETRY:
		result = codes_retry(vmf);
		if (result)
			return result;
		break;
	case ANSWER_MAJOR:
		result = VM_FAULT_MAJOR;
		break;
	case ANSWER_INSERTED:
		return codes_insert(vmf);
	default:
		return VM_FAULT_SIGBUS;
	}
	vmf->page = pages[vmf->pgoff];
	get_page(vmf->page);
	return result;
}

static const struct vm_operations_struct codes_vm_ops = {
	.fault = codes_fault,
};

static int codes_mmap(struct file *filp, struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_MIXEDMAP);
#else
	vma->vm_flags |= VM_MIXEDMAP;
#endif
	vma->vm_ops = &codes_vm_ops;
	return 0;
}

static ssize_t codes_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	return copy_to_user(to, "read", min_t(size_t, count, 4)) ? -EFAULT : min_t(size_t, count, 4);
}

static long codes_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long ran = calls;
	int value;

	switch (cmd) {
	case CODES_FLAGS:
		return last_flags;
	case CODES_CALLS:
		calls = 0;
		return ran;
	case CODES_PEEK:
		if (get_user(value, (int __user *)arg))
			return -EFAULT;
		return value;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations codes_fops = {
	.owner = THIS_MODULE,
	.read = codes_read,
	.mmap = codes_mmap,
	.unlocked_ioctl = codes_ioctl,
};

static struct miscdevice codes_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "fault_codes",
	.fops = &codes_fops,
	.mode = 0666,
};

static void codes_free(void)
{
	int i;

	for (i = 0; i < ANSWER_COUNT; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int __init codes_init(void)
{
	int i, err = -ENOMEM;

	for (i = 0; i < ANSWER_COUNT; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			goto free;
		*(u32 *)page_address(pages[i]) = 0xfc0 + i;
	}
	err = misc_register(&codes_device);
	if (!err)
		return 0;
free:
	codes_free();
	return err;
}

static void __exit codes_exit(void)
{
	misc_deregister(&codes_device);
	codes_free();
}

module_init(codes_init);
module_exit(codes_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("an answer for each page");
