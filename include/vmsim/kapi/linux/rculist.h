/* SPDX-License-Identifier: MIT */
/*
 * List walks under RCU, over the plain ones. Counterpart: include/linux/rculist.h.
 */
#ifndef VMSIM_KAPI_LINUX_RCULIST_H
#define VMSIM_KAPI_LINUX_RCULIST_H

#include "list.h"
#include "rcupdate.h"

/* vmsim: simplified: publishes with a full barrier, every name of this file */
#define list_add_rcu(entry, head) \
	do { \
		smp_mb(); \
		list_add(entry, head); \
	} while (0)
#define list_add_tail_rcu(entry, head) \
	do { \
		smp_mb(); \
		list_add_tail(entry, head); \
	} while (0)
#define list_for_each_entry_rcu(pos, head, member, ...) list_for_each_entry(pos, head, member)

#define list_first_or_null_rcu(head, type, member) list_first_entry_or_null(head, type, member)
#define list_entry_rcu(ptr, type, member) list_entry(ptr, type, member)
#define hlist_add_head_rcu(node, head) \
	do { \
		smp_mb(); \
		hlist_add_head(node, head); \
	} while (0)
#if VMSIM_SINCE(3, 9, 0)
#define hlist_for_each_entry_rcu(pos, head, member, ...) hlist_for_each_entry(pos, head, member)
#else
#define hlist_for_each_entry_rcu(tpos, pos, head, member) \
	hlist_for_each_entry(tpos, pos, head, member)
#endif

static inline void hlist_del_rcu(struct hlist_node *node)
{
	vmsim_hlist_unlink(node);
	node->pprev = LIST_POISON2;
}

/* Readers that stand on the node still find what follows it. */
static inline void hlist_del_init_rcu(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	vmsim_hlist_unlink(node);
	node->pprev = NULL;
}

static inline void list_replace_rcu(struct list_head *old, struct list_head *entry)
{
	list_replace(old, entry);
	old->prev = LIST_POISON2;
}

static inline void list_del_rcu(struct list_head *entry)
{
	vmsim_list_link(entry->prev, entry->next);
	entry->prev = LIST_POISON2;
}

#endif
