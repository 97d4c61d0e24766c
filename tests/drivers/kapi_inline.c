// SPDX-License-Identifier: MIT
/*
 * Checks what the C face does inside a driver, in macros and inline functions: lists, atomics,
 * bits, arithmetic, ioctl numbers, page-table bits. init fails with -EINVAL and names the line of
 * a check that fails. Test driver of both eras.
 */
#include <linux/bitmap.h>
#include <linux/cdev.h>
#include <linux/init.h>
#include <linux/ioctl.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seqlock.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <asm/byteorder.h>
#include <asm/pgtable.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(2, 6, 33)
#include <generated/utsrelease.h>
#endif

static int failed_line;

#define CHECK(condition) \
	do { \
		if (!(condition) && !failed_line) \
			failed_line = __LINE__; \
	} while (0)

struct item {
	int value;
	struct list_head link;
};

static int sum(struct list_head *head)
{
	struct item *item;
	int digits = 0;

	list_for_each_entry(item, head, link)
		digits = digits * 10 + item->value;
	return digits;
}

static void check_lists(void)
{
	LIST_HEAD(a);
	LIST_HEAD(b);
	struct item items[4] = { { 1 }, { 2 }, { 3 }, { 4 } };
	struct item *item, *next;
	struct list_head *pos;
	int count = 0;

	CHECK(list_empty(&a));
	list_add_tail(&items[0].link, &a);
	list_add_tail(&items[1].link, &a);
	list_add(&items[2].link, &a);
	CHECK(sum(&a) == 312);
	list_add_tail(&items[3].link, &b);
	list_splice_init(&a, &b);
	CHECK(list_empty(&a) && sum(&b) == 3124);
	list_move_tail(&items[2].link, &b);
	CHECK(sum(&b) == 1243);
	list_for_each(pos, &b)
		count++;
	CHECK(count == 4);
	list_for_each_entry_safe(item, next, &b, link) {
		if (item->value & 1)
			list_del(&item->link);
	}
	CHECK(sum(&b) == 24);
	CHECK(items[0].link.next == LIST_POISON1);
	CHECK(list_entry(b.next, struct item, link) == &items[1]);
	list_del_init(&items[1].link);
	CHECK(list_empty(&items[1].link) && list_is_singular(&b));
}

static int released;

static void release_counted(struct kref *kref)
{
	released++;
}

static void check_counts(void)
{
	atomic_t v = ATOMIC_INIT(3);
	struct kref kref;
	seqlock_t sequence;
	unsigned int start;

	atomic_inc(&v);
	CHECK(atomic_read(&v) == 4);
	CHECK(atomic_dec_return(&v) == 3);
	CHECK(!atomic_dec_and_test(&v) && atomic_read(&v) == 2);
	CHECK(atomic_sub_and_test(2, &v));
	CHECK(!atomic_add_unless(&v, 1, 0) && atomic_read(&v) == 0);
	CHECK(atomic_add_unless(&v, 7, 1) && atomic_read(&v) == 7);
	CHECK(atomic_cmpxchg(&v, 6, 9) == 7 && atomic_cmpxchg(&v, 7, 9) == 7);
	CHECK(atomic_read(&v) == 9);

	kref_init(&kref);
	kref_get(&kref);
	CHECK(!kref_put(&kref, release_counted) && released == 0);
	CHECK(kref_put(&kref, release_counted) && released == 1);

	seqlock_init(&sequence);
	start = read_seqbegin(&sequence);
	CHECK(!read_seqretry(&sequence, start));
	vmsim_seq_step(&sequence.sequence);
	CHECK(read_seqretry(&sequence, start));
}

static void check_bits(void)
{
	DECLARE_BITMAP(map, 200);

	bitmap_zero(map, 200);
	CHECK(find_first_bit(map, 200) == 200);
	set_bit(70, map);
	CHECK(map[1] == 64 && test_bit(70, map) && !test_bit(71, map));
	CHECK(find_first_bit(map, 200) == 70 && find_next_bit(map, 200, 71) == 200);
	CHECK(test_and_set_bit(70, map) && !test_and_set_bit(71, map));
	CHECK(find_next_zero_bit(map, 200, 70) == 72);
	CHECK(bitmap_find_next_zero_area(map, 200, 65, 8, 7) == 72);
	CHECK(test_and_clear_bit(71, map) && !test_bit(71, map));
	CHECK(ffs(0) == 0 && ffs(8) == 4 && fls(8) == 4 && fls(0) == 0);
	CHECK(__ffs(0x100) == 8 && hweight32(0xff00) == 8);
	CHECK(GENMASK(7, 4) == 0xf0 && BIT(5) == 32);
	CHECK(cpu_to_be32(0x01020304) == 0x04030201 && cpu_to_le16(0x0102) == 0x0102);
}

static void check_arithmetic(void)
{
	u64 big = 10000000007ULL;
	int a = 1, b = 2;

	CHECK(min(3, 2) == 2 && max_t(unsigned int, 3, -1) == ~0U);
	CHECK(clamp(15, 0, 9) == 9 && clamp(-1, 0, 9) == 0);
	CHECK(ALIGN(4097UL, 4096) == 8192 && ALIGN_DOWN(4097UL, 4096) == 4096);
	CHECK(ALIGN_DOWN(4096UL, 4096) == 4096 && IS_ALIGNED(8192UL, 4096));
	CHECK(PAGE_ALIGN(1UL) == PAGE_SIZE && PAGE_ALIGN(PAGE_SIZE) == PAGE_SIZE);
	CHECK(DIV_ROUND_UP(9, 4) == 3 && roundup(9, 4) == 12 && round_down(9, 4) == 8);
	CHECK(do_div(big, 10) == 7 && big == 1000000000);
	CHECK(ilog2(4096) == 12 && roundup_pow_of_two(5) == 8 && is_power_of_2(64));
	CHECK(get_order(1) == 0 && get_order(PAGE_SIZE) == 0 && get_order(PAGE_SIZE + 1) == 1);
	CHECK(get_order(8 * PAGE_SIZE) == 3);
	swap(a, b);
	CHECK(a == 2 && b == 1);
	CHECK(msecs_to_jiffies(1000) == HZ && jiffies_to_msecs(2 * HZ) == 2000);
	CHECK(time_after(5UL, ~0UL) && time_before(~0UL, 5UL));
	CHECK(IS_ERR(ERR_PTR(-ENOMEM)) && PTR_ERR(ERR_PTR(-ENOMEM)) == -ENOMEM);
	CHECK(!IS_ERR(&big) && !IS_ERR(NULL));
	CHECK(PFN_DOWN(0x12345UL) == 0x12 && PFN_UP(0x12345UL) == 0x13);
}

static void check_encodings(void)
{
	pte_t pte = pfn_pte(0x123, PAGE_SHARED);

	CHECK(_IO('k', 1) == 0x6b01 && _IOR('k', 2, int) == 0x80046b02);
	CHECK(_IOW('k', 3, char) == 0x40016b03 && _IOWR('k', 4, u64) == 0xc0086b04);
	CHECK(_IOC_TYPE(_IOR('k', 2, int)) == 'k' && _IOC_SIZE(_IOR('k', 2, int)) == 4);
	CHECK(MKDEV(240, 7) == 0xf000007 && MAJOR(0xf000007) == 240 && MINOR(0xf000007) == 7);
	CHECK(pgprot_val(PAGE_SHARED) == 0x8000000000000027UL);
	CHECK(pgprot_val(PAGE_READONLY) == 0x8000000000000025UL);
	CHECK(pgprot_val(PAGE_NONE) == 0x120);
	CHECK(pte_pfn(pte) == 0x123 && pte_write(pte) && pte_present(pte) && !pte_dirty(pte));
	CHECK(!pte_write(pte_wrprotect(pte)) && pte_special(pte_mkspecial(pte)));
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
	CHECK(pgprot_val(pgprot_noncached(PAGE_SHARED)) == 0x8000000000000037UL);
	CHECK(pgprot_val(pgprot_writecombine(PAGE_SHARED)) == 0x800000000000002fUL);
	CHECK(VM_PFNMAP == 0x400 && VM_DONTDUMP == 0x4000000 && VM_MIXEDMAP == 0x10000000);
	CHECK(VM_FAULT_SIGBUS == 2 && VM_FAULT_NOPAGE == 0x100 && FAULT_FLAG_MKWRITE == 2);
	CHECK(!strcmp(KERN_ERR, "\0013"));
	CHECK(IS_ENABLED(CONFIG_MMU) && !IS_ENABLED(CONFIG_NO_SUCH_OPTION));
	CHECK(!strncmp(UTS_RELEASE, "6.", 2));
#else
	CHECK(pgprot_val(pgprot_noncached(PAGE_SHARED)) == 0x800000000000003fUL);
	CHECK(VM_RESERVED == 0x80000 && VM_SHM == 0x400 && VM_IO == 0x4000);
	CHECK(VM_FAULT_SIGBUS == 0 && VM_FAULT_OOM == -1 && VM_FAULT_MINOR == 1);
	CHECK(NOPAGE_SIGBUS == NULL && NOPAGE_OOM == (struct page *)-1L);
	CHECK(!strcmp(KERN_ERR, "<3>"));
	CHECK(!strcmp(UTS_RELEASE, "2.6.10"));
#endif
	CHECK(sizeof(struct page) == 64);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
static void work_done(struct work_struct *work)
{
}

static void timer_done(struct timer_list *timer)
{
}

static void check_objects(void)
{
	struct {
		int before;
		struct delayed_work later;
		struct timer_list timer;
	} host;
	struct timer_list *timer = &host.timer;

	INIT_DELAYED_WORK(&host.later, work_done);
	CHECK(host.later.work.func == work_done && !delayed_work_pending(&host.later));
	CHECK(to_delayed_work(&host.later.work) == &host.later);
	timer_setup(&host.timer, timer_done, 0);
	CHECK(!timer_pending(timer));
	CHECK(container_of(timer, __typeof__(host), timer) == (void *)&host);
}
#else
static void work_done(void *data)
{
}

static void timer_done(unsigned long data)
{
}

static void check_objects(void)
{
	struct work_struct work;
	struct timer_list timer;

	INIT_WORK(&work, work_done, &timer);
	CHECK(work.func == work_done && work.data == &timer && !work_pending(&work));
	init_timer(&timer);
	timer.function = timer_done;
	timer.data = 7;
	CHECK(!timer_pending(&timer));
}
#endif

static int __init kapi_inline_init(void)
{
	check_lists();
	check_counts();
	check_bits();
	check_arithmetic();
	check_encodings();
	check_objects();
	if (!failed_line)
		return 0;
	printk(KERN_ERR "kapi_inline: the check in line %d fails\n", failed_line);
	return -EINVAL;
}

static void __exit kapi_inline_exit(void)
{
}

module_init(kapi_inline_init);
module_exit(kapi_inline_exit);
MODULE_LICENSE("GPL");
