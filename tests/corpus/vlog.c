// SPDX-License-Identifier: MIT
/*
 * A log in vmalloc'ed memory: written with write(), looked at through a mapping whose pages come one by one from
 * nopage(). In the style of the drivers of Linux 2.4: operations by position, nopage with a number that means
 * nothing, the big kernel lock around what changes.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/smp_lock.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>
#include <asm/uaccess.h>

#define VLOG_PAGES 3
#define VLOG_SIZE (VLOG_PAGES * PAGE_SIZE)

static int vlog_major;
static char *vlog;
static unsigned long vlog_used;
static int vlog_areas;
static int vlog_faults;

static void vlog_vma_open(struct vm_area_struct *vma)
{
	vlog_areas++;
}

static void vlog_vma_close(struct vm_area_struct *vma)
{
	vlog_areas--;
}

static struct page *vlog_vma_nopage(struct vm_area_struct *vma, unsigned long address, int unused)
{
	unsigned long offset = (address - vma->vm_start) + (vma->vm_pgoff << PAGE_SHIFT);
	struct page *page;

	if (unused)
		printk(KERN_WARNING "vlog: nopage says %d\n", unused);
	if (offset >= VLOG_SIZE)
		return NOPAGE_SIGBUS;
	vlog_faults++;
	page = vmalloc_to_page(vlog + offset);
	get_page(page);
	return page;
}

static struct vm_operations_struct vlog_vm_ops = {
	vlog_vma_open,
	vlog_vma_close,
	vlog_vma_nopage,
};

static int vlog_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff >= VLOG_PAGES)
		return -ENXIO;
	vma->vm_flags |= VM_RESERVED;
	vma->vm_ops = &vlog_vm_ops;
	vlog_vma_open(vma);
	return 0;
}

static ssize_t vlog_write(struct file *file, const char *buf, size_t count, loff_t *ppos)
{
	ssize_t result = -ENOSPC;

	lock_kernel();
	if (vlog_used == VLOG_SIZE)
		goto out;
	if (count > VLOG_SIZE - vlog_used)
		count = VLOG_SIZE - vlog_used;
	result = -EFAULT;
	if (copy_from_user(vlog + vlog_used, buf, count))
		goto out;
	vlog_used += count;
	result = count;
out:
	unlock_kernel();
	return result;
}

static ssize_t vlog_read(struct file *file, char *buf, size_t count, loff_t *ppos)
{
	loff_t pos = *ppos;

	if (pos < 0 || pos >= vlog_used)
		return 0;
	if (count > vlog_used - pos)
		count = vlog_used - pos;
	if (copy_to_user(buf, vlog + pos, count))
		return -EFAULT;
	*ppos = pos + count;
	return count;
}

/* 2.4 asks a driver to seek with its own hands, or takes the default, which knows no end. */
static loff_t vlog_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == 2)
		offset += vlog_used;
	else if (whence == 1)
		offset += file->f_pos;
	if (offset < 0 || offset > VLOG_SIZE)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

static struct file_operations vlog_fops = {
	owner:	THIS_MODULE,
	llseek:	vlog_llseek,
	read:	vlog_read,
	write:	vlog_write,
	mmap:	vlog_mmap,
};

static int vlog_read_proc(char *page, char **start, off_t off, int count, int *eof, void *data)
{
	int i, len = sprintf(page, "used %lu areas %d faults %d\n", vlog_used, vlog_areas, vlog_faults);

	for (i = 0; i < VLOG_PAGES; i++)
		len += sprintf(page + len, "page %d: %d\n", i,
			       page_count(vmalloc_to_page(vlog + i * PAGE_SIZE)));
	*eof = 1;
	return len;
}

static int __init vlog_init(void)
{
	vlog = vmalloc(VLOG_SIZE);
	if (!vlog)
		return -ENOMEM;
	memset(vlog, 0, VLOG_SIZE);
	vlog_major = register_chrdev(0, "vlog", &vlog_fops);
	if (vlog_major < 0) {
		vfree(vlog);
		return vlog_major;
	}
	create_proc_read_entry("vlog", 0, NULL, vlog_read_proc, NULL);
	return 0;
}

static void __exit vlog_exit(void)
{
	remove_proc_entry("vlog", NULL);
	unregister_chrdev(vlog_major, "vlog");
	vfree(vlog);
}

module_init(vlog_init);
module_exit(vlog_exit);
MODULE_LICENSE("GPL");
