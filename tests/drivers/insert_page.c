// SPDX-License-Identifier: MIT
/*
 * Single pages inserted into an area: one by one in the mmap handler, through vm_map_pages(), or
 * at the fault. The pages' reference counts can be read back as text. Test driver, Linux 6.12.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

enum { BY_LOOP, BY_MAP_PAGES, BY_MAP_PAGES_ZERO, BY_FAULT };

static unsigned int pages = 4;
module_param(pages, uint, 0444);

static int how = BY_LOOP;
module_param(how, int, 0444);
MODULE_PARM_DESC(how, "0 vm_insert_page, 1 vm_map_pages, 2 vm_map_pages_zero, 3 at the fault");

static int fail_at = -1;
module_param(fail_at, int, 0644);
MODULE_PARM_DESC(fail_at, "Page at which the loop gives up with -EFAULT");

static struct page **page;

static vm_fault_t insert_fault(struct vm_fault *vmf)
{
	int err;

	if (vmf->pgoff >= pages)
		return VM_FAULT_SIGBUS;
	err = vm_insert_page(vmf->vma, vmf->address, page[vmf->pgoff]);
	if (err && err != -EBUSY)
		return vmf_error(err);
	return VM_FAULT_NOPAGE;
}

static const struct vm_operations_struct insert_vm_ops = {
	.fault = insert_fault,
};

static int insert_loop(struct vm_area_struct *vma)
{
	unsigned long i, count = vma_pages(vma);
	int ret;

	if (vma->vm_pgoff >= pages || count > pages - vma->vm_pgoff)
		return -ENXIO;
	for (i = 0; i < count; i++) {
		if ((int)i == fail_at)
			return -EFAULT;
		ret = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE,
				     page[vma->vm_pgoff + i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int insert_mmap(struct file *filp, struct vm_area_struct *vma)
{
	switch (how) {
	case BY_LOOP:
		return insert_loop(vma);
	case BY_MAP_PAGES:
		return vm_map_pages(vma, page, pages);
	case BY_MAP_PAGES_ZERO:
		return vm_map_pages_zero(vma, page, pages);
	default:
		vm_flags_set(vma, VM_MIXEDMAP);
		vma->vm_ops = &insert_vm_ops;
		return 0;
	}
}

static ssize_t insert_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	char text[256];
	unsigned int i;
	int len = 0;

	for (i = 0; i < pages; i++)
		len += scnprintf(text + len, sizeof(text) - len, "%u %d/%d\n", i,
				 page_count(page[i]), page_mapcount(page[i]));
	return simple_read_from_buffer(to, count, ppos, text, len);
}

static const struct file_operations insert_fops = {
	.owner = THIS_MODULE,
	.read = insert_read,
	.mmap = insert_mmap,
};

static struct miscdevice insert_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "insert_page",
	.fops = &insert_fops,
	.mode = 0666,
};

static void insert_free(void)
{
	unsigned int i;

	for (i = 0; i < pages; i++) {
		if (page[i])
			__free_page(page[i]);
	}
	kfree(page);
}

static int __init insert_init(void)
{
	unsigned int i;
	int ret = -ENOMEM;

	page = kcalloc(pages, sizeof(*page), GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	for (i = 0; i < pages; i++) {
		page[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!page[i])
			goto fail;
		*(u32 *)page_address(page[i]) = 0xcafe0000 + i;
	}
	ret = misc_register(&insert_dev);
	if (ret)
		goto fail;
	return 0;

fail:
	insert_free();
	return ret;
}

static void __exit insert_exit(void)
{
	misc_deregister(&insert_dev);
	insert_free();
}

module_init(insert_init);
module_exit(insert_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("vm_insert_page and kin");
