// SPDX-License-Identifier: MIT
/*
 * Uses every container that its kernel has, in one module (those that find something by a key are
 * in containers_index.c): whoever reads /dev/containers gets one line for each, with what came out
 * of it. What is written goes into a kfifo and is read back after the text. Test driver of all eras.
 */
#include <linux/bitmap.h>
#include <linux/circ_buf.h>
#include <linux/crc32.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kfifo.h>
#include <linux/mempool.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/uaccess.h>

#include "containers.h"

#if SINCE(2, 6, 34)
#include <linux/list_sort.h>
#endif
#if SINCE(2, 6, 35)
#include <linux/uuid.h>
#endif
#if SINCE(2, 6, 39)
#include <linux/bsearch.h>
#endif
#if SINCE(3, 1, 0)
#include <linux/llist.h>
#endif
#if SINCE(3, 7, 0)
#include <linux/hashtable.h>
#endif

char text[2048];
int length;

const int values[COUNT] = { 50, 20, 80, 10, 30, 70, 90, 60, 40 };

/* --- kfifo --- */

#if SINCE(2, 6, 36)
struct sample {
	int a;
	short b;
};

static DEFINE_KFIFO(samples, struct sample, 4);
static DEFINE_SPINLOCK(fifo_lock);

static void use_kfifo(void)
{
	struct sample in = { 1, 2 }, out = { 0, 0 };
	struct kfifo bytes;
	struct kfifo_rec_ptr_1 records;
	char buf[16];
	int i, n = 0;

	for (i = 0; i < 6; i++) {
		in.a = i;
#if SINCE(3, 13, 0)
		n += kfifo_put(&samples, in);
#else
		n += kfifo_put(&samples, &in);
#endif
	}
	SAY("kfifo: put %d full %d", n, kfifo_is_full(&samples));
	SAY(" peek %d", kfifo_peek(&samples, &out) ? out.a : -1);
	for (n = 0; kfifo_get(&samples, &out);)
		n = n * 10 + out.a + out.b;
	SAY(" got %d", n);
	if (kfifo_alloc(&bytes, 100, GFP_KERNEL))
		return;
	SAY(" size %u", kfifo_size(&bytes));
	kfifo_in(&bytes, "0123456789", 10);
	kfifo_in_spinlocked(&bytes, "ab", 2, &fifo_lock);
	n = kfifo_out(&bytes, buf, 4);
	SAY(" %.*s", n, buf);
	n = kfifo_out_spinlocked(&bytes, buf, 16, &fifo_lock);
	SAY(" %.*s len %u avail %u\n", n, buf, kfifo_len(&bytes), kfifo_avail(&bytes));
	kfifo_free(&bytes);

	if (kfifo_alloc(&records, 16, GFP_KERNEL))
		return;
	SAY("records: %u", kfifo_in(&records, "hello", 5));
	SAY(" %u", kfifo_in(&records, "wide world", 10));
	SAY(" %u", kfifo_in(&records, "you", 3));
	SAY(" next %u", kfifo_peek_len(&records));
	n = kfifo_out(&records, buf, 3);
	SAY(" %.*s", n, buf);
	n = kfifo_out(&records, buf, 16);
	SAY(" %.*s empty %d\n", n, buf, kfifo_is_empty(&records));
	kfifo_free(&records);
}

/* What a program wrote. */
static DECLARE_KFIFO(written, char, 64);

static ssize_t fifo_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	unsigned int copied;
	int ret = kfifo_from_user(&written, buf, count, &copied);

	return ret ? ret : copied;
}

static ssize_t fifo_read(char __user *buf, size_t count)
{
	unsigned int copied;
	int ret = kfifo_to_user(&written, buf, count, &copied);

	return ret ? ret : copied;
}

static void fifo_init(void)
{
	INIT_KFIFO(written);
}

static void fifo_exit(void)
{
}
#else
static spinlock_t fifo_lock = SPIN_LOCK_UNLOCKED;
static struct kfifo *written;

static void use_kfifo(void)
{
	struct kfifo *bytes = kfifo_alloc(100, GFP_KERNEL, &fifo_lock);
	unsigned char buf[16];
	int n;

	if (IS_ERR(bytes))
		return;
	SAY("kfifo: size %u", bytes->size);
	kfifo_put(bytes, "0123456789", 10);
	n = kfifo_get(bytes, buf, 4);
	SAY(" %.*s", n, buf);
	kfifo_put(bytes, "ab", 2);
	n = kfifo_get(bytes, buf, 16);
	SAY(" %.*s len %u\n", n, buf, kfifo_len(bytes));
	kfifo_free(bytes);
}

static ssize_t fifo_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	unsigned char bytes[64];

	if (count > sizeof(bytes))
		count = sizeof(bytes);
	if (copy_from_user(bytes, buf, count))
		return -EFAULT;
	return kfifo_put(written, bytes, count);
}

static ssize_t fifo_read(char __user *buf, size_t count)
{
	unsigned char bytes[64];
	unsigned int n = kfifo_get(written, bytes, count < sizeof(bytes) ? count : sizeof(bytes));

	return copy_to_user(buf, bytes, n) ? -EFAULT : (ssize_t)n;
}

static void fifo_init(void)
{
	written = kfifo_alloc(64, GFP_KERNEL, &fifo_lock);
}

static void fifo_exit(void)
{
	kfifo_free(written);
}
#endif

/* --- arrays, lists, hashes --- */

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

#if SINCE(5, 13, 0)
static int by_tens(void *priv, const struct list_head *a, const struct list_head *b)
#else
static int by_tens(void *priv, struct list_head *a, struct list_head *b)
#endif
{
	return list_entry(a, struct item, link)->value / 10 -
	       list_entry(b, struct item, link)->value / 10;
}

static void use_sorting(void)
{
	static struct item items[5] = {
		{ .value = 31 }, { .value = 12 }, { .value = 35 }, { .value = 11 }, { .value = 30 }
	};
	LIST_HEAD(list);
	struct item *item;
	int sorted[COUNT], i;

	memcpy(sorted, values, sizeof(sorted));
	sort(sorted, COUNT, sizeof(int), compare, NULL);
	SAY("sort:");
	for (i = 0; i < COUNT; i++)
		SAY(" %d", sorted[i]);
#if SINCE(2, 6, 39)
	i = 70;
	SAY(" 70 at %d", (int)((int *)bsearch(&i, sorted, COUNT, sizeof(int), compare) - sorted));
#endif
	SAY("\n");
	for (i = 0; i < 5; i++)
		list_add_tail(&items[i].link, &list);
#if SINCE(2, 6, 34)
	list_sort(NULL, &list, by_tens);
#else
	(void)by_tens;
#endif
	SAY("list:");
	list_for_each_entry(item, &list, link)
		SAY(" %d", item->value);
	list_for_each_entry_reverse(item, &list, link)
		SAY(" %d", item->value);
	SAY("\n");
}

static void use_lists(void)
{
#if SINCE(3, 9, 0)
	static DEFINE_HASHTABLE(table, 4);
	struct entry {
		struct hlist_node node;
		struct llist_node lnode;
		int key;
	};
	static struct entry entries[6];
	struct entry *entry;
	struct hlist_node *tmp;
	LLIST_HEAD(llist);
	int i, n = 0;
	unsigned int bucket;

	for (i = 0; i < 6; i++) {
		entries[i].key = i * 100;
		hash_add(table, &entries[i].node, entries[i].key);
		llist_add(&entries[i].lnode, &llist);
	}
	SAY("hash:");
	hash_for_each_possible(table, entry, node, 300)
		if (entry->key == 300)
			SAY(" has 300");
	hash_for_each_safe(table, bucket, tmp, entry, node) {
		n += entry->key;
		if (entry->key == 200)
			hash_del(&entry->node);
	}
	SAY(" sum %d", n);
	n = 0;
	hash_for_each(table, bucket, entry, node)
		n += entry->key;
	SAY(" then %d\n", n);
	SAY("llist:");
	llist_for_each_entry(entry, llist_del_all(&llist), lnode)
		SAY(" %d", entry->key);
	SAY(" empty %d\n", llist_empty(&llist));
#endif
}

static void use_bits(void)
{
	DECLARE_BITMAP(a, 130);
	DECLARE_BITMAP(b, 130);
	int bit;

	bitmap_zero(a, 130);
	bitmap_zero(b, 130);
	bitmap_set(a, 60, 70);
	bitmap_set(b, 62, 3);
	bitmap_set(b, 128, 2);
	SAY("bitmap: weight %d", bitmap_weight(a, 130));
	SAY(" and %d", bitmap_and(a, a, b, 130) ? 1 : 0);
	for_each_set_bit(bit, a, 130)
		SAY(" %d", bit);
	SAY(" equal %d zero at %d last %d\n", bitmap_equal(a, b, 130),
	    (int)find_next_zero_bit(a, 130, 128), (int)find_last_bit(b, 130));
#if SINCE(4, 19, 0)
	{
		unsigned long *map = bitmap_zalloc(1000, GFP_KERNEL);

		SAY("region %d", bitmap_find_free_region(map, 1000, 3));
		SAY(" %d\n", bitmap_find_free_region(map, 1000, 4));
		bitmap_free(map);
	}
#endif
	SAY("circ: %d %d crc: %08x %08x\n", CIRC_CNT(3, 14, 16), CIRC_SPACE(3, 14, 16),
	    ~crc32(~0U, "123456789", 9), crc32_be(~0U, (const unsigned char *)"123456789", 9));
	SAY("hash_long: %u hash_32: %u\n", (unsigned int)hash_long(12345, 10),
	    (unsigned int)hash_32(12345, 10));
}

static void use_uuid(void)
{
#if SINCE(4, 13, 0)
	static const char name[] = "12345678-9abc-def0-1122-334455667788";
	uuid_t want = UUID_INIT(0x12345678, 0x9abc, 0xdef0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
				0x77, 0x88);
	uuid_t uuid;
	guid_t guid;

	SAY("uuid: parsed %d", uuid_parse(name, &uuid));
	SAY(" equal %d", uuid_equal(&uuid, &want));
	SAY(" bad %d", uuid_parse("12345678", &uuid) == -EINVAL);
	guid_parse(name, &guid);
	uuid_gen(&uuid);
	SAY(" %02x%02x version %d\n", guid.b[0], guid.b[7], uuid.b[6] >> 4);
#endif
}

/* --- mempool --- */

static int can_allocate = 1;

static void *pool_alloc(gfp_t gfp, void *data)
{
	return can_allocate ? kmalloc((size_t)data, gfp) : NULL;
}

static void pool_free(void *element, void *data)
{
	kfree(element);
}

static void use_mempool(void)
{
	mempool_t *pool = mempool_create(2, pool_alloc, pool_free, (void *)64);
	void *got[4];
	int i, n = 0;

	if (!pool)
		return;
	got[0] = mempool_alloc(pool, GFP_KERNEL);
	can_allocate = 0;
	for (i = 1; i < 4; i++) {
		got[i] = mempool_alloc(pool, GFP_ATOMIC);
		n += got[i] != NULL;
	}
	SAY("mempool: reserve gave %d of 3, %d left", n, pool->curr_nr);
	for (i = 0; i < 3; i++)
		mempool_free(got[i], pool);
	SAY(", back %d", pool->curr_nr);
	can_allocate = 1;
#if SINCE(4, 1, 0)
	mempool_resize(pool, 5);
	SAY(", resized %d\n", pool->curr_nr);
#else
	mempool_resize(pool, 5, GFP_KERNEL);
	SAY(", resized %d\n", pool->curr_nr);
#endif
	mempool_destroy(pool);
}

/* --- notifiers --- */

static int heard(struct notifier_block *nb, unsigned long action, void *data)
{
	SAY(" %d:%lu", nb->priority, action);
	return action == 2 && nb->priority == 5 ? NOTIFY_STOP : NOTIFY_DONE;
}

static struct notifier_block low = { .notifier_call = heard, .priority = 1 };
static struct notifier_block high = { .notifier_call = heard, .priority = 9 };
static struct notifier_block middle = { .notifier_call = heard, .priority = 5 };

static void use_notifiers(void)
{
#if SINCE(2, 6, 17)
	static ATOMIC_NOTIFIER_HEAD(atomic_chain);
	static BLOCKING_NOTIFIER_HEAD(chain);
	int ret; /* SAY() looks at `length` before it evaluates what is said */

	atomic_notifier_chain_register(&atomic_chain, &low);
	SAY("notifier:");
	atomic_notifier_call_chain(&atomic_chain, 7, NULL);
	atomic_notifier_chain_unregister(&atomic_chain, &low);
	blocking_notifier_chain_register(&chain, &low);
	blocking_notifier_chain_register(&chain, &high);
	blocking_notifier_chain_register(&chain, &middle);
	blocking_notifier_call_chain(&chain, 1, NULL);
	ret = blocking_notifier_call_chain(&chain, 2, NULL);
	SAY(" ret %x", ret);
	blocking_notifier_chain_unregister(&chain, &middle);
	blocking_notifier_call_chain(&chain, 2, NULL);
#else
	static struct notifier_block *chain;
	int ret;

	SAY("notifier:");
	notifier_chain_register(&chain, &low);
	notifier_call_chain(&chain, 7, NULL);
	notifier_chain_register(&chain, &high);
	notifier_chain_register(&chain, &middle);
	notifier_call_chain(&chain, 1, NULL);
	ret = notifier_call_chain(&chain, 2, NULL);
	SAY(" ret %x", ret);
	notifier_chain_unregister(&chain, &middle);
	notifier_call_chain(&chain, 2, NULL);
#endif
	SAY("\n");
}

/* The text first, then what was written. */
static ssize_t containers_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	if (*pos >= length)
		return fifo_read(buf, count);
	if (count > length - *pos)
		count = length - *pos;
	if (copy_to_user(buf, text + *pos, count))
		return -EFAULT;
	*pos += count;
	return count;
}

static struct file_operations containers_fops = {
	.owner = THIS_MODULE,
	.read = containers_read,
	.write = fifo_write,
};

static struct miscdevice containers_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "containers",
	.fops = &containers_fops,
};

static int __init containers_init(void)
{
	use_trees();
	use_numbers();
	use_kfifo();
	use_sorting();
	use_lists();
	use_bits();
	use_uuid();
	use_mempool();
	use_notifiers();
	fifo_init();
	return misc_register(&containers_device);
}

static void __exit containers_exit(void)
{
	misc_deregister(&containers_device);
	fifo_exit();
}

module_init(containers_init);
module_exit(containers_exit);
MODULE_LICENSE("GPL");
