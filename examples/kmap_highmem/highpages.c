// SPDX-License-Identifier: MIT
/*
 * Pages from high memory, which the kernel can only touch through a window: kmap() opens one,
 * kunmap() gives it back. The last page is from low memory, to compare.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "highpages.h"

static struct page *pages[HIGH_PAGES];

static long high_look(void __user *user)
{
	struct high_page look;

	if (copy_from_user(&look, user, sizeof(look)))
		return -EFAULT;
	if (look.index >= HIGH_PAGES)
		return -EINVAL;
	look.pfn = page_to_pfn(pages[look.index]);
	look.is_high = PageHighMem(pages[look.index]);
	look.address = page_address(pages[look.index]);
	return copy_to_user(user, &look, sizeof(look)) ? -EFAULT : 0;
}

static long high_kmap(struct page *page, unsigned long index)
{
	char *window = kmap(page);

	if (!window)
		return -EINTR;
	sprintf(window, "written to page %lu through its window", index);
	return 0;
}

static noinline void high_late_use(struct page *page)
{
	volatile char *window = kmap(page);

	window[0] = 'a'; /* fine */
	kunmap(page);
	window[0] = 'b'; /* the window may show another page by now */
}

static long high_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd == HIGH_LOOK)
		return high_look((void __user *)arg);
	if (cmd == HIGH_NAP) {
		msleep(arg);
		return 0;
	}
	if (arg >= HIGH_PAGES)
		return -EINVAL;
	switch (cmd) {
	case HIGH_KMAP:
		return high_kmap(pages[arg], arg);
	case HIGH_KUNMAP:
		kunmap(pages[arg]);
		return 0;
	case HIGH_LATE_USE:
		high_late_use(pages[arg]);
		return 0;
	}
	return -ENOTTY;
}

/* User space needs no window: its page tables can show any page. */
static int high_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vm_map_pages(vma, pages, HIGH_PAGES);
}

static const struct file_operations high_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = high_ioctl,
	.mmap = high_mmap,
};

static struct miscdevice high = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "highpages",
	.fops = &high_fops,
};

static void high_free(void)
{
	int i;

	for (i = 0; i < HIGH_PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int __init high_init(void)
{
	int i, err = -ENOMEM;

	for (i = 0; i < HIGH_PAGES; i++) {
		pages[i] = alloc_page(i < HIGH_PAGES - 1 ? GFP_HIGHUSER : GFP_KERNEL);
		if (!pages[i])
			goto fail;
	}
	err = misc_register(&high);
	if (err)
		goto fail;
	return 0;

fail:
	high_free();
	return err;
}

static void __exit high_exit(void)
{
	misc_deregister(&high);
	high_free();
}

module_init(high_init);
module_exit(high_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("High memory through kmap");
