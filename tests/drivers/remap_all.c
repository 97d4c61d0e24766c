// SPDX-License-Identifier: MIT
/*
 * A misc device whose whole buffer is mapped by remap_pfn_range() in the mmap handler: the
 * commonest kind of mmap driver. Parameters choose the buffer (kmalloc or alloc_pages) and the
 * cache attribute. Test driver, Linux 6.12.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static unsigned int pages = 4;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "Size of the buffer in pages, a power of two");

static bool whole_pages;
module_param(whole_pages, bool, 0444);
MODULE_PARM_DESC(whole_pages, "Take the buffer from alloc_pages() and reserve it");

static char *cache = "cached";
module_param(cache, charp, 0444);
MODULE_PARM_DESC(cache, "cached, noncached or writecombine");

static void *buffer;
static struct page *head;
static atomic_t areas = ATOMIC_INIT(0);

static void remap_all_open(struct vm_area_struct *vma)
{
	atomic_inc(&areas);
	pr_info("remap_all: open %lx-%lx\n", vma->vm_start, vma->vm_end);
}

static void remap_all_close(struct vm_area_struct *vma)
{
	atomic_dec(&areas);
	pr_info("remap_all: close %lx-%lx\n", vma->vm_start, vma->vm_end);
}

static const struct vm_operations_struct remap_all_vm_ops = {
	.open = remap_all_open,
	.close = remap_all_close,
};

static int remap_all_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;
	unsigned long pfn = virt_to_phys(buffer) >> PAGE_SHIFT;
	int ret;

	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;

	if (!strcmp(cache, "noncached"))
		vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	else if (!strcmp(cache, "writecombine"))
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);

	ret = remap_pfn_range(vma, vma->vm_start, pfn + vma->vm_pgoff, size,
			      vma->vm_page_prot);
	if (ret)
		return ret;
	vma->vm_ops = &remap_all_vm_ops;
	remap_all_open(vma);
	return 0;
}

static ssize_t remap_all_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	return simple_read_from_buffer(to, count, ppos, buffer, pages * PAGE_SIZE);
}

static ssize_t remap_all_write(struct file *filp, const char __user *from, size_t count,
			       loff_t *ppos)
{
	return simple_write_to_buffer(buffer, pages * PAGE_SIZE, ppos, from, count);
}

static const struct file_operations remap_all_fops = {
	.owner = THIS_MODULE,
	.read = remap_all_read,
	.write = remap_all_write,
	.llseek = default_llseek,
	.mmap = remap_all_mmap,
};

static struct miscdevice remap_all_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "remap_all",
	.fops = &remap_all_fops,
};

static int remap_all_alloc(void)
{
	unsigned int i;

	if (!is_power_of_2(pages))
		return -EINVAL;
	if (!whole_pages) {
		buffer = kzalloc(pages * PAGE_SIZE, GFP_KERNEL);
		return buffer ? 0 : -ENOMEM;
	}
	head = alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(pages * PAGE_SIZE));
	if (!head)
		return -ENOMEM;
	for (i = 0; i < pages; i++)
		SetPageReserved(head + i);
	buffer = page_address(head);
	return 0;
}

static void remap_all_free(void)
{
	unsigned int i;

	if (!head) {
		kfree(buffer);
		return;
	}
	for (i = 0; i < pages; i++)
		ClearPageReserved(head + i);
	__free_pages(head, get_order(pages * PAGE_SIZE));
}

static int __init remap_all_init(void)
{
	unsigned int i;
	int ret;

	ret = remap_all_alloc();
	if (ret)
		return ret;
	for (i = 0; i < pages; i++)
		sprintf((char *)buffer + i * PAGE_SIZE, "remap_all page %u", i);

	ret = misc_register(&remap_all_dev);
	if (ret)
		remap_all_free();
	return ret;
}

static void __exit remap_all_exit(void)
{
	misc_deregister(&remap_all_dev);
	WARN_ON(atomic_read(&areas));
	remap_all_free();
}

module_init(remap_all_init);
module_exit(remap_all_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vmsim authors");
MODULE_DESCRIPTION("remap_pfn_range of a whole buffer");
