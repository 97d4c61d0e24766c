// SPDX-License-Identifier: MIT
/*
 * A frame grabber with memory of its own, left out of the kernel's by memmap=. Frames are mapped by remap_pfn_range()
 * with write combining, the register page by io_remap_pfn_range() uncached. In the style of an older PCI capture card.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

#include "frame_grab.h"

static unsigned long base = 0x10000000;
module_param(base, ulong, 0444);
MODULE_PARM_DESC(base, "physical address of the card's memory");

#define GRAB_SIZE (GRAB_FRAMES * GRAB_FRAME_BYTES + PAGE_SIZE)

static void *frames;
static void __iomem *regs;

static int grab_mmap_frames(struct vm_area_struct *vma, unsigned long offset)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (offset % GRAB_FRAME_BYTES || offset + size > GRAB_FRAMES * GRAB_FRAME_BYTES)
		return -EINVAL;
	vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, (base + offset) >> PAGE_SHIFT, size, vma->vm_page_prot);
}

static int grab_mmap_regs(struct vm_area_struct *vma)
{
	unsigned long pfn = (base + GRAB_FRAMES * GRAB_FRAME_BYTES) >> PAGE_SHIFT;

	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return io_remap_pfn_range(vma, vma->vm_start, pfn, PAGE_SIZE, vma->vm_page_prot);
}

static int grab_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long offset = vma->vm_pgoff << PAGE_SHIFT;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_DONTCOPY);
#else
	vma->vm_flags |= VM_DONTCOPY;
#endif
	if (offset == GRAB_REGS_OFFSET)
		return grab_mmap_regs(vma);
	return grab_mmap_frames(vma, offset);
}

static long grab_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	u32 count;

	switch (cmd) {
	case GRAB_SHOOT:
		if (arg >= GRAB_FRAMES)
			return -ERANGE;
		count = readl(regs + GRAB_REG_COUNT) + 1;
		writel(count, regs + GRAB_REG_COUNT);
		writel(arg, regs + GRAB_REG_LAST);
		memset(frames + arg * GRAB_FRAME_BYTES, count, GRAB_FRAME_BYTES);
		return count;
	case GRAB_STATUS:
		return readl(regs + GRAB_REG_STATUS);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations grab_fops = {
	.owner = THIS_MODULE,
	.mmap = grab_mmap,
	.unlocked_ioctl = grab_ioctl,
};

static struct miscdevice grab_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "frame_grab",
	.fops = &grab_fops,
	.mode = 0666,
};

static int __init grab_init(void)
{
	int err = -ENOMEM;

	if (!request_mem_region(base, GRAB_SIZE, "frame_grab"))
		return -EBUSY;
	/* With the same caching as the programs' mappings: other kinds beside each other are refused. */
	frames = memremap(base, GRAB_FRAMES * GRAB_FRAME_BYTES, MEMREMAP_WC);
	if (!frames)
		goto release;
	regs = ioremap(base + GRAB_FRAMES * GRAB_FRAME_BYTES, PAGE_SIZE);
	if (!regs)
		goto unmap_frames;
	memset(frames, 0, GRAB_FRAMES * GRAB_FRAME_BYTES);
	memset_io(regs, 0, PAGE_SIZE);
	err = misc_register(&grab_device);
	if (!err)
		return 0;
	iounmap(regs);
unmap_frames:
	memunmap(frames);
release:
	release_mem_region(base, GRAB_SIZE);
	return err;
}

static void __exit grab_exit(void)
{
	misc_deregister(&grab_device);
	iounmap(regs);
	memunmap(frames);
	release_mem_region(base, GRAB_SIZE);
}

module_init(grab_init);
module_exit(grab_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("frames and registers of a card");
