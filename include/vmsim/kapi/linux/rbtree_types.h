/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/rbtree_types.h. struct rb_node and rb_root: vmsim/base_types.h.
 */
#ifndef VMSIM_KAPI_LINUX_RBTREE_TYPES_H
#define VMSIM_KAPI_LINUX_RBTREE_TYPES_H

#include "types.h"

/* vmsim: exact */
#define RB_ROOT ((struct rb_root) { NULL })
#if VMSIM_SINCE(4, 14, 0)
/* vmsim: exact [4.14, ) */
struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};
/* vmsim: exact [4.14, ) */
#define RB_ROOT_CACHED ((struct rb_root_cached) { { NULL }, NULL })
#endif

#endif
