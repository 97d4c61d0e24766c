// SPDX-License-Identifier: MIT
// One node of the VMA index. Counterpart: struct maple_node (its leaf and its allocation-range
// kinds). A leaf is five cache lines and holds up to 16 areas, an inner node is ten and holds up to
// 32 nodes: keys, slots, gaps. Leaves out: pivots of empty ranges (a gap belongs to the entry after
// it) and any form of lock. Only vma_index.hpp and vma_set.hpp include it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "vmsim/addr.hpp"

#include "base/assert.hpp"

namespace vmsim::mm {

/// A gap in pages, held at kGapFull where it does not fit. Signed, because SSE2 compares signed
/// words only.
using GapPages = i32;
using i16 = std::int16_t;
inline constexpr GapPages kGapFull = 0x7fffffff;

constexpr GapPages clamp_gap(u64 pages) {
  return pages < u64{kGapFull} ? static_cast<GapPages>(pages) : kGapFull;
}

/// Above every page number. Fills the unused keys, so that a search needs no count.
inline constexpr u64 kFarPage = u64{1} << 62;

/// n entries in order; entry i is an area (leaf) or a node (inner):
///
///   key[0..n-1)   last page of entry i. The last entry's is kept above: in the parent, at the top
///   in the index. slot[0..n)    the entries gap[0..n)     free pages before the area; the largest
///   gap under the node key[W-1]      is no key: n in the low bits, the address of the next leaf in
///   the others
///
/// Keys kept above are exact: a page that a search takes into a node is not behind the node's last
/// area.
template <class T, unsigned W>
struct alignas(64) VmaNode {
  static constexpr unsigned kWidth = W;
  static constexpr u64 kCountMask = 63;

  u64 key[W];
  T* slot[W];
  GapPages gap[W];

  unsigned count() const { return static_cast<unsigned>(key[W - 1] & kCountMask); }

  bool full() const { return count() == W; }

  VmaNode* next() const { return reinterpret_cast<VmaNode*>(key[W - 1] & ~kCountMask); }

  void set_next(VmaNode* node) { key[W - 1] = reinterpret_cast<std::uintptr_t>(node) | count(); }

  void make_empty() {
    for (unsigned i = 0; i < W; ++i) {
      key[i] = kFarPage;
      slot[i] = nullptr;
      gap[i] = 0;
    }
    key[W - 1] = 0;
  }

  /// The first entry whose last page is `page` or above. Two rounds of counting without a branch:
  /// every fourth key, then the three between. The keys of each round are loaded at once, and the
  /// compiler makes each term a carry.
  unsigned rank(u64 page) const {
    u64 fours = u64{key[3] < page} + u64{key[7] < page} + u64{key[11] < page};
    if constexpr (W == 32) {
      fours +=
          u64{key[15] < page} + u64{key[19] < page} + u64{key[23] < page} + u64{key[27] < page};
    }
    const u64* const rest = key + 4 * fours;
    return static_cast<unsigned>(4 * fours + u64{rest[0] < page} + u64{rest[1] < page} +
                                 u64{rest[2] < page});
  }

  /// Fetches the slots while the keys are on their way: a big index is not in the cache, and the
  /// two misses would come one after the other.
  void prefetch_slots() const {
    for (unsigned i = 0; i < W; i += 8) __builtin_prefetch(&slot[i]);
  }

  void prefetch_gaps() const {
    for (unsigned i = 0; i < W; i += 16) __builtin_prefetch(&gap[i]);
  }

  GapPages max_gap() const {
    GapPages most = 0;
    for (unsigned i = 0; i < W; ++i) most = std::max(most, gap[i]);
    return most;
  }

  /// The largest gap that is not in [from, to).
  GapPages max_gap_except(unsigned from, unsigned to) const {
    const i32 begin = static_cast<i32>(from);
    const i32 end = static_cast<i32>(to);
    GapPages most = 0;
    for (i32 i = 0; i < static_cast<i32>(W); ++i) {
      const i32 counts = -static_cast<i32>(i < begin) | -static_cast<i32>(i >= end);
      most = std::max(most, gap[i] & counts);
    }
    return most;
  }

  /// One more than the highest index below `limit` whose gap is at least `need`; 0 if there is
  /// none. Pre: need > 0. Short words, because SSE2 has their maximum.
  unsigned last_gap_below(unsigned limit, GapPages need) const {
    const i16 end = static_cast<i16>(limit);
    i16 found = 0;
    for (i16 i = 0; i < static_cast<i16>(W); ++i) {
      const i16 place = static_cast<i16>(i + 1);
      const i16 fits = gap[i] >= need ? place : i16{0};
      found = std::max(found, place <= end ? fits : i16{0});
    }
    return static_cast<unsigned>(found);
  }

  /// The lowest index from `from` on whose gap is at least `need`; W if there is none. Pre: need >
  /// 0.
  unsigned first_gap_from(unsigned from, GapPages need) const {
    const i16 most = static_cast<i16>(W - from);
    i16 found = 0;
    for (i16 i = 0; i < static_cast<i16>(W); ++i) {
      const i16 place = static_cast<i16>(static_cast<i16>(W) - i);
      const i16 fits = gap[i] >= need ? place : i16{0};
      found = std::max(found, place <= most ? fits : i16{0});
    }
    return W - static_cast<unsigned>(found);
  }

  /// Puts an entry with that last page at place `at`, before the entry that is there. Pre: not
  /// full, at < count().
  void insert_before(unsigned at, u64 last_page, T* entry, GapPages g) {
    VMSIM_DEBUG_ASSERT(!full() && at < count(), "no such place, or no room");
    open_place(at, at);
    key[at] = last_page;
    slot[at] = entry;
    gap[at] = g;
  }

  /// Puts an entry behind entry `at`, which now ends at `last_page`; the new one ends where that
  /// one did.
  void insert_after(unsigned at, u64 last_page, T* entry, GapPages g) {
    VMSIM_DEBUG_ASSERT(!full() && at < count(), "no such place, or no room");
    open_place(at, at + 1);
    key[at] = last_page;
    slot[at + 1] = entry;
    gap[at + 1] = g;
  }

  /// Takes entry `at` out. If it was the last one, the caller passes on the last page of the one
  /// before.
  void remove(unsigned at) {
    VMSIM_DEBUG_ASSERT(at < count(), "no such entry");
    close_place(at, at);
  }

  /// Takes the entry behind entry `at` out, which inherits its last page.
  void remove_after(unsigned at) {
    VMSIM_DEBUG_ASSERT(at + 1 < count(), "no entry behind this one");
    close_place(at, at + 1);
  }

 private:
  /// Moves keys from `key_at` and entries from `entry_at` up by one. One loop over all three arrays
  /// ends with one mispredicted branch, three loops (or calls of memmove, which the barrier
  /// forbids) with up to three.
  void open_place(unsigned key_at, unsigned entry_at) {
    const u64 tail = key[W - 1];
    for (unsigned i = count(); i > entry_at; --i) {
      key[i] = key[i - 1];
      slot[i] = slot[i - 1];
      gap[i] = gap[i - 1];
      asm("" ::: "memory");
    }
    if (key_at != entry_at && entry_at < W - 1) key[entry_at] = key[key_at];
    key[W - 1] = tail + 1;
  }

  /// The reverse.
  void close_place(unsigned key_at, unsigned entry_at) {
    const u64 tail = key[W - 1];
    const unsigned n = count();
    key[W - 1] = kFarPage;
    if (key_at != entry_at) key[key_at] = key[entry_at];
    for (unsigned i = entry_at + 1; i < n; ++i) {
      key[i - 1] = key[i];
      slot[i - 1] = slot[i];
      gap[i - 1] = gap[i];
      asm("" ::: "memory");
    }
    if (n >= 2) key[n - 2] = kFarPage;
    slot[n - 1] = nullptr;
    gap[n - 1] = 0;
    key[W - 1] = tail - 1;
  }
};

/// Entries of one or two nodes side by side, for splits and for balancing neighbours.
template <class T, unsigned W>
struct VmaNodeRun {
  using Node = VmaNode<T, W>;
  u64 key[2 * W + 1];
  T* slot[2 * W + 1];
  GapPages gap[2 * W + 1];
  unsigned size = 0;

  void push(u64 k, T* entry, GapPages g) {
    key[size] = k;
    slot[size] = entry;
    gap[size++] = g;
  }

  /// Appends a node's entries; `last_page` is the key that its last entry lacks.
  void gather(const Node& node, u64 last_page) {
    const unsigned n = node.count();
    for (unsigned i = 0; i < n; ++i)
      push(i + 1 < n ? node.key[i] : last_page, node.slot[i], node.gap[i]);
  }

  /// Makes room at place `at` of what was gathered.
  void insert(unsigned at, u64 k, T* entry, GapPages g) {
    for (unsigned i = size++; i > at; --i) {
      key[i] = key[i - 1];
      slot[i] = slot[i - 1];
      gap[i] = gap[i - 1];
    }
    key[at] = k;
    slot[at] = entry;
    gap[at] = g;
  }

  /// Makes `node` hold entries [from, to) and nothing else; its next leaf stays.
  void scatter(Node& node, unsigned from, unsigned to) const {
    Node* const next = node.next();
    node.make_empty();
    for (unsigned i = from; i < to; ++i) {
      if (i + 1 < to) node.key[i - from] = key[i];
      node.slot[i - from] = slot[i];
      node.gap[i - from] = gap[i];
    }
    node.key[W - 1] = to - from;
    node.set_next(next);
  }
};

}  // namespace vmsim::mm
