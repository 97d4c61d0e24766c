// SPDX-License-Identifier: MIT
/*
 * Writes every call of its handlers into the kernel log, one line each: the order of a program's
 * end can be read there. Test driver, Linux 6.12.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct page *page;

static void life_vma_open(struct vm_area_struct *vma)
{
	pr_info("life: vma_open %lu pages at %lu\n", vma_pages(vma), vma->vm_pgoff);
}

static void life_vma_close(struct vm_area_struct *vma)
{
	pr_info("life: vma_close %lu pages at %lu mm %s\n", vma_pages(vma), vma->vm_pgoff,
		current->mm ? "there" : "gone");
}

static const struct vm_operations_struct life_vm_ops = {
	.open = life_vma_open,
	.close = life_vma_close,
};

static int life_mmap(struct file *filp, struct vm_area_struct *vma)
{
	pr_info("life: mmap %lu pages at %lu\n", vma_pages(vma), vma->vm_pgoff);
	vma->vm_ops = &life_vm_ops;
	return vm_insert_page(vma, vma->vm_start, page);
}

static int life_open(struct inode *inode, struct file *filp)
{
	pr_info("life: open\n");
	return 0;
}

static int life_flush(struct file *filp, fl_owner_t id)
{
	pr_info("life: flush\n");
	return 0;
}

static int life_release(struct inode *inode, struct file *filp)
{
	pr_info("life: release\n");
	return 0;
}

static const struct file_operations life_fops = {
	.owner = THIS_MODULE,
	.open = life_open,
	.flush = life_flush,
	.release = life_release,
	.mmap = life_mmap,
};

static struct miscdevice life_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "life_log",
	.fops = &life_fops,
};

static int __init life_init(void)
{
	int ret;

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	ret = misc_register(&life_dev);
	if (ret)
		__free_page(page);
	return ret;
}

static void __exit life_exit(void)
{
	misc_deregister(&life_dev);
	__free_page(page);
}

module_init(life_init);
module_exit(life_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Logs the life of files and areas");
