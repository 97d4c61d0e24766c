// SPDX-License-Identifier: MIT
/*
 * A log in vmalloc'ed memory: vmalloc_user() memory mapped by remap_vmalloc_range(), plain vmalloc() memory mapped by a
 * fault handler over vmalloc_to_page(). debugfs shows and clears what was written. In the style of video drivers.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "vmap_log.h"

#define LOG_SIZE (LOG_PAGES * PAGE_SIZE)

static char *log_text, *plain;
static size_t log_end;
static u32 log_writes;
static struct dentry *log_dir;

static vm_fault_t log_fault(struct vm_fault *vmf)
{
	unsigned long offset = (vmf->pgoff << PAGE_SHIFT) - LOG_PLAIN_OFFSET;

	if (offset >= LOG_SIZE)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(plain + offset);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct log_vm_ops = {
	.fault = log_fault,
};

static int log_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff >= LOG_PLAIN_OFFSET >> PAGE_SHIFT) {
		vma->vm_ops = &log_vm_ops;
		return 0;
	}
	return remap_vmalloc_range(vma, log_text, vma->vm_pgoff);
}

static ssize_t log_write(struct file *filp, const char __user *from, size_t count, loff_t *ppos)
{
	if (count > LOG_SIZE - 1 - log_end)
		return -ENOSPC;
	if (copy_from_user(log_text + log_end, from, count))
		return -EFAULT;
	memcpy(plain + log_end, log_text + log_end, count);
	log_end += count;
	log_writes++;
	return count;
}

static int log_status_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%zu bytes in %u writes\n", log_end, log_writes);
	seq_puts(m, log_text);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(log_status);

static ssize_t log_clear_write(struct file *filp, const char __user *from, size_t count, loff_t *ppos)
{
	char word[8];

	if (count >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, from, count))
		return -EFAULT;
	word[count] = '\0';
	if (strcmp(word, "yes\n"))
		return -EINVAL;
	memset(log_text, 0, LOG_SIZE);
	log_end = 0;
	return count;
}

static const struct file_operations log_clear_fops = {
	.owner = THIS_MODULE,
	.write = log_clear_write,
	.llseek = noop_llseek,
};

static const struct file_operations log_fops = {
	.owner = THIS_MODULE,
	.write = log_write,
	.mmap = log_mmap,
};

static struct miscdevice log_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vmap_log",
	.fops = &log_fops,
	.mode = 0666,
};

static int __init log_init(void)
{
	int err = -ENOMEM;

	log_text = vmalloc_user(LOG_SIZE);
	plain = vzalloc(LOG_SIZE);
	if (!log_text || !plain)
		goto free;
	err = misc_register(&log_device);
	if (err)
		goto free;
	log_dir = debugfs_create_dir("vmap_log", NULL);
	debugfs_create_file("status", 0444, log_dir, NULL, &log_status_fops);
	debugfs_create_file("clear", 0200, log_dir, NULL, &log_clear_fops);
	debugfs_create_u32("writes", 0644, log_dir, &log_writes);
	return 0;
free:
	vfree(plain);
	vfree(log_text);
	return err;
}

static void __exit log_exit(void)
{
	debugfs_remove_recursive(log_dir);
	misc_deregister(&log_device);
	vfree(plain);
	vfree(log_text);
}

module_init(log_init);
module_exit(log_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a log in vmalloc'ed memory");
