// SPDX-License-Identifier: MIT
// Boost's algorithms behind a header node that lives only during a call; see rbtree.hpp.
// The word of parent and colour is the kernel's: bit 0 is set in a black node.
#include "kern/lib/rbtree.hpp"

#include <initializer_list>

#include <boost/intrusive/rbtree_algorithms.hpp>

namespace vmsim::kern {

namespace {

struct NodeTraits {
  using node = ::rb_node;
  using node_ptr = ::rb_node*;
  using const_node_ptr = const ::rb_node*;
  using color = unsigned long;
  static constexpr unsigned long kColorBits = 3;

  static node_ptr get_parent(const_node_ptr n) {
    return reinterpret_cast<node_ptr>(n->__rb_parent_color & ~kColorBits);
  }

  static void set_parent(node_ptr n, node_ptr parent) {
    n->__rb_parent_color =
        reinterpret_cast<unsigned long>(parent) | (n->__rb_parent_color & kColorBits);
  }

  static node_ptr get_left(const_node_ptr n) { return n->rb_left; }

  static void set_left(node_ptr n, node_ptr left) { n->rb_left = left; }

  static node_ptr get_right(const_node_ptr n) { return n->rb_right; }

  static void set_right(node_ptr n, node_ptr right) { n->rb_right = right; }

  static color get_color(const_node_ptr n) { return n->__rb_parent_color & 1; }

  static void set_color(node_ptr n, color c) {
    n->__rb_parent_color = (n->__rb_parent_color & ~kColorBits) | c;
  }

  static color black() { return 1; }

  static color red() { return 0; }
};

using Algorithms = boost::intrusive::rbtree_algorithms<NodeTraits>;

/// No red-black tree that fits into memory is higher.
constexpr unsigned kHeightMax = 128;

bool in_tree(const ::rb_node* node, const ::rb_root* root) {
  for (unsigned height = 0; height < kHeightMax; ++height) {
    const ::rb_node* const parent = NodeTraits::get_parent(node);
    if (parent == nullptr) return root->rb_node == node;
    if (parent->rb_left != node && parent->rb_right != node) return false;
    node = parent;
  }
  return false;
}

/// The root hangs below a header during a Boost algorithm. Its leftmost and rightmost are the
/// header itself, which no node is, so they are never maintained. Trivial: an oops may jump over
/// it.
struct Header {
  explicit Header(::rb_root* tree) : root(tree) {
    Algorithms::init_header(&node);
    if (root->rb_node == nullptr) return;
    NodeTraits::set_parent(&node, root->rb_node);
    NodeTraits::set_parent(root->rb_node, &node);
  }

  void take_off() {
    root->rb_node = NodeTraits::get_parent(&node);
    if (root->rb_node != nullptr) NodeTraits::set_parent(root->rb_node, nullptr);
  }

  ::rb_root* root;
  ::rb_node node{};
};

bool is_cleared(const ::rb_node* node) {
  return node->__rb_parent_color == reinterpret_cast<unsigned long>(node);
}

::rb_node* leftmost_leaf(::rb_node* node) {
  for (;;) {
    if (node->rb_left != nullptr)
      node = node->rb_left;
    else if (node->rb_right != nullptr)
      node = node->rb_right;
    else
      return node;
  }
}

using Child = ::rb_node* ::rb_node::*;

::rb_node* outermost(::rb_node* node, Child side) {
  while (node != nullptr && node->*side != nullptr) node = node->*side;
  return node;
}

/// The neighbour on the side `toward`.
::rb_node* neighbour(const ::rb_node* node, Child toward, Child back) {
  if (is_cleared(node)) return nullptr;
  if (node->*toward != nullptr) return outermost(node->*toward, back);
  ::rb_node* parent = NodeTraits::get_parent(node);
  while (parent != nullptr && node == parent->*toward) {
    node = parent;
    parent = NodeTraits::get_parent(node);
  }
  return parent;
}

}  // namespace

TreeRefusal rb_insert_color(::rb_node* node, ::rb_root* root) {
  if (!in_tree(node, root)) return TreeRefusal::kNotLinked;
  // Boost links and balances in one step: take the link off first.
  ::rb_node* const parent = NodeTraits::get_parent(node);
  Algorithms::insert_commit_data where{};
  if (parent == nullptr) {
    root->rb_node = nullptr;
  } else {
    where.link_left = parent->rb_left == node;
    (where.link_left ? parent->rb_left : parent->rb_right) = nullptr;
  }
  Header header(root);
  where.node = parent == nullptr ? &header.node : parent;
  Algorithms::insert_unique_commit(&header.node, node, where);
  header.take_off();
  return TreeRefusal::kNone;
}

TreeRefusal rb_erase(::rb_node* node, ::rb_root* root) {
  if (!in_tree(node, root)) return TreeRefusal::kNotLinked;
  Header header(root);
  Algorithms::erase(&header.node, node);
  header.take_off();
  return TreeRefusal::kNone;
}

TreeRefusal rb_replace_node(::rb_node* victim, ::rb_node* with, ::rb_root* root) {
  if (!in_tree(victim, root)) return TreeRefusal::kNotLinked;
  ::rb_node* const parent = NodeTraits::get_parent(victim);
  *with = *victim;
  for (::rb_node* child : {with->rb_left, with->rb_right})
    if (child != nullptr) NodeTraits::set_parent(child, with);
  if (parent == nullptr)
    root->rb_node = with;
  else
    (parent->rb_left == victim ? parent->rb_left : parent->rb_right) = with;
  return TreeRefusal::kNone;
}

::rb_node* rb_first(const ::rb_root* root) {
  return outermost(root->rb_node, &::rb_node::rb_left);
}

::rb_node* rb_last(const ::rb_root* root) {
  return outermost(root->rb_node, &::rb_node::rb_right);
}

::rb_node* rb_next(const ::rb_node* node) {
  return neighbour(node, &::rb_node::rb_right, &::rb_node::rb_left);
}

::rb_node* rb_prev(const ::rb_node* node) {
  return neighbour(node, &::rb_node::rb_left, &::rb_node::rb_right);
}

::rb_node* rb_first_postorder(const ::rb_root* root) {
  return root->rb_node == nullptr ? nullptr : leftmost_leaf(root->rb_node);
}

::rb_node* rb_next_postorder(const ::rb_node* node) {
  if (node == nullptr) return nullptr;
  ::rb_node* const parent = NodeTraits::get_parent(node);
  if (parent != nullptr && node == parent->rb_left && parent->rb_right != nullptr)
    return leftmost_leaf(parent->rb_right);
  return parent;
}

}  // namespace vmsim::kern
