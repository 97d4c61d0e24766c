// SPDX-License-Identifier: MIT
// Red-black trees over the drivers' own rb_nodes. Counterpart: lib/rbtree.c. The balancing is
// Boost.Intrusive's, so the shape of a tree may differ from Linux's, never its order. Runs in the
// driver's context (a wild node is the driver's oops), so nothing here owns anything. Called by
// abi.
#pragma once

#include "vmsim/kapi/vmsim/base_types.h"

namespace vmsim::kern {

/// Differs: a node that is in no tree, or in another one, is a Finding "rb-node-not-in-tree" and
/// stays what it is; Linux follows its pointers and damages the tree. Which node is above which may
/// differ from Linux after an insert or erase; the order never does.

/// Why a tree was left as it is.
enum class TreeRefusal : unsigned char {
  kNone,
  kNotLinked,  ///< the node's parents do not end at the root: not linked, erased, another tree's
};

/// Balances after rb_link_node() has hung `node` into the tree.
TreeRefusal rb_insert_color(::rb_node* node, ::rb_root* root);
TreeRefusal rb_erase(::rb_node* node, ::rb_root* root);
/// Puts `with` where `victim` is.
TreeRefusal rb_replace_node(::rb_node* victim, ::rb_node* with, ::rb_root* root);

::rb_node* rb_first(const ::rb_root* root);
::rb_node* rb_last(const ::rb_root* root);
/// nullptr at the end, and for a node that RB_CLEAR_NODE has cleared.
::rb_node* rb_next(const ::rb_node* node);
::rb_node* rb_prev(const ::rb_node* node);
/// Children before their parent.
::rb_node* rb_first_postorder(const ::rb_root* root);
::rb_node* rb_next_postorder(const ::rb_node* node);

}  // namespace vmsim::kern
