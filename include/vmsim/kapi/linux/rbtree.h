/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees whose nodes lie in the driver's structs. Counterpart: include/linux/rbtree.h.
 * Leaves out augmented trees and rb_find_rcu().
 */
#ifndef VMSIM_KAPI_LINUX_RBTREE_H
#define VMSIM_KAPI_LINUX_RBTREE_H

#include "container_of.h"
#include "rbtree_types.h"
#include "rcupdate.h"

/* vmsim: exact, every name of this file */
extern void rb_insert_color(struct rb_node *node, struct rb_root *root);
extern void rb_erase(struct rb_node *node, struct rb_root *root);
extern void rb_replace_node(struct rb_node *victim, struct rb_node *with, struct rb_root *root);
extern struct rb_node *rb_first(const struct rb_root *root);
extern struct rb_node *rb_last(const struct rb_root *root);
extern struct rb_node *rb_next(const struct rb_node *node);
extern struct rb_node *rb_prev(const struct rb_node *node);

#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) \
	({ \
		__typeof__(ptr) vmsim_node = (ptr); \
		vmsim_node ? rb_entry(vmsim_node, type, member) : NULL; \
	})
#if VMSIM_SINCE(2, 6, 18)
#define rb_parent(r) ((struct rb_node *)((r)->__rb_parent_color & ~3UL))
#endif
#define RB_EMPTY_ROOT(root) ((root)->rb_node == NULL)
#define RB_EMPTY_NODE(node) ((node)->__rb_parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))

/* Hangs a red leaf at `link`; rb_insert_color() is to follow. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

#if VMSIM_SINCE(4, 4, 0)
#define rb_link_node_rcu(node, parent, link) rb_link_node(node, parent, link)
#define rb_replace_node_rcu(victim, with, root) rb_replace_node(victim, with, root)
#endif

#if VMSIM_SINCE(3, 12, 0)
extern struct rb_node *rb_first_postorder(const struct rb_root *root);
extern struct rb_node *rb_next_postorder(const struct rb_node *node);
#define rbtree_postorder_for_each_entry_safe(pos, n, root, field) \
	for ((pos) = rb_entry_safe(rb_first_postorder(root), __typeof__(*(pos)), field); \
	     (pos) && ({ \
		     (n) = rb_entry_safe(rb_next_postorder(&(pos)->field), __typeof__(*(pos)), \
					 field); \
		     1; \
	     }); \
	     (pos) = (n))
#endif

#if VMSIM_SINCE(4, 14, 0)
#define rb_first_cached(root) ((root)->rb_leftmost)

static inline void rb_insert_color_cached(struct rb_node *node, struct rb_root_cached *root,
					  bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}

static inline void rb_replace_node_cached(struct rb_node *victim, struct rb_node *with,
					  struct rb_root_cached *root)
{
	if (root->rb_leftmost == victim)
		root->rb_leftmost = with;
	rb_replace_node(victim, with, &root->rb_root);
}

#if VMSIM_SINCE(5, 12, 0)
static inline struct rb_node *rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	struct rb_node *first = NULL;

	if (root->rb_leftmost == node) {
		first = rb_next(node);
		root->rb_leftmost = first;
	}
	rb_erase(node, &root->rb_root);
	return first;
}
#else
static inline void rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
}
#endif
#endif

#if VMSIM_SINCE(5, 12, 0)
/* Equal nodes keep the order in which they came. */
static inline void rb_add(struct rb_node *node, struct rb_root *tree,
				   bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &tree->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		link = less(node, parent) ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, tree);
}

/* Returns the node if it is the first of the tree now. */
static inline struct rb_node *rb_add_cached(struct rb_node *node,
						     struct rb_root_cached *tree,
						     bool (*less)(struct rb_node *,
								  const struct rb_node *))
{
	bool leftmost = !tree->rb_leftmost || less(node, tree->rb_leftmost);

	rb_add(node, &tree->rb_root, less);
	if (leftmost)
		tree->rb_leftmost = node;
	return leftmost ? node : NULL;
}

/* Returns the node that is in the way, or NULL. */
static inline struct rb_node *rb_find_add(struct rb_node *node, struct rb_root *tree,
						   int (*cmp)(struct rb_node *,
							      const struct rb_node *))
{
	struct rb_node **link = &tree->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		int order = cmp(node, *link);

		parent = *link;
		if (!order)
			return parent;
		link = order < 0 ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, tree);
	return NULL;
}

static inline struct rb_node *rb_find(const void *key, const struct rb_root *tree,
					       int (*cmp)(const void *key, const struct rb_node *))
{
	struct rb_node *node = tree->rb_node;

	while (node) {
		int order = cmp(key, node);

		if (!order)
			return node;
		node = order < 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

/* The first of equal nodes. */
static inline struct rb_node *rb_find_first(const void *key, const struct rb_root *tree,
						     int (*cmp)(const void *key,
								const struct rb_node *))
{
	struct rb_node *node = tree->rb_node;
	struct rb_node *match = NULL;

	while (node) {
		int order = cmp(key, node);

		if (!order)
			match = node;
		node = order <= 0 ? node->rb_left : node->rb_right;
	}
	return match;
}

static inline struct rb_node *rb_next_match(const void *key, struct rb_node *node,
						     int (*cmp)(const void *key,
								const struct rb_node *))
{
	node = rb_next(node);
	return node && !cmp(key, node) ? node : NULL;
}

#define rb_for_each(node, key, tree, cmp) \
	for ((node) = rb_find_first((key), (tree), (cmp)); (node); \
	     (node) = rb_next_match((key), (node), (cmp)))
#endif

#endif
