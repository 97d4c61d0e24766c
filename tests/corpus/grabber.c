// SPDX-License-Identifier: MIT
/*
 * A frame grabber without the hardware: pictures are drawn into buffers of contiguous pages that are reserved, so that
 * remap_page_range() shows them to a program. The file's offset chooses the buffer. In the style of the drivers of
 * Linux 2.4: four arguments, initialisers with colons, linux/malloc.h and linux/wrapper.h, /proc by a read function.
 */
#include <linux/config.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/malloc.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/wrapper.h>
#include <asm/io.h>
#include <asm/page.h>
#include <asm/uaccess.h>

#include "grabber.h"

#define GRAB_MAJOR 120
#define GRAB_ORDER 2

struct grab_buffer {
	unsigned long start;
	int mappings;
};

static struct grab_buffer *buffers;
static unsigned pictures;

static int grab_total_mappings(void)
{
	int i, total = 0;

	for (i = 0; i < GRAB_BUFFERS; i++)
		total += buffers[i].mappings;
	return total;
}

static void grab_vma_open(struct vm_area_struct *vma)
{
	struct grab_buffer *buffer = vma->vm_private_data;

	buffer->mappings++;
}

static void grab_vma_close(struct vm_area_struct *vma)
{
	struct grab_buffer *buffer = vma->vm_private_data;

	buffer->mappings--;
}

static struct vm_operations_struct grab_vm_ops = {
	open:	grab_vma_open,
	close:	grab_vma_close,
};

static int grab_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;
	unsigned long offset = vma->vm_pgoff << PAGE_SHIFT;
	struct grab_buffer *buffer;

	if (offset % GRAB_BUFFER_SIZE || offset / GRAB_BUFFER_SIZE >= GRAB_BUFFERS)
		return -EINVAL;
	if (size > GRAB_BUFFER_SIZE)
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED) && (vma->vm_flags & VM_WRITE))
		return -EACCES;
	buffer = &buffers[offset / GRAB_BUFFER_SIZE];
	if (remap_page_range(vma->vm_start, virt_to_phys((void *)buffer->start), size,
			     vma->vm_page_prot))
		return -EAGAIN;
	vma->vm_ops = &grab_vm_ops;
	vma->vm_private_data = buffer;
	grab_vma_open(vma);
	return 0;
}

static int grab_draw(struct grab_buffer *buffer)
{
	unsigned long page;

	pictures++;
	for (page = 0; page < GRAB_BUFFER_SIZE / PAGE_SIZE; page++)
		memset((char *)buffer->start + page * PAGE_SIZE, pictures * 16 + page, PAGE_SIZE);
	return pictures;
}

static int grab_sum(struct grab_buffer *buffer)
{
	unsigned char *byte = (unsigned char *)buffer->start;
	int i, sum = 0;

	for (i = 0; i < GRAB_BUFFER_SIZE; i += PAGE_SIZE)
		sum += byte[i];
	return sum;
}

static int grab_state(unsigned long arg)
{
	struct grab_state state;
	int err;

	err = verify_area(VERIFY_WRITE, (void *)arg, sizeof(state));
	if (err)
		return err;
	state.pictures = pictures;
	state.mappings = grab_total_mappings();
	if (copy_to_user((void *)arg, &state, sizeof(state)))
		return -EFAULT;
	return 0;
}

static int grab_ioctl(struct inode *inode, struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd == GRAB_STATE)
		return grab_state(arg);
	if (cmd != GRAB_PICTURE && cmd != GRAB_SUM)
		return -ENOTTY;
	if (arg >= GRAB_BUFFERS)
		return -EINVAL;
	return cmd == GRAB_PICTURE ? grab_draw(&buffers[arg]) : grab_sum(&buffers[arg]);
}

static int grab_open(struct inode *inode, struct file *file)
{
	if (MINOR(inode->i_rdev) != 0)
		return -ENODEV;
	if ((file->f_flags & O_ACCMODE) == O_WRONLY)
		return -EINVAL;
	return 0;
}

static int grab_release(struct inode *inode, struct file *file)
{
	return 0;
}

static struct file_operations grab_fops = {
	owner:		THIS_MODULE,
	ioctl:		grab_ioctl,
	mmap:		grab_mmap,
	open:		grab_open,
	release:	grab_release,
};

static int grab_read_proc(char *page, char **start, off_t off, int count, int *eof, void *data)
{
	int i, len = sprintf(page, "pictures %u\n", pictures);

	for (i = 0; i < GRAB_BUFFERS; i++)
		len += sprintf(page + len, "buffer %d: mappings %d\n", i, buffers[i].mappings);
	*eof = 1;
	return len;
}

static void grab_free(void)
{
	struct page *page;
	int i;

	for (i = 0; i < GRAB_BUFFERS; i++) {
		if (!buffers[i].start)
			continue;
		for (page = virt_to_page(buffers[i].start);
		     page < virt_to_page(buffers[i].start + GRAB_BUFFER_SIZE); page++)
			mem_map_unreserve(page);
		free_pages(buffers[i].start, GRAB_ORDER);
	}
	kfree(buffers);
}

static int grab_allocate(void)
{
	struct page *page;
	int i;

	buffers = kmalloc(GRAB_BUFFERS * sizeof(*buffers), GFP_KERNEL);
	if (!buffers)
		return -ENOMEM;
	memset(buffers, 0, GRAB_BUFFERS * sizeof(*buffers));
	for (i = 0; i < GRAB_BUFFERS; i++) {
		buffers[i].start = __get_free_pages(GFP_KERNEL, GRAB_ORDER);
		if (!buffers[i].start)
			return -ENOMEM;
		memset((void *)buffers[i].start, 0, GRAB_BUFFER_SIZE);
		for (page = virt_to_page(buffers[i].start);
		     page < virt_to_page(buffers[i].start + GRAB_BUFFER_SIZE); page++)
			mem_map_reserve(page);
	}
	return 0;
}

static int __init grab_init(void)
{
	int err = grab_allocate();

	if (!err)
		err = register_chrdev(GRAB_MAJOR, "grabber", &grab_fops);
	if (err < 0) {
		printk(KERN_ERR "grabber: cannot start: %d\n", err);
		if (buffers)
			grab_free();
		return err;
	}
	create_proc_read_entry("grabber", 0, NULL, grab_read_proc, NULL);
	return 0;
}

static void __exit grab_exit(void)
{
	remove_proc_entry("grabber", NULL);
	unregister_chrdev(GRAB_MAJOR, "grabber");
	grab_free();
}

module_init(grab_init);
module_exit(grab_exit);
MODULE_DESCRIPTION("frame grabber without hardware");
MODULE_LICENSE("Dual BSD/GPL");
