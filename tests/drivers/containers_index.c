// SPDX-License-Identifier: MIT
/*
 * The containers that find something by a key or a number, for containers.c: trees, idr, ida,
 * xarray, radix tree. Each says one line.
 */
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/radix-tree.h>
#include <linux/slab.h>

#include "containers.h"

#if SINCE(4, 20, 0)
#include <linux/xarray.h>
#endif

/* --- rbtree --- */

static struct rb_root tree = RB_ROOT;

static void insert(struct item *item)
{
	struct rb_node **link = &tree.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (item->value < rb_entry(parent, struct item, node)->value)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_color(&item->node, &tree);
}

static void use_rbtree(void)
{
	static struct item items[COUNT], stand_in;
	struct rb_node *node;
	int i;

	for (i = 0; i < COUNT; i++) {
		items[i].value = values[i];
		insert(&items[i]);
	}
	rb_erase(&items[0].node, &tree);
	rb_erase(&items[3].node, &tree);
	stand_in.value = 35;
	rb_replace_node(&items[4].node, &stand_in.node, &tree);
	SAY("rbtree:");
	for (node = rb_first(&tree); node; node = rb_next(node))
		SAY(" %d", rb_entry(node, struct item, node)->value);
	SAY(" last %d before %d\n", rb_entry(rb_last(&tree), struct item, node)->value,
	    rb_entry(rb_prev(rb_last(&tree)), struct item, node)->value);
}

#if SINCE(5, 12, 0)
static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, node)->value <
	       rb_entry((struct rb_node *)b, struct item, node)->value;
}

static int order(const void *key, const struct rb_node *node)
{
	return *(const int *)key - rb_entry((struct rb_node *)node, struct item, node)->value;
}

static void use_rb_add(void)
{
	struct rb_root_cached cached = RB_ROOT_CACHED;
	struct item items[3] = { { .value = 2 }, { .value = 1 }, { .value = 3 } };
	struct item *item, *next;
	int key = 3, i, sum = 0;

	for (i = 0; i < 3; i++)
		rb_add_cached(&items[i].node, &cached, less);
	SAY("rb_add: first %d", rb_entry(rb_first_cached(&cached), struct item, node)->value);
	SAY(" found %d", rb_find(&key, &cached.rb_root, order) == &items[2].node);
	rb_erase_cached(&items[1].node, &cached);
	SAY(" then %d", rb_entry(rb_first_cached(&cached), struct item, node)->value);
	rbtree_postorder_for_each_entry_safe(item, next, &cached.rb_root, node)
		sum = sum * 10 + item->value;
	SAY(" postorder %d\n", sum);
}
#else
static void use_rb_add(void)
{
}
#endif

/* --- idr, ida --- */

static DEFINE_IDR(numbers);

#if SINCE(2, 6, 23)
static int add_up(int id, void *p, void *data)
{
	*(int *)data += id * *(int *)p;
	return 0;
}
#endif

static int new_id(void *p, int from)
{
#if SINCE(3, 9, 0)
	int id;

	idr_preload(GFP_KERNEL);
	id = idr_alloc(&numbers, p, from, 0, GFP_NOWAIT);
	idr_preload_end();
	return id;
#else
	int id, ret;

	do {
		if (!idr_pre_get(&numbers, GFP_KERNEL))
			return -ENOMEM;
		ret = idr_get_new_above(&numbers, p, from, &id);
	} while (ret == -EAGAIN);
	return ret ? ret : id;
#endif
}

static void use_idr(void)
{
	static int things[4] = { 1, 2, 3, 4 };
	int sum = 0;

	SAY("idr:");
	SAY(" %d", new_id(&things[0], 0));
	SAY(" %d", new_id(&things[1], 0));
	SAY(" %d", new_id(&things[2], 100));
	idr_remove(&numbers, 0);
	SAY(" %d", new_id(&things[3], 0));
	SAY(" at 100: %d", *(int *)idr_find(&numbers, 100));
	SAY(" at 7: %s", idr_find(&numbers, 7) ? "something" : "nothing");
#if SINCE(2, 6, 23)
	idr_for_each(&numbers, add_up, &sum);
	SAY(" sum %d", sum);
#endif
#if SINCE(2, 6, 29)
	{
		int *thing, id;

		idr_for_each_entry(&numbers, thing, id)
			SAY(" [%d]=%d", id, *thing);
	}
#endif
#if SINCE(3, 10, 0)
	SAY(" cyclic %d", idr_alloc_cyclic(&numbers, &things[0], 5, 7, GFP_KERNEL));
	SAY(" %d", idr_alloc_cyclic(&numbers, &things[0], 5, 7, GFP_KERNEL));
	SAY(" %d", idr_alloc_cyclic(&numbers, &things[0], 5, 7, GFP_KERNEL) == -ENOSPC);
#endif
	idr_destroy(&numbers);
	SAY(" destroyed: %s\n", idr_find(&numbers, 100) ? "something" : "nothing");
	sum = new_id(&things[0], 3); /* left behind on purpose */
}

static void use_ida(void)
{
#if SINCE(4, 19, 0)
	static DEFINE_IDA(ids);

	SAY("ida: %d", ida_alloc(&ids, GFP_KERNEL));
	SAY(" %d", ida_alloc_min(&ids, 5, GFP_KERNEL));
	SAY(" %d", ida_alloc_range(&ids, 5, 5, GFP_KERNEL) == -ENOSPC);
	ida_free(&ids, 0);
	SAY(" %d\n", ida_alloc(&ids, GFP_KERNEL));
	ida_destroy(&ids);
#elif SINCE(3, 1, 0)
	static DEFINE_IDA(ids);

	SAY("ida: %d", ida_simple_get(&ids, 0, 0, GFP_KERNEL));
	SAY(" %d", ida_simple_get(&ids, 5, 0, GFP_KERNEL));
	SAY(" %d", ida_simple_get(&ids, 5, 6, GFP_KERNEL) == -ENOSPC);
	ida_simple_remove(&ids, 0);
	SAY(" %d\n", ida_simple_get(&ids, 0, 0, GFP_KERNEL));
	ida_destroy(&ids);
#endif
}

/* --- xarray, radix tree --- */

#if SINCE(5, 1, 0)
static DEFINE_XARRAY_ALLOC1(handles);

static void use_xarray(void)
{
	static int things[3] = { 7, 8, 9 };
	struct xarray xa;
	unsigned long index;
	void *entry;
	u32 id, next = 0;

	xa_init(&xa);
	xa_store(&xa, 3, xa_mk_value(30), GFP_KERNEL);
	xa_store(&xa, ~0UL, xa_mk_value(99), GFP_KERNEL);
	SAY("xarray: busy %d", xa_insert(&xa, 3, xa_mk_value(1), GFP_KERNEL) == -EBUSY);
	xa_store(&xa, 1000, xa_mk_value(5), GFP_KERNEL);
	xa_set_mark(&xa, 1000, XA_MARK_1);
	xa_for_each(&xa, index, entry)
		SAY(" [%ld]=%lu", (long)index, xa_to_value(entry));
	xa_for_each_marked(&xa, index, entry, XA_MARK_1)
		SAY(" marked %lu", index);
	entry = xa_cmpxchg(&xa, 3, xa_mk_value(30), xa_mk_value(31), GFP_KERNEL);
	SAY(" was %lu is %lu", xa_to_value(entry), xa_to_value(xa_load(&xa, 3)));
	SAY(" erased %lu", xa_to_value(xa_erase(&xa, 3)));
	SAY(" gone %d", xa_load(&xa, 3) == NULL);
	xa_destroy(&xa);
	SAY(" empty %d\n", xa_empty(&xa));

	SAY("xa_alloc:");
	xa_alloc(&handles, &id, &things[0], xa_limit_32b, GFP_KERNEL);
	SAY(" %u", id);
	SAY(" ret %d", xa_alloc_cyclic(&handles, &id, &things[1], XA_LIMIT(2, 3), &next, GFP_KERNEL));
	SAY(" %u", id);
	xa_alloc_cyclic(&handles, &id, &things[2], XA_LIMIT(2, 3), &next, GFP_KERNEL);
	SAY(" %u", id);
	xa_erase(&handles, 2);
	SAY(" wrapped %d", xa_alloc_cyclic(&handles, &id, &things[2], XA_LIMIT(2, 3), &next,
					   GFP_KERNEL));
	SAY(" %u", id);
	SAY(" full %d\n",
	    xa_alloc(&handles, &id, &things[2], XA_LIMIT(2, 3), GFP_KERNEL) == -EBUSY);
	/* left behind on purpose */
}
#else
static void use_xarray(void)
{
}
#endif

static RADIX_TREE(radix, GFP_KERNEL);

static void use_radix_tree(void)
{
	static int things[3] = { 11, 22, 33 };
	void *found[4];
	int i;

	for (i = 0; i < 3; i++)
		radix_tree_insert(&radix, i * 1000UL, &things[i]);
	SAY("radix:");
	SAY(" twice %d", radix_tree_insert(&radix, 1000, &things[0]) == -EEXIST);
	SAY(" at 2000: %d", *(int *)radix_tree_lookup(&radix, 2000));
	radix_tree_tag_set(&radix, 1000, 1);
	SAY(" gang %u", radix_tree_gang_lookup(&radix, found, 1, 4));
	SAY(" tagged %u", radix_tree_gang_lookup_tag(&radix, found, 0, 4, 1));
	SAY(" deleted %d", *(int *)radix_tree_delete(&radix, 0));
	SAY(" %d", *(int *)radix_tree_delete(&radix, 1000));
#if SINCE(3, 4, 0)
	{
		struct radix_tree_iter iter;
		void **slot;

		radix_tree_for_each_slot(slot, &radix, &iter, 0)
			SAY(" [%lu]=%d", iter.index, *(int *)radix_tree_deref_slot(slot));
	}
#endif
	SAY(" left %d\n", *(int *)radix_tree_delete(&radix, 2000));
}

void use_trees(void)
{
	use_rbtree();
	use_rb_add();
	use_radix_tree();
}

void use_numbers(void)
{
	use_idr();
	use_ida();
	use_xarray();
}
