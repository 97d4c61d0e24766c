// SPDX-License-Identifier: MIT
// The B+tree under VmaSet: areas by last page, and the largest gap under every node.
// Counterpart: the maple tree in its "alloc" mode (MT_FLAGS_ALLOC_RANGE). Pages in, areas out; it
// never reads an area. Leaves out: lockless readers, range entries that are not areas. Only
// vma_set.hpp may call it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "mm/vma_node.hpp"
#include "mm/vma_node_pool.hpp"

namespace vmsim::mm {

/// What the inserts around this one look like; decides where a full node is cut, so that runs leave
/// full nodes behind.
enum class InsertRun : u8 { kNone, kAscending, kDescending };

template <class V>
class VmaIndex {
 public:
  using Leaf = VmaNode<V, 16>;
  using Inner = VmaNode<void, 32>;  // slots: Inner, on the lowest level Leaf
  static constexpr unsigned kHeightMax = 10;
  /// A node with fewer entries than a third looks for a neighbour to merge with; two merge up to
  /// three quarters of a node, so that the next few inserts do not split them again.
  template <class Node>
  static constexpr unsigned kUnderfull = Node::kWidth / 3;
  template <class Node>
  static constexpr unsigned kMergeMax = Node::kWidth * 3 / 4;

  /// An entry and the way to it. node[0] is the lowest inner node, node[height - 1] the root.
  struct Path {
    Leaf* leaf;
    unsigned leaf_at;
    Inner* node[kHeightMax];
    u8 at[kHeightMax];

    /// Levels above the root stay unset. Zeroing them costs a third of an insert, so the compiler,
    /// which cannot see that they are not read, is told that they were written.
    Path() { asm("" : "=m"(*this)); }

    V* area() const { return leaf->slot[leaf_at]; }

    GapPages gap() const { return leaf->gap[leaf_at]; }
  };

  VmaIndex() = default;
  VmaIndex(const VmaIndex&) = delete;
  VmaIndex& operator=(const VmaIndex&) = delete;

  /// The page behind the last area; 0 if there is none.
  u64 limit() const { return limit_; }

  /// The first area whose last page is `page` or above. This is the hot path of everything.
  V* find(u64 page) const {
    if (page >= limit_) return nullptr;
    const Leaf* const leaf = find_leaf(page);
    leaf->prefetch_slots();
    return leaf->slot[leaf->rank(page)];
  }

  /// Pre: page < limit().
  const Leaf* find_leaf(u64 page) const {
    const void* node = root_;
    for (unsigned level = height_; level > 0; --level) {
      const Inner* const inner = static_cast<const Inner*>(node);
      node = inner->slot[inner->rank(page)];
    }
    return static_cast<const Leaf*>(node);
  }

  /// Pre: page < limit().
  void locate(u64 page, Path& path) const {
    VMSIM_DEBUG_ASSERT(page < limit_, "no area there or above");
    void* node = root_;
    for (unsigned level = height_; level > 0; --level) {
      Inner* const inner = static_cast<Inner*>(node);
      const unsigned at = inner->rank(page);
      path.node[level - 1] = inner;
      path.at[level - 1] = static_cast<u8>(at);
      node = inner->slot[at];
    }
    path.leaf = static_cast<Leaf*>(node);
    path.leaf->prefetch_slots();
    path.leaf->prefetch_gaps();
    path.leaf_at = path.leaf->rank(page);
  }

  /// The page behind the area before the path's; 0 if that is the first.
  u64 gap_begin(const Path& path) const {
    if (path.leaf_at > 0) return path.leaf->key[path.leaf_at - 1] + 1;
    for (unsigned level = 0; level < height_; ++level) {
      if (path.at[level] > 0) return path.node[level]->key[path.at[level] - 1] + 1;
    }
    return 0;
  }

  /// The area before the path's, null if that is first in its leaf.
  V* area_before(const Path& path) const {
    return path.leaf_at > 0 ? path.leaf->slot[path.leaf_at - 1] : nullptr;
  }

  /// Nodes for that many inserts: each may split every level and add a root.
  bool reserve(std::size_t inserts) {
    if (height_ == 0) {
      const std::size_t n = root_ != nullptr ? static_cast<const Leaf*>(root_)->count() : 0;
      if (n + inserts <= Leaf::kWidth) return leaves_.reserve(root_ == nullptr ? 1 : 0);
    }
    return leaves_.reserve(inserts) && inners_.reserve(inserts * (height_ + 2));
  }

  /// Inserts before the path's area, which keeps `gap_after` in front of it. Ends the path.
  void insert(Path& path, u64 last_page, V* area, GapPages gap, GapPages gap_after, InsertRun run) {
    Leaf& leaf = *path.leaf;
    const unsigned at = path.leaf_at;
    if (run == InsertRun::kAscending && append_to_left(path, last_page, area, gap, gap_after))
      return;
    if (!leaf.full()) [[likely]] {
      gaps_change(path, at, at + 1, std::max(gap, gap_after));
      leaf.gap[at] = gap_after;
      leaf.insert_before(at, last_page, area, gap);
      return;
    }
    leaf.gap[at] = gap_after;
    VmaNodeRun<V, Leaf::kWidth> entries;
    entries.gather(leaf, kFarPage);
    entries.insert(path.leaf_at, last_page, area, gap);
    split_leaf(path, entries, path.leaf_at, run);
  }

  /// Inserts behind all others.
  void append(u64 last_page, V* area, GapPages gap, InsertRun run) {
    const u64 last_before = limit_ - 1;
    limit_ = last_page + 1;
    if (root_ == nullptr) {
      Leaf* const leaf = leaves_.take();
      leaf->slot[0] = area;
      leaf->gap[0] = gap;
      leaf->key[Leaf::kWidth - 1] = 1;
      root_ = leaf;
      return;
    }
    Path path;
    locate(last_page, path);
    Leaf& leaf = *path.leaf;
    if (!leaf.full()) {
      gaps_change(path, 0, 0, gap);
      leaf.insert_after(leaf.count() - 1, last_before, area, gap);
      return;
    }
    VmaNodeRun<V, Leaf::kWidth> entries;
    entries.gather(leaf, last_before);
    entries.push(kFarPage, area, gap);
    split_leaf(path, entries, entries.size - 1, run);
  }

  /// Removes the path's area; `gap_after` is then before the next one. Ends the path.
  void erase(Path& path, GapPages gap_after) {
    Leaf& leaf = *path.leaf;
    const unsigned at = path.leaf_at;
    const unsigned n = leaf.count() - 1;
    if (at == n) {
      set_gap_in_next_leaf(path, gap_after);
      const u64 begin = gap_begin(path);
      if (n == 0 && height_ == 0) {
        leaves_.give_back(&leaf);  // Kept: what was reserved stays reserved.
        root_ = nullptr;
        limit_ = 0;
        return;
      }
      // A leaf that is the first child and becomes empty has no last page; refill() merges it into
      // its neighbour's.
      if (n > 0 || path.at[0] > 0) set_last_page_above(path, begin - 1);
      gaps_change(path, at, at + 1, 0);
    } else {
      gaps_change(path, at, at + 2, gap_after);
      leaf.gap[at + 1] = gap_after;
    }
    leaf.remove(at);
    if (n < kUnderfull<Leaf> && height_ > 0) [[unlikely]]
      refill(path);
  }

  /// Edits the path's entry in place. Pre: the order stays as it is.
  void edit(Path& path, u64 last_page, GapPages gap, GapPages gap_after) {
    Leaf& leaf = *path.leaf;
    const unsigned at = path.leaf_at;
    if (at + 1 < leaf.count()) {
      gaps_change(path, at, at + 2, std::max(gap, gap_after));
      leaf.key[at] = last_page;
      leaf.gap[at + 1] = gap_after;
    } else {
      set_gap_in_next_leaf(path, gap_after);
      gaps_change(path, at, at + 1, gap);
      set_last_page_above(path, last_page);
    }
    leaf.gap[at] = gap;
  }

  /// Moves to the nearest area to the left whose gap is at least `need`. On failure: the path is
  /// spent.
  bool step_left_to_gap(Path& path, GapPages need) const {
    unsigned found = path.leaf->last_gap_below(path.leaf_at, need);
    if (found == 0) {
      unsigned level = 0;
      for (; level < height_; ++level) {
        found = path.node[level]->last_gap_below(path.at[level], need);
        if (found != 0) break;
      }
      if (level >= height_) return false;
      for (;; --level) {
        path.at[level] = static_cast<u8>(found - 1);
        void* const child = path.node[level]->slot[found - 1];
        if (level == 0) {
          path.leaf = static_cast<Leaf*>(child);
          break;
        }
        path.node[level - 1] = static_cast<Inner*>(child);
        found = path.node[level - 1]->last_gap_below(Inner::kWidth, need);
      }
      found = path.leaf->last_gap_below(Leaf::kWidth, need);
    }
    path.leaf_at = found - 1;
    return true;
  }

  /// The same to the right.
  bool step_right_to_gap(Path& path, GapPages need) const {
    unsigned found = path.leaf->first_gap_from(path.leaf_at + 1, need);
    if (found == Leaf::kWidth) {
      unsigned level = 0;
      for (; level < height_; ++level) {
        found = path.node[level]->first_gap_from(path.at[level] + 1u, need);
        if (found != Inner::kWidth) break;
      }
      if (level >= height_) return false;
      for (;; --level) {
        path.at[level] = static_cast<u8>(found);
        void* const child = path.node[level]->slot[found];
        if (level == 0) {
          path.leaf = static_cast<Leaf*>(child);
          break;
        }
        path.node[level - 1] = static_cast<Inner*>(child);
        found = path.node[level - 1]->first_gap_from(0, need);
      }
      found = path.leaf->first_gap_from(0, need);
    }
    path.leaf_at = found;
    return true;
  }

  void clear() {
    leaves_.release();
    inners_.release();
    root_ = nullptr;
    height_ = 0;
    limit_ = 0;
  }

  const Leaf* first_leaf() const { return limit_ != 0 ? find_leaf(0) : nullptr; }

  std::size_t bytes() const { return leaves_.bytes() + inners_.bytes(); }

  const void* root() const { return root_; }

  unsigned height() const { return height_; }

 private:
  /// The largest gap of a node, given what is above it, when gaps [from, to) are about to give way
  /// to others of which `gained` is the largest. Mostly the answer is at hand. If not, the gaps are
  /// read before they are written, since a wide load right after a narrow store has to wait for it.
  template <class Node>
  static GapPages largest_after(const Node& node, GapPages above, unsigned from, unsigned to,
                                GapPages gained) {
    if (gained >= above) return gained;
    GapPages lost = 0;
    for (unsigned i = from; i < to; ++i) lost = std::max(lost, node.gap[i]);
    return lost < above ? above : std::max(gained, node.max_gap_except(from, to));
  }

  /// Tells the nodes above that gaps of the path's leaf are about to change.
  void gaps_change(const Path& path, unsigned from, unsigned to, GapPages gained) {
    if (height_ == 0) return;
    const GapPages above = path.node[0]->gap[path.at[0]];
    const GapPages most = largest_after(*path.leaf, above, from, to, gained);
    if (most != above) set_gap_above(path, 0, most);
  }

  /// Writes the largest gap of what the path takes below its inner node on `level`, and what
  /// follows from it above.
  void set_gap_above(const Path& path, unsigned level, GapPages most) {
    for (;; ++level) {
      Inner& node = *path.node[level];
      const unsigned at = path.at[level];
      if (level + 1 == height_) {
        node.gap[at] = most;
        return;
      }
      const GapPages above = path.node[level + 1]->gap[path.at[level + 1]];
      const GapPages next = largest_after(node, above, at, at + 1, most);
      node.gap[at] = most;
      if (next == above) return;
      most = next;
    }
  }

  /// The path's inner node on `level` has new gaps: repeats the largest above it.
  void gaps_changed(const Path& path, unsigned level) {
    if (level + 1 < height_) set_gap_above(path, level + 1, path.node[level]->max_gap());
  }

  /// Writes the last page of the path's leaf where it is kept: in the nearest ancestor that has
  /// more to the right.
  void set_last_page_above(const Path& path, u64 last_page) {
    for (unsigned level = 0; level < height_; ++level) {
      Inner& node = *path.node[level];
      if (path.at[level] + 1u < node.count()) {
        node.key[path.at[level]] = last_page;
        return;
      }
    }
    limit_ = last_page + 1;
  }

  /// The path's area is the last in its leaf: sets the gap of the first in the next leaf, if there
  /// is one.
  void set_gap_in_next_leaf(const Path& path, GapPages gap) {
    const unsigned height = std::min(height_, kHeightMax);  // Tells the compiler what it is.
    unsigned level = 0;
    while (level < height && path.at[level] + 1u >= path.node[level]->count()) ++level;
    if (level >= height) return;
    Path other = path;
    other.at[level]++;
    for (; level > 0; --level) {
      other.node[level - 1] = static_cast<Inner*>(other.node[level]->slot[other.at[level]]);
      other.at[level - 1] = 0;
    }
    other.leaf = static_cast<Leaf*>(other.node[0]->slot[other.at[0]]);
    other.leaf_at = 0;
    gaps_change(other, 0, 1, gap);
    other.leaf->gap[0] = gap;
  }

  /// An ascending run comes in front of an area that is first in its leaf: it belongs to the leaf
  /// before, which the keys would never send it to.
  bool append_to_left(const Path& path, u64 last_page, V* area, GapPages gap, GapPages gap_after) {
    if (path.leaf_at != 0 || height_ == 0 || path.at[0] == 0) return false;
    Inner& parent = *path.node[0];
    const unsigned at = path.at[0] - 1u;
    Leaf& left = *static_cast<Leaf*>(parent.slot[at]);
    if (left.full()) return false;
    left.insert_after(left.count() - 1, parent.key[at], area, gap);
    parent.key[at] = last_page;
    parent.gap[at] = std::max(parent.gap[at], gap);
    path.leaf->gap[0] = gap_after;
    parent.gap[at + 1] = path.leaf->max_gap();
    gaps_changed(path, 0);
    return true;
  }

  /// Number of entries that stay left when a node is cut because an entry came in at `at`; `total`
  /// are W + 1. A descending run goes on just before its newest entry, an ascending one just after
  /// it: cut there, so that the half that gets no more entries is full. A half below `small` is
  /// only left at the edge where the run goes on.
  static unsigned cut_of(unsigned at, unsigned total, unsigned small, InsertRun run) {
    if (run == InsertRun::kDescending) {
      if (at < small) return small;
      if (total - at >= small) return at;
    }
    if (run == InsertRun::kAscending) {
      if (total - at - 1 < small) return total - small;
      if (at + 1 >= small) return at + 1;
    }
    return total / 2;
  }

  void split_leaf(Path& path, const VmaNodeRun<V, Leaf::kWidth>& entries, unsigned at,
                  InsertRun run) {
    Leaf* const right = leaves_.take();
    const unsigned cut = cut_of(at, entries.size, 1, run);
    right->set_next(path.leaf->next());
    entries.scatter(*right, cut, entries.size);
    entries.scatter(*path.leaf, 0, cut);
    path.leaf->set_next(right);
    add_right(path, path.leaf, path.leaf->max_gap(), entries.key[cut - 1], right, right->max_gap(),
              run);
  }

  /// The path's leaf was cut behind `last_page`: hangs its right half in, cutting upwards as far as
  /// needed.
  void add_right(Path& path, void* left, GapPages left_gap, u64 last_page, void* right,
                 GapPages right_gap, InsertRun run) {
    for (unsigned level = 0; level < height_; ++level) {
      Inner& node = *path.node[level];
      const unsigned at = path.at[level];
      node.gap[at] = left_gap;
      if (!node.full()) {
        node.insert_after(at, last_page, right, right_gap);
        gaps_changed(path, level);
        return;
      }
      VmaNodeRun<void, Inner::kWidth> entries;
      entries.gather(node, kFarPage);
      entries.insert(at + 1, entries.key[at], right, right_gap);
      entries.key[at] = last_page;
      Inner* const half = inners_.take();
      // No inner node is left with one entry: it would have no neighbour to merge with.
      const unsigned cut = cut_of(at + 1, entries.size, 2, run);
      entries.scatter(*half, cut, entries.size);
      entries.scatter(node, 0, cut);
      last_page = entries.key[cut - 1];
      left = &node;
      left_gap = node.max_gap();
      right = half;
      right_gap = half->max_gap();
    }
    VMSIM_ASSERT(height_ < kHeightMax, "the VMA index is too high");
    Inner* const top = inners_.take();
    top->slot[0] = left;
    top->gap[0] = left_gap;
    top->key[Inner::kWidth - 1] = 1;
    top->insert_after(0, last_page, right, right_gap);
    root_ = top;
    ++height_;
  }

  /// The path's leaf is underfull: merges it, or shares with a neighbour, and so on upwards.
  void refill(Path& path) {
    path.at[0] = balance<V>(*path.node[0], path.at[0], leaves_);
    unsigned level = 1;
    for (; level < height_ && path.node[level - 1]->count() < kUnderfull<Inner>; ++level) {
      path.at[level] = balance<void>(*path.node[level], path.at[level], inners_);
    }
    for (; level < height_; ++level) {
      path.node[level]->gap[path.at[level]] = path.node[level - 1]->max_gap();
    }
    Inner* const top = path.node[height_ - 1];
    if (top->count() == 1) {
      root_ = top->slot[0];
      inners_.give_back(top);
      --height_;
    }
  }

  /// Merges child `at` of `parent` with a neighbour, or gives each half of what they have. Returns
  /// the left one's place.
  template <class T, class Node>
  static u8 balance(Inner& parent, unsigned at, VmaNodePool<Node>& pool) {
    if (at > 0) --at;
    Node& left = *static_cast<Node*>(parent.slot[at]);
    Node& right = *static_cast<Node*>(parent.slot[at + 1]);
    VmaNodeRun<T, Node::kWidth> entries;
    entries.gather(left, parent.key[at]);
    entries.gather(right, kFarPage);
    if (entries.size <= kMergeMax<Node>) {
      left.set_next(right.next());
      entries.scatter(left, 0, entries.size);
      pool.give_back(&right);
      parent.remove_after(at);
    } else {
      const unsigned cut = entries.size / 2;
      entries.scatter(left, 0, cut);
      entries.scatter(right, cut, entries.size);
      parent.key[at] = entries.key[cut - 1];
      parent.gap[at + 1] = right.max_gap();
    }
    parent.gap[at] = left.max_gap();
    return static_cast<u8>(at);
  }

  void* root_ = nullptr;  ///< a Leaf if height_ is 0
  unsigned height_ = 0;   ///< levels above the leaves
  u64 limit_ = 0;
  VmaNodePool<Leaf> leaves_;
  VmaNodePool<Inner> inners_;
};

}  // namespace vmsim::mm
