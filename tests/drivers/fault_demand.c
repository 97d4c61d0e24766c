// SPDX-License-Identifier: MIT
/*
 * Demand paging: the fault handler allocates a page at the first touch and hands it out in
 * vmf->page, with a reference. Parameters bound the object, return the page locked, or demand
 * page_mkwrite. Test driver, Linux 6.12.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "fault_demand.h"

static unsigned int pages = 8;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "Size of the object in pages");

static bool return_locked;
module_param(return_locked, bool, 0444);
MODULE_PARM_DESC(return_locked, "Answer VM_FAULT_LOCKED");

static int fail_page = -1;
module_param(fail_page, int, 0644);
MODULE_PARM_DESC(fail_page, "Page whose fault answers VM_FAULT_SIGBUS");

struct demand {
	struct cdev cdev;
	struct mutex lock; /* protects page[] and faults */
	unsigned int faults;
	struct page *page[];
};

static struct demand *demand;
static struct class *demand_class;
static dev_t demand_devt;

static vm_fault_t demand_fault(struct vm_fault *vmf)
{
	struct demand *d = vmf->vma->vm_private_data;
	struct page *page;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	mutex_lock(&d->lock);
	d->faults++;
	if (vmf->pgoff >= pages || (int)vmf->pgoff == fail_page)
		goto out;

	page = d->page[vmf->pgoff];
	if (!page) {
		page = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!page) {
			ret = VM_FAULT_OOM;
			goto out;
		}
		snprintf(page_address(page), PAGE_SIZE, "page %lu", vmf->pgoff);
		d->page[vmf->pgoff] = page;
	}
	get_page(page);
	vmf->page = page;
	ret = 0;
	if (return_locked) {
		lock_page(page);
		ret = VM_FAULT_LOCKED;
	}
out:
	mutex_unlock(&d->lock);
	return ret;
}

static const struct vm_operations_struct demand_vm_ops = {
	.fault = demand_fault,
};

static int demand_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = filp->private_data;
	vma->vm_ops = &demand_vm_ops;
	return 0;
}

static int demand_open(struct inode *inode, struct file *filp)
{
	filp->private_data = container_of(inode->i_cdev, struct demand, cdev);
	return 0;
}

static long demand_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct demand *d = filp->private_data;
	long ret = -ENOTTY;

	if (cmd == FAULT_DEMAND_DROP) {
		/* Not under the lock: a fault takes it inside the mapping's locks. */
		unmap_mapping_range(filp->f_mapping, (loff_t)arg << PAGE_SHIFT, 0, 1);
		return 0;
	}
	mutex_lock(&d->lock);
	switch (cmd) {
	case FAULT_DEMAND_FAULTS:
		ret = d->faults;
		break;
	case FAULT_DEMAND_REFS:
		ret = -EINVAL;
		if (arg < pages)
			ret = d->page[arg] ? page_count(d->page[arg]) : 0;
		break;
	}
	mutex_unlock(&d->lock);
	return ret;
}

static const struct file_operations demand_fops = {
	.owner = THIS_MODULE,
	.open = demand_open,
	.unlocked_ioctl = demand_ioctl,
	.mmap = demand_mmap,
};

static int __init demand_init(void)
{
	struct device *dev;
	int ret;

	demand = kzalloc(struct_size(demand, page, pages), GFP_KERNEL);
	if (!demand)
		return -ENOMEM;
	mutex_init(&demand->lock);

	ret = alloc_chrdev_region(&demand_devt, 0, 1, "fault_demand");
	if (ret)
		goto free_demand;
	cdev_init(&demand->cdev, &demand_fops);
	demand->cdev.owner = THIS_MODULE;
	ret = cdev_add(&demand->cdev, demand_devt, 1);
	if (ret)
		goto free_region;

	demand_class = class_create("fault_demand");
	if (IS_ERR(demand_class)) {
		ret = PTR_ERR(demand_class);
		goto del_cdev;
	}
	dev = device_create(demand_class, NULL, demand_devt, NULL, "fault_demand");
	if (IS_ERR(dev)) {
		ret = PTR_ERR(dev);
		goto destroy_class;
	}
	return 0;

destroy_class:
	class_destroy(demand_class);
del_cdev:
	cdev_del(&demand->cdev);
free_region:
	unregister_chrdev_region(demand_devt, 1);
free_demand:
	kfree(demand);
	return ret;
}

static void __exit demand_exit(void)
{
	unsigned int i;

	device_destroy(demand_class, demand_devt);
	class_destroy(demand_class);
	cdev_del(&demand->cdev);
	unregister_chrdev_region(demand_devt, 1);
	for (i = 0; i < pages; i++) {
		if (demand->page[i])
			put_page(demand->page[i]);
	}
	kfree(demand);
}

module_init(demand_init);
module_exit(demand_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Demand paging with vmf->page");
