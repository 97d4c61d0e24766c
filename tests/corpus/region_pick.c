// SPDX-License-Identifier: MIT
/*
 * Five regions behind one node, each mapped in its own way, chosen by the offset. One of them wants an aligned address,
 * which get_unmapped_area gives it. In the style of user-space I/O and of VFIO's regions.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#include "region_pick.h"

#define CARD_BASE 0x10700000UL
#define QUEUE_PAGES 3

static struct page *config, *queue[QUEUE_PAGES];
static void *table;

static int map_config(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE)
		return -EACCES;
	vm_flags_clear(vma, VM_MAYWRITE);
	return vm_map_pages_zero(vma, &config, 1);
}

static int map_queue(struct vm_area_struct *vma)
{
	unsigned long left = vma_pages(vma);
	int err;

	if (left > QUEUE_PAGES)
		return -EINVAL;
	err = vm_insert_pages(vma, vma->vm_start, queue, &left);
	return err;
}

static int map_card(struct vm_area_struct *vma)
{
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return io_remap_pfn_range(vma, vma->vm_start, CARD_BASE >> PAGE_SHIFT, vma->vm_end - vma->vm_start,
				  vma->vm_page_prot);
}

static int region_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long offset = vma->vm_pgoff << PAGE_SHIFT;
	unsigned long inside = (offset % REGION_STRIDE) >> PAGE_SHIFT;

	if (vma->vm_end - vma->vm_start > REGION_STRIDE && offset / REGION_STRIDE != REGION_BIG)
		return -EINVAL;
	if (inside && offset / REGION_STRIDE != REGION_TABLE)
		return -EINVAL;
	switch (offset / REGION_STRIDE) {
	case REGION_CONFIG:
		return map_config(vma);
	case REGION_QUEUE:
		return map_queue(vma);
	case REGION_TABLE:
		return remap_vmalloc_range(vma, table, inside);
	case REGION_CARD:
		return map_card(vma);
	case REGION_BIG:
		vma->vm_pgoff = 0;
		return vm_iomap_memory(vma, CARD_BASE, 2 * REGION_BIG_ALIGN);
	default:
		return -ENXIO;
	}
}

static unsigned long region_unmapped_area(struct file *filp, unsigned long addr, unsigned long len,
					  unsigned long pgoff, unsigned long flags)
{
	if (pgoff != REGION_BIG * REGION_STRIDE >> PAGE_SHIFT)
		return mm_get_unmapped_area(current->mm, filp, addr, len, pgoff, flags);
	if (flags & MAP_FIXED)
		return addr & (REGION_BIG_ALIGN - 1) ? -EINVAL : addr;
	addr = mm_get_unmapped_area(current->mm, filp, 0, len + REGION_BIG_ALIGN, 0, flags);
	if (IS_ERR_VALUE(addr))
		return addr;
	return ALIGN(addr, REGION_BIG_ALIGN);
}

static const struct file_operations region_fops = {
	.owner = THIS_MODULE,
	.mmap = region_mmap,
	.get_unmapped_area = region_unmapped_area,
};

static struct miscdevice region_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "region_pick",
	.fops = &region_fops,
	.mode = 0666,
};

static void region_free(void)
{
	int i;

	vfree(table);
	for (i = 0; i < QUEUE_PAGES; i++)
		if (queue[i])
			__free_page(queue[i]);
	if (config)
		__free_page(config);
}

static int __init region_init(void)
{
	int i, err = -ENOMEM;
	void *card;

	config = alloc_page(GFP_KERNEL | __GFP_ZERO);
	table = vmalloc_user(4 * PAGE_SIZE);
	if (!config || !table)
		goto free;
	*(u32 *)page_address(config) = 0xc0;
	for (i = 0; i < QUEUE_PAGES; i++) {
		queue[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!queue[i])
			goto free;
		*(u32 *)page_address(queue[i]) = 0x90 + i;
	}
	for (i = 0; i < 4; i++)
		*(u32 *)(table + i * PAGE_SIZE) = 0x7a0 + i;
	card = memremap(CARD_BASE, 2 * REGION_BIG_ALIGN, MEMREMAP_WB);
	if (!card)
		goto free;
	memset(card, 0xcd, 2 * REGION_BIG_ALIGN);
	memunmap(card);
	err = misc_register(&region_device);
	if (!err)
		return 0;
free:
	region_free();
	return err;
}

static void __exit region_exit(void)
{
	misc_deregister(&region_device);
	region_free();
}

module_init(region_init);
module_exit(region_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("regions chosen by offset");
