// SPDX-License-Identifier: MIT
/*
 * A report on the areas of whoever reads it: walks mm->mmap under mmap_sem and tells of each area how large it is, what
 * it allows, and whether a file is behind it. In the style of course labs on memory management; one source for the
 * kernels that had the list, which ends with 6.0.
 */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
#include <linux/sched/mm.h>
#endif
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 8, 0)
#define mmap_read_lock(mm) down_read(&(mm)->mmap_sem)
#define mmap_read_unlock(mm) up_read(&(mm)->mmap_sem)
#endif

static struct proc_dir_entry *folder;

static void show_area(struct seq_file *m, struct vm_area_struct *vma)
{
	seq_printf(m, "%lu pages %c%c%c%c", (vma->vm_end - vma->vm_start) >> PAGE_SHIFT,
		   vma->vm_flags & VM_READ ? 'r' : '-', vma->vm_flags & VM_WRITE ? 'w' : '-',
		   vma->vm_flags & VM_EXEC ? 'x' : '-', vma->vm_flags & VM_SHARED ? 's' : 'p');
	if (vma->vm_file)
		seq_printf(m, " file, from page %lu", vma->vm_pgoff);
	if (vma->vm_flags & VM_IO)
		seq_puts(m, " io");
	if (vma->vm_next && vma->vm_next->vm_start == vma->vm_end)
		seq_puts(m, " and another follows");
	seq_putc(m, '\n');
}

static int areas_show(struct seq_file *m, void *v)
{
	struct mm_struct *mm = get_task_mm(current);
	struct vm_area_struct *vma;
	unsigned long pages = 0, last = 0;
	int count = 0, disorder = 0;

	if (!mm)
		return -ESRCH;
	mmap_read_lock(mm);
	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		show_area(m, vma);
		if (vma->vm_start < last || find_vma(mm, vma->vm_start) != vma)
			disorder++;
		last = vma->vm_end;
		pages += (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
		count++;
	}
	seq_printf(m, "%d areas, %lu pages", count, pages);
	if (count != mm->map_count || disorder)
		seq_printf(m, "; map_count %d, %d out of order", mm->map_count, disorder);
	seq_putc(m, '\n');
	mmap_read_unlock(mm);
	mmput(mm);
	return 0;
}

static int areas_open(struct inode *inode, struct file *file)
{
	return single_open(file, areas_show, NULL);
}

static int around_show(struct seq_file *m, void *v)
{
	unsigned long start = *(unsigned long *)m->private;
	struct vm_area_struct *vma, *prev;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, start);
	if (!vma) {
		seq_puts(m, "nothing from there on\n");
	} else {
		prev = vma->vm_prev;
		seq_printf(m, "%s", vma->vm_start <= start ? "in: " : "above: ");
		show_area(m, vma);
		if (prev && prev->vm_next != vma)
			seq_puts(m, "the list is broken\n");
	}
	if (find_vma_intersection(current->mm, start, start + 1))
		seq_puts(m, "mapped\n");
	mmap_read_unlock(current->mm);
	return 0;
}

static unsigned long around;

static int around_open(struct inode *inode, struct file *file)
{
	return single_open(file, around_show, &around);
}

static ssize_t around_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
	char text[32];

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	around = simple_strtoul(text, NULL, 0);
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops areas_fops = {
	.proc_open = areas_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
static const struct proc_ops around_fops = {
	.proc_open = around_open,
	.proc_read = seq_read,
	.proc_write = around_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations areas_fops = {
	.owner = THIS_MODULE,
	.open = areas_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
static const struct file_operations around_fops = {
	.owner = THIS_MODULE,
	.open = around_open,
	.read = seq_read,
	.write = around_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init walk_init(void)
{
	folder = proc_mkdir("vmawalk", NULL);
	if (!folder)
		return -ENOMEM;
	if (proc_create("areas", 0444, folder, &areas_fops) && proc_create("around", 0644, folder, &around_fops))
		return 0;
	remove_proc_entry("areas", folder);
	remove_proc_entry("vmawalk", NULL);
	return -ENOMEM;
}

static void __exit walk_exit(void)
{
	remove_proc_entry("around", folder);
	remove_proc_entry("areas", folder);
	remove_proc_entry("vmawalk", NULL);
}

module_init(walk_init);
module_exit(walk_exit);
MODULE_LICENSE("GPL");
