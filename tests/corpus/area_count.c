// SPDX-License-Identifier: MIT
/*
 * Counts what happens to its areas: .open and .close as they are copied, split and unmapped, with a reference counted
 * state in vm_private_data and a refusal to be split. In the style of sound and infiniband mappings.
 */
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "area_count.h"

struct area_state {
	struct kref refs;
	struct page *page;
};

static atomic_t opens = ATOMIC_INIT(0);
static atomic_t closes = ATOMIC_INIT(0);
static atomic_t splits = ATOMIC_INIT(0);

static void area_state_free(struct kref *refs)
{
	struct area_state *state = container_of(refs, struct area_state, refs);

	__free_page(state->page);
	kfree(state);
}

static void area_open(struct vm_area_struct *vma)
{
	struct area_state *state = vma->vm_private_data;

	kref_get(&state->refs);
	atomic_inc(&opens);
}

static void area_close(struct vm_area_struct *vma)
{
	struct area_state *state = vma->vm_private_data;

	kref_put(&state->refs, area_state_free);
	atomic_inc(&closes);
}

static vm_fault_t area_fault(struct vm_fault *vmf)
{
	struct area_state *state = vmf->vma->vm_private_data;

	get_page(state->page);
	vmf->page = state->page;
	return 0;
}

static int area_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	atomic_inc(&splits);
	return vma->vm_pgoff >= AREA_WHOLE_OFFSET >> PAGE_SHIFT ? -EINVAL : 0;
}

static const struct vm_operations_struct area_vm_ops = {
	.open = area_open,
	.close = area_close,
	.fault = area_fault,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
	.may_split = area_may_split,
#else
	.split = area_may_split,
#endif
};

static int area_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct area_state *state = filp->private_data;

	vma->vm_private_data = state;
	vma->vm_ops = &area_vm_ops;
	kref_get(&state->refs);
	return 0;
}

static int area_file_open(struct inode *inode, struct file *filp)
{
	struct area_state *state = kzalloc(sizeof(*state), GFP_KERNEL);

	if (!state)
		return -ENOMEM;
	state->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!state->page) {
		kfree(state);
		return -ENOMEM;
	}
	kref_init(&state->refs);
	filp->private_data = state;
	return 0;
}

static int area_release(struct inode *inode, struct file *filp)
{
	struct area_state *state = filp->private_data;

	kref_put(&state->refs, area_state_free);
	return 0;
}

static long area_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct area_state *state = filp->private_data;

	switch (cmd) {
	case AREA_OPENS:
		return atomic_read(&opens);
	case AREA_CLOSES:
		return atomic_read(&closes);
	case AREA_SPLITS:
		return atomic_read(&splits);
	case AREA_PAGES:
		return page_count(state->page) - 1;
	case AREA_USERS:
		return kref_read(&state->refs);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations area_fops = {
	.owner = THIS_MODULE,
	.open = area_file_open,
	.release = area_release,
	.mmap = area_mmap,
	.unlocked_ioctl = area_ioctl,
};

static struct miscdevice area_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "area_count",
	.fops = &area_fops,
	.mode = 0666,
};

static int __init area_init(void)
{
	return misc_register(&area_device);
}

static void __exit area_exit(void)
{
	misc_deregister(&area_device);
}

module_init(area_init);
module_exit(area_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("counts what happens to its areas");
