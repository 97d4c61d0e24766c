/* SPDX-License-Identifier: MIT */
/*
 * Singly linked lists without a lock: any number add, one takes all. Counterpart:
 * include/linux/llist.h. Exists since 3.1 (vmsim-from: 3.1 ).
 */
#ifndef VMSIM_KAPI_LINUX_LLIST_H
#define VMSIM_KAPI_LINUX_LLIST_H

#include "container_of.h"
#include "types.h"

/* vmsim: exact, every name of this file */
struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD_INIT(name) { NULL }
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)
#define init_llist_head(list) ((void)((list)->first = NULL))
#define llist_entry(ptr, type, member) container_of(ptr, type, member)
#define llist_empty(head) (__atomic_load_n(&(head)->first, __ATOMIC_RELAXED) == NULL)
#define llist_next(node) ((node)->next)

/* Both return true if the list was empty. */
static inline bool llist_add_batch(struct llist_node *first, struct llist_node *last,
				   struct llist_head *head)
{
	struct llist_node *old = __atomic_load_n(&head->first, __ATOMIC_RELAXED);

	do
		last->next = old;
	while (!__atomic_compare_exchange_n(&head->first, &old, first, 0, __ATOMIC_SEQ_CST,
					    __ATOMIC_RELAXED));
	return !old;
}

static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	return llist_add_batch(node, node, head);
}

/* The newest first. */
static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	return __atomic_exchange_n(&head->first, (struct llist_node *)NULL, __ATOMIC_SEQ_CST);
}

static inline struct llist_node *llist_del_first(struct llist_head *head)
{
	struct llist_node *old = __atomic_load_n(&head->first, __ATOMIC_ACQUIRE);

	while (old && !__atomic_compare_exchange_n(&head->first, &old, old->next, 0,
						   __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE))
		;
	return old;
}

static inline struct llist_node *llist_reverse_order(struct llist_node *node)
{
	struct llist_node *reversed = NULL;

	while (node) {
		struct llist_node *next = node->next;

		node->next = reversed;
		reversed = node;
		node = next;
	}
	return reversed;
}

#define VMSIM_LLIST_ENTRY(node, pos, member) \
	({ \
		struct llist_node *vmsim_node = (node); \
		vmsim_node ? llist_entry(vmsim_node, __typeof__(*(pos)), member) : NULL; \
	})
#define llist_for_each(pos, node) for ((pos) = (node); (pos); (pos) = (pos)->next)
#define llist_for_each_safe(pos, n, node) \
	for ((pos) = (node); (pos) && ((n) = (pos)->next, 1); (pos) = (n))
#define llist_for_each_entry(pos, node, member) \
	for ((pos) = VMSIM_LLIST_ENTRY(node, pos, member); (pos); \
	     (pos) = VMSIM_LLIST_ENTRY((pos)->member.next, pos, member))
#define llist_for_each_entry_safe(pos, n, node, member) \
	for ((pos) = VMSIM_LLIST_ENTRY(node, pos, member); \
	     (pos) && ((n) = VMSIM_LLIST_ENTRY((pos)->member.next, pos, member), 1); (pos) = (n))

#endif
