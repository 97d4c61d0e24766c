// SPDX-License-Identifier: MIT
/*
 * The device of the benchmarks. Minor 0: a frame buffer of 1 MiB that can be written with lseek and write, or mapped.
 * Minor 1: every fault is answered with vmf_insert_pfn from the same buffer. Minor 2: a register page at `regs`, mapped
 * uncached, or read one register at a time by ioctl.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#define FRAME_ORDER 8
#define FRAME_BYTES (PAGE_SIZE << FRAME_ORDER)

static unsigned long regs = 0xfeb00000;
module_param(regs, ulong, 0444);

static struct page *frame;
static void __iomem *window;
static dev_t first;
static struct cdev cdev;

static vm_fault_t bench_fault(struct vm_fault *vmf)
{
	unsigned long pfn = page_to_pfn(frame) + (vmf->pgoff & ((1 << FRAME_ORDER) - 1));

	return vmf_insert_pfn(vmf->vma, vmf->address, pfn);
}

static const struct vm_operations_struct bench_vm_ops = { .fault = bench_fault };

static int bench_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	switch (iminor(file_inode(file))) {
	case 0:
		if (size > FRAME_BYTES)
			return -EINVAL;
		return remap_pfn_range(vma, vma->vm_start, page_to_pfn(frame), size, vma->vm_page_prot);
	case 1:
		vm_flags_set(vma, VM_PFNMAP);
		vma->vm_ops = &bench_vm_ops;
		return 0;
	default:
		vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
		return io_remap_pfn_range(vma, vma->vm_start, regs >> PAGE_SHIFT, PAGE_SIZE, vma->vm_page_prot);
	}
}

static ssize_t bench_write(struct file *file, const char __user *buffer, size_t count, loff_t *pos)
{
	if (*pos < 0 || *pos >= FRAME_BYTES)
		return -ENOSPC;
	if (count > FRAME_BYTES - *pos)
		count = FRAME_BYTES - *pos;
	if (copy_from_user(page_address(frame) + *pos, buffer, count))
		return -EFAULT;
	*pos += count;
	return count;
}

static loff_t bench_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence != SEEK_SET || offset < 0 || offset > FRAME_BYTES)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

static long bench_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 value = readl(window + (cmd & 0xffc));

	return put_user(value, (u32 __user *)arg);
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.mmap = bench_mmap,
	.write = bench_write,
	.llseek = bench_llseek,
	.unlocked_ioctl = bench_ioctl,
};

static int __init bench_init(void)
{
	int err;

	frame = alloc_pages(GFP_KERNEL | __GFP_ZERO, FRAME_ORDER);
	if (!frame)
		return -ENOMEM;
	err = -ENOMEM;
	window = ioremap(regs, PAGE_SIZE);
	if (!window)
		goto free_frame;
	err = alloc_chrdev_region(&first, 0, 3, "bench");
	if (err)
		goto unmap;
	cdev_init(&cdev, &bench_fops);
	cdev.owner = THIS_MODULE;
	err = cdev_add(&cdev, first, 3);
	if (!err)
		return 0;
	unregister_chrdev_region(first, 3);
unmap:
	iounmap(window);
free_frame:
	__free_pages(frame, FRAME_ORDER);
	return err;
}

static void __exit bench_exit(void)
{
	cdev_del(&cdev);
	unregister_chrdev_region(first, 3);
	iounmap(window);
	__free_pages(frame, FRAME_ORDER);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("Dual MIT/GPL");
