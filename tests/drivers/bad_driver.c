// SPDX-License-Identifier: MIT
/*
 * Mistakes on demand: each ioctl makes one, or arms one for the next mmap or fault. What exit()
 * forgets is a parameter. Without an ioctl it is a good driver with one page. Test driver, Linux
 * 6.12.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "bad_driver.h"

static unsigned int leave;
module_param(leave, uint, 0444);
MODULE_PARM_DESC(leave, "What exit forgets, bits of enum bad_leave");

static bool oops_in_init;
module_param(oops_in_init, bool, 0444);

static bool oops_in_exit;
module_param(oops_in_exit, bool, 0444);

static unsigned long io_base = 0xfe000000;
module_param(io_base, ulong, 0444);

static enum bad_mmap at_mmap;
static enum bad_fault at_fault;
static unsigned long bad_pfn;
static int faults, last_result;
static struct page *good_page;
static volatile int zero;

static DEFINE_MUTEX(mutex_a);
static DEFINE_MUTEX(mutex_b);
static DEFINE_SPINLOCK(spin);
static DECLARE_WAIT_QUEUE_HEAD(nobody_wakes);

static vm_fault_t fault_again_unlocked(struct vm_fault *vmf)
{
	mmap_read_unlock(vmf->vma->vm_mm);
	return VM_FAULT_RETRY;
}

static vm_fault_t fault_with_free_page(struct vm_fault *vmf)
{
	vmf->page = alloc_page(GFP_KERNEL);
	__free_page(vmf->page);
	return 0;
}

static vm_fault_t bad_fault(struct vm_fault *vmf)
{
	faults++;
	switch (at_fault) {
	case BAD_FAULT_NOPAGE:
		return VM_FAULT_NOPAGE;
	case BAD_FAULT_OOM:
		return VM_FAULT_OOM;
	case BAD_FAULT_RETRY:
		return fault_again_unlocked(vmf);
	case BAD_FAULT_RETRY_LOCKED:
		return VM_FAULT_RETRY;
	case BAD_FAULT_NO_PAGE:
		return 0;
	case BAD_FAULT_LOCKED_NO_PAGE:
		return VM_FAULT_LOCKED;
	case BAD_FAULT_JUNK_PAGE:
		vmf->page = (struct page *)0x1234000;
		return 0;
	case BAD_FAULT_FREE_PAGE:
		return fault_with_free_page(vmf);
	case BAD_FAULT_JUNK_BITS:
		return (__force vm_fault_t)0x5a5a0000;
	case BAD_FAULT_TOP_BIT:
		return (__force vm_fault_t)0x80000000;
	case BAD_FAULT_MINUS_ENOMEM:
		return (__force vm_fault_t)-ENOMEM;
	case BAD_FAULT_SIGSEGV:
		return VM_FAULT_SIGSEGV;
	case BAD_FAULT_HWPOISON:
		return VM_FAULT_HWPOISON;
	case BAD_FAULT_INSERT_PFN:
		return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(good_page));
	case BAD_FAULT_NULL:
		return *(volatile int *)vmf->vma->vm_private_data;
	}
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct bad_vm_ops = {
	.fault = bad_fault,
};

static int remap(struct vm_area_struct *vma, unsigned long addr, unsigned long size)
{
	return remap_pfn_range(vma, addr, bad_pfn, size, vma->vm_page_prot);
}

static int remap_badly(struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	switch (at_mmap) {
	case BAD_MMAP_REMAP:
		return remap(vma, vma->vm_start, size);
	case BAD_MMAP_UNALIGNED:
		return remap(vma, vma->vm_start + 8, PAGE_SIZE);
	case BAD_MMAP_WRAPS:
		return remap(vma, vma->vm_start, -PAGE_SIZE);
	case BAD_MMAP_OUTSIDE:
		return remap(vma, vma->vm_start, size + PAGE_SIZE);
	case BAD_MMAP_KERNEL_ADDRESS:
		return remap(vma, 0xffff888000000000UL, PAGE_SIZE);
	case BAD_MMAP_TWICE:
		last_result = remap(vma, vma->vm_start, size);
		return last_result ? last_result : remap(vma, vma->vm_start, size);
	default:
		return remap(vma, vma->vm_start, 0);
	}
}

static int insert_slab(struct vm_area_struct *vma)
{
	void *object = kmalloc(100, GFP_KERNEL);
	int ret = vm_insert_page(vma, vma->vm_start, virt_to_page(object));

	kfree(object);
	return ret;
}

static int insert_free(struct vm_area_struct *vma)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);
	return vm_insert_page(vma, vma->vm_start, page);
}

static int insert_vmalloc(struct vm_area_struct *vma)
{
	void *area = vmalloc(PAGE_SIZE);
	int ret = vm_insert_page(vma, vma->vm_start, virt_to_page(area));

	vfree(area);
	return ret;
}

static int insert_cookie(struct vm_area_struct *vma)
{
	void __iomem *cookie = ioremap(io_base, PAGE_SIZE);
	int ret = vm_insert_page(vma, vma->vm_start, virt_to_page((void *)cookie));

	iounmap(cookie);
	return ret;
}

static int insert_badly(struct vm_area_struct *vma)
{
	int ret;

	switch (at_mmap) {
	case BAD_MMAP_INSERT_SLAB:
		return insert_slab(vma);
	case BAD_MMAP_INSERT_FREE:
		return insert_free(vma);
	case BAD_MMAP_INSERT_ZERO:
		return vm_insert_page(vma, vma->vm_start, ZERO_PAGE(0));
	case BAD_MMAP_INSERT_VMALLOC:
		return insert_vmalloc(vma);
	case BAD_MMAP_INSERT_COOKIE:
		return insert_cookie(vma);
	case BAD_MMAP_INSERT_JUNK:
		return vm_insert_page(vma, vma->vm_start, (struct page *)0x1234000);
	case BAD_MMAP_INSERT_OUTSIDE:
		return vm_insert_page(vma, vma->vm_end, good_page);
	case BAD_MMAP_INSERT_TWICE:
		ret = vm_insert_page(vma, vma->vm_start, good_page);
		return ret ? ret : vm_insert_page(vma, vma->vm_start, good_page);
	default: /* BAD_MMAP_INSERT_PFNMAP */
		ret = remap(vma, vma->vm_start, PAGE_SIZE);
		return ret ? ret : vm_insert_page(vma, vma->vm_start + PAGE_SIZE, good_page);
	}
}

static int bad_mmap(struct file *filp, struct vm_area_struct *vma)
{
	switch (at_mmap) {
	case BAD_MMAP_GOOD:
		return vm_insert_page(vma, vma->vm_start, good_page);
	case BAD_MMAP_RETURNS_5:
		return 5;
	case BAD_MMAP_RETURNS_MINUS_4095:
		return -4095;
	case BAD_MMAP_OOPSES:
		last_result = vm_insert_page(vma, vma->vm_start, good_page);
		return *(volatile int *)vma->vm_private_data;
	case BAD_MMAP_FAULT_PFNMAP:
		vm_flags_set(vma, VM_PFNMAP);
		break;
	case BAD_MMAP_FAULT_MIXED:
		vm_flags_set(vma, VM_MIXEDMAP);
		break;
	case BAD_MMAP_FAULT:
		break;
	default:
		last_result = at_mmap < BAD_MMAP_INSERT_SLAB ? remap_badly(vma) : insert_badly(vma);
		return last_result;
	}
	vma->vm_ops = &bad_vm_ops;
	return 0;
}

static long free_badly(enum bad_do what)
{
	char *object = kmalloc(100, GFP_KERNEL);
	char *area = vmalloc(2 * PAGE_SIZE);
	struct page *page;

	switch (what) {
	case BAD_KFREE_TWICE:
		kfree(object);
		break;
	case BAD_KFREE_MIDDLE:
		kfree(object + 8);
		break;
	case BAD_KFREE_VMALLOC:
		kfree(area);
		break;
	case BAD_WRITE_PAST_END:
		((volatile char *)object)[101] = 7;
		break;
	case BAD_WRITE_AFTER_KFREE:
		kfree(object);
		((volatile char *)object)[20] = 7;
		object = kmalloc(100, GFP_KERNEL);
		break;
	case BAD_FREE_PAGE_TWICE:
		page = alloc_page(GFP_KERNEL);
		__free_page(page);
		__free_page(page);
		break;
	case BAD_VFREE_TWICE:
		vfree(area);
		break;
	case BAD_VFREE_MIDDLE:
		vfree(area + PAGE_SIZE);
		break;
	default: /* BAD_VFREE_KMALLOC */
		vfree(object);
		break;
	}
	vfree(area);
	kfree(object);
	return 0;
}

static long kmap_badly(enum bad_do what)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	volatile char *at;

	if (!page)
		return -ENOMEM;
	at = kmap(page);
	*at = 42;
	switch (what) {
	case BAD_KUNMAP_UNMAPPED:
		kunmap(page);
		kunmap(page);
		break;
	case BAD_KUNMAP_ADDRESS:
		kunmap((struct page *)at);
		kunmap(page);
		break;
	case BAD_USE_AFTER_KUNMAP:
		kunmap(page);
		*at = 43;
		break;
	default: /* BAD_KMAP_LEFT */
		return 0;
	}
	__free_page(page);
	return 0;
}

static long touch_badly(enum bad_do what)
{
	volatile int *at = NULL;
	void __iomem *cookie;

	switch (what) {
	case BAD_READ_FREED_VMALLOC:
		at = vmalloc(PAGE_SIZE);
		*at = 1;
		vfree((void *)at);
		return *at;
	case BAD_READ_COOKIE:
		cookie = ioremap(io_base, PAGE_SIZE);
		return *(volatile int __force *)cookie;
	case BAD_IOUNMAP_TWICE:
		cookie = ioremap(io_base, PAGE_SIZE);
		iounmap(cookie);
		iounmap(cookie);
		return 0;
	case BAD_DIVIDE:
		return 100 / zero;
	case BAD_JUMP_NULL:
		return ((long (*)(void))(unsigned long)zero)() + 1;
	case BAD_BUG:
		BUG();
	default: /* BAD_READ_NULL */
		return *at;
	}
}

static long lock_both(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	msleep(10);
	mutex_lock(second);
	mutex_unlock(second);
	mutex_unlock(first);
	return 0;
}

static long sleep_in_spinlock(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
	return 0;
}

static long lock_badly(enum bad_do what)
{
	switch (what) {
	case BAD_MUTEX_TWICE:
		mutex_lock(&mutex_a);
		mutex_lock(&mutex_a);
		break;
	case BAD_MUTEX_UNLOCK:
	case BAD_MUTEX_UNLOCK_UNLOCKED:
		break;
	case BAD_MUTEX_HOLD:
		mutex_lock(&mutex_a);
		msleep(1000);
		break;
	case BAD_MUTEX_LEFT:
		mutex_lock(&mutex_a);
		return 0;
	case BAD_MUTEX_TAKE:
		mutex_lock(&mutex_a);
		break;
	case BAD_OOPS_WITH_MUTEX:
		mutex_lock(&mutex_a);
		return touch_badly(BAD_READ_NULL);
	case BAD_SPIN_TWICE:
		spin_lock(&spin);
		spin_lock(&spin);
		return 0;
	case BAD_SLEEP_IN_SPINLOCK:
		return sleep_in_spinlock();
	case BAD_LOCK_A_B:
		return lock_both(&mutex_a, &mutex_b);
	case BAD_LOCK_B_A:
		return lock_both(&mutex_b, &mutex_a);
	default: /* BAD_WAIT_FOREVER */
		return wait_event_interruptible(nobody_wakes, zero);
	}
	mutex_unlock(&mutex_a);
	return 0;
}

static struct miscdevice bad_dev;

static long do_badly(enum bad_do what)
{
	if (what <= BAD_VFREE_KMALLOC)
		return free_badly(what);
	if (what <= BAD_KMAP_LEFT)
		return kmap_badly(what);
	if (what <= BAD_JUMP_NULL)
		return touch_badly(what);
	if (what <= BAD_WAIT_FOREVER)
		return lock_badly(what);
	misc_deregister(&bad_dev);
	misc_deregister(&bad_dev);
	return misc_register(&bad_dev);
}

static long bad_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case BAD_MMAP:
		at_mmap = (enum bad_mmap)arg;
		return 0;
	case BAD_FAULT:
		at_fault = (enum bad_fault)arg;
		return 0;
	case BAD_PFN:
		bad_pfn = arg;
		return 0;
	case BAD_DO:
		return do_badly((enum bad_do)arg);
	case BAD_TOUCH:
		return *(volatile int *)arg;
	case BAD_FAULTS:
		return faults;
	case BAD_RESULT:
		return -last_result;
	}
	return -ENOTTY;
}

static const struct file_operations bad_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = bad_ioctl,
	.mmap = bad_mmap,
};

static struct miscdevice bad_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bad_driver",
	.fops = &bad_fops,
};

static irqreturn_t bad_irq(int number, void *cookie)
{
	return IRQ_HANDLED;
}

static struct timer_list bad_timer;
static struct delayed_work bad_work;
static int bad_major;
static void *forgotten;
static void __iomem *forgotten_cookie;

static void bad_timer_done(struct timer_list *timer)
{
	pr_info("bad_driver: timer\n");
}

static void bad_work_done(struct work_struct *work)
{
	pr_info("bad_driver: work\n");
}

/* Takes what exit will forget. */
static int take_all(void)
{
	if (leave & BAD_LEAVE_CHRDEV) {
		bad_major = register_chrdev(0, "bad_chrdev", &bad_fops);
		if (bad_major < 0)
			return bad_major;
	}
	if ((leave & BAD_LEAVE_IRQ) && request_irq(5, bad_irq, IRQF_SHARED, "bad_irq", &bad_dev))
		return -EBUSY;
	if (leave & BAD_LEAVE_TIMER) {
		timer_setup(&bad_timer, bad_timer_done, 0);
		mod_timer(&bad_timer, jiffies + HZ);
	}
	if (leave & BAD_LEAVE_WORK) {
		INIT_DELAYED_WORK(&bad_work, bad_work_done);
		schedule_delayed_work(&bad_work, HZ);
	}
	if (leave & BAD_LEAVE_MEMORY)
		forgotten = kmalloc(1000, GFP_KERNEL);
	if (leave & BAD_LEAVE_IOREMAP)
		forgotten_cookie = ioremap(io_base, PAGE_SIZE);
	return 0;
}

static int __init bad_init(void)
{
	int ret;

	if (oops_in_init)
		return *(volatile int *)(unsigned long)zero;
	good_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!good_page)
		return -ENOMEM;
	ret = take_all();
	if (!ret)
		ret = misc_register(&bad_dev);
	if (ret)
		__free_page(good_page);
	return ret;
}

static void __exit bad_exit(void)
{
	if (!(leave & BAD_LEAVE_MISC))
		misc_deregister(&bad_dev);
	__free_page(good_page);
	if (oops_in_exit)
		*(volatile int *)(unsigned long)zero = 1;
}

module_init(bad_init);
module_exit(bad_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Every mistake, on demand");
