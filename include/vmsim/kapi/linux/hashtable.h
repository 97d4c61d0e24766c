/* SPDX-License-Identifier: MIT */
/*
 * Arrays of hash chains. Counterpart: include/linux/hashtable.h. Exists since 3.7
 * (vmsim-from: 3.7 ).
 */
#ifndef VMSIM_KAPI_LINUX_HASHTABLE_H
#define VMSIM_KAPI_LINUX_HASHTABLE_H

#include "array_size.h"
#include "hash.h"
#include "list.h"
#include "log2.h"
#include "rculist.h"

/* vmsim: exact, every name of this file */
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define DEFINE_HASHTABLE(name, bits) \
	struct hlist_head name[1 << (bits)] = { [0 ...((1 << (bits)) - 1)] = HLIST_HEAD_INIT }
#define DEFINE_READ_MOSTLY_HASHTABLE(name, bits) DEFINE_HASHTABLE(name, bits)
#define HASH_SIZE(name) (ARRAY_SIZE(name))
#define HASH_BITS(name) ilog2(HASH_SIZE(name))
#define hash_min(val, bits) (sizeof(val) <= 4 ? hash_32(val, bits) : hash_long(val, bits))

static inline void __hash_init(struct hlist_head *table, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		INIT_HLIST_HEAD(&table[i]);
}

static inline bool __hash_empty(struct hlist_head *table, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		if (!hlist_empty(&table[i]))
			return false;
	return true;
}

#define hash_init(table) __hash_init(table, HASH_SIZE(table))
#define hash_empty(table) __hash_empty(table, HASH_SIZE(table))
#define VMSIM_HASH_CHAIN(table, key) (&(table)[hash_min(key, HASH_BITS(table))])
#define hash_add(table, node, key) hlist_add_head(node, VMSIM_HASH_CHAIN(table, key))
#define hash_add_rcu(table, node, key) hlist_add_head_rcu(node, VMSIM_HASH_CHAIN(table, key))
#define hash_hashed(node) (!hlist_unhashed(node))

static inline void hash_del(struct hlist_node *node)
{
	hlist_del_init(node);
}

static inline void hash_del_rcu(struct hlist_node *node)
{
	hlist_del_init_rcu(node);
}

#if VMSIM_SINCE(3, 9, 0)
#define hash_for_each(name, bkt, obj, member) \
	for ((bkt) = 0, (obj) = NULL; (obj) == NULL && (bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry(obj, &(name)[bkt], member)
#define hash_for_each_safe(name, bkt, tmp, obj, member) \
	for ((bkt) = 0, (obj) = NULL; (obj) == NULL && (bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry_safe(obj, tmp, &(name)[bkt], member)
#define hash_for_each_rcu(name, bkt, obj, member) hash_for_each(name, bkt, obj, member)
#define hash_for_each_possible(name, obj, member, key) \
	hlist_for_each_entry(obj, VMSIM_HASH_CHAIN(name, key), member)
#define hash_for_each_possible_rcu(name, obj, member, key, ...) \
	hash_for_each_possible(name, obj, member, key)
#define hash_for_each_possible_safe(name, obj, tmp, member, key) \
	hlist_for_each_entry_safe(obj, tmp, VMSIM_HASH_CHAIN(name, key), member)
#else
/* vmsim: exact [3.7, 3.9) */
#define hash_for_each(name, bkt, node, obj, member) \
	for ((bkt) = 0, (node) = NULL; (node) == NULL && (bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry(obj, node, &(name)[bkt], member)
#define hash_for_each_safe(name, bkt, node, tmp, obj, member) \
	for ((bkt) = 0, (node) = NULL; (node) == NULL && (bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry_safe(obj, node, tmp, &(name)[bkt], member)
#define hash_for_each_possible(name, obj, node, member, key) \
	hlist_for_each_entry(obj, node, VMSIM_HASH_CHAIN(name, key), member)
#define hash_for_each_possible_safe(name, obj, node, tmp, member, key) \
	hlist_for_each_entry_safe(obj, node, tmp, VMSIM_HASH_CHAIN(name, key), member)
#endif

#endif
