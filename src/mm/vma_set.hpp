// SPDX-License-Identifier: MIT
// The areas of one address space, in order: lookup, neighbours, and the search for a gap.
// Counterpart: mm->mm_mt with vma_find, vma_iter_* and vm_unmapped_area; before 6.1 mm->mm_rb and
// the mmap list. Leaves out: merging and splitting (the caller decides, the set edits in place),
// hints, accounting, every lock. Belongs to mm, which holds mmap_lock: for writing around what
// changes the set, for reading around the rest.
#pragma once

#include <iterator>
#include <optional>
#include <string>

#include "base/probe.hpp"
#include "mm/vma_index.hpp"

namespace vmsim::mm {

/// What the set needs to know of an area type besides vm_start and vm_end. Specialise, or pass
/// another type.
template <class V>
struct VmaSetTraits {
  /// The links that drivers of the list era walk (mm->mmap, vm_next). Their type may be a base of
  /// V.
  static V* next(const V& area) { return static_cast<V*>(area.vm_next); }

  static V* prev(const V& area) { return static_cast<V*>(area.vm_prev); }

  static void set_next(V& area, V* other) { area.vm_next = other; }

  static void set_prev(V& area, V* other) { area.vm_prev = other; }

  /// Where the gap in front of the area ends: vm_start, or below it for a stack with a guard
  /// (vm_start_gap). At most vm_start. If it changes by itself, call VmaSet::gap_changed.
  static u64 gap_start(const V& area) { return area.vm_start; }
};

/// What to look for, in bytes. Counterpart: struct vm_unmapped_area_info.
/// The result r satisfies low <= r, r + size <= high and (r - align_offset) & align_mask == 0.
struct GapRequest {
  u64 size = 0;
  u64 low = 0;
  u64 high = 0;
  u64 align_mask = 0;
  u64 align_offset = 0;
};

/// Not thread-safe; see the opening comment. Areas are owned by the caller and stay where they are.
///
///   prev        gap         guard   area          next
///   |=====|................|:::::::|======|......|====
///         ^ prev.vm_end    ^       ^ vm_start
///                          gap_start
template <class V, class Traits = VmaSetTraits<V>>
class VmaSet {
  using Index = VmaIndex<V>;
  using Leaf = typename Index::Leaf;
  using Inner = typename Index::Inner;
  using Path = typename Index::Path;

 public:
  /// Walks the index, not the links: faster, but any change of the set invalidates it. Use first()
  /// and next() then.
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = V*;
    using difference_type = std::ptrdiff_t;
    using pointer = V* const*;
    using reference = V*;

    iterator() = default;

    V* operator*() const { return *at_; }

    iterator& operator++() {
      if (++at_ == end_) enter(leaf_->next(), 0);
      return *this;
    }

    iterator operator++(int) {
      iterator old = *this;
      ++*this;
      return old;
    }

    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    friend class VmaSet;

    iterator(const Leaf* leaf, unsigned at) { enter(leaf, at); }

    void enter(const Leaf* leaf, unsigned at) {
      leaf_ = leaf;
      if (leaf == nullptr) {
        at_ = end_ = nullptr;
        return;
      }
      at_ = leaf->slot + at;
      end_ = leaf->slot + leaf->count();
      if (const Leaf* const next = leaf->next()) {
        __builtin_prefetch(&next->key[Leaf::kWidth - 1]);
        __builtin_prefetch(&next->slot[0]);
        __builtin_prefetch(&next->slot[8]);
      }
    }

    const Leaf* leaf_ = nullptr;
    V* const* at_ = nullptr;
    V* const* end_ = nullptr;
  };

  struct Span {
    iterator first_, last_;

    iterator begin() const { return first_; }

    iterator end() const { return last_; }
  };

  VmaSet() = default;
  VmaSet(const VmaSet&) = delete;
  VmaSet& operator=(const VmaSet&) = delete;

  // --- lookup ---

  /// The first area with vm_end > addr, or null (find_vma).
  V* find(u64 addr) const { return index_.find(addr >> kPageShift); }

  /// The area that addr lies in, or null (vma_lookup).
  V* find_containing(u64 addr) const {
    V* const area = find(addr);
    return area != nullptr && area->vm_start <= addr ? area : nullptr;
  }

  /// The first area that has a byte in [start, end), or null (find_vma_intersection). Pre: start <
  /// end.
  V* find_intersection(u64 start, u64 end) const {
    VMSIM_DEBUG_ASSERT(start < end, "an empty range intersects nothing");
    V* const area = find(start);
    return area != nullptr && area->vm_start < end ? area : nullptr;
  }

  V* first() const { return first_; }

  V* last() const { return last_; }

  static V* next(const V* area) { return Traits::next(*area); }

  static V* prev(const V* area) { return Traits::prev(*area); }

  /// The last area that lies before what find(addr) answers (find_vma_prev).
  V* find_prev(u64 addr) const {
    V* const area = find(addr);
    return area != nullptr ? prev(area) : last_;
  }

  std::size_t size() const { return size_; }

  bool empty() const { return size_ == 0; }

  iterator begin() const { return iterator(index_.first_leaf(), 0); }

  iterator end() const { return iterator(); }

  /// The areas that have a byte in [start, end) (for_each_vma_range). Pre: start < end.
  Span overlapping(u64 start, u64 end) const;

  // --- changes ---

  /// Makes sure that the next `inserts` inserts need no memory. On failure (the host has none, or
  /// the probe's oracle says so at site "vma_set"): nothing has changed.
  bool reserve_for_insert(unsigned inserts = 1, base::Probe* probe = nullptr) {
    if (probe != nullptr && probe->should_fail("vma_set")) [[unlikely]]
      return false;
    return index_.reserve(inserts);
  }

  /// Pre: page aligned, not empty, overlaps nothing.
  void insert(V* area);

  /// The same for an area above all others; building a set in ascending order fills its nodes.
  void append_sorted(V* area) {
    VMSIM_ASSERT(last_ == nullptr || last_->vm_end <= area->vm_start,
                 "append_sorted needs ascending areas");
    insert(area);
  }

  /// Pre: the area is in this set. Its links are null afterwards, its bounds stay.
  void erase(V* area);
  /// Moves the bounds of an area within the space that its neighbours leave. Writes vm_start and
  /// vm_end.
  void replace_bounds(V* area, u64 start, u64 end);

  /// Call when Traits::gap_start answers differently for an area of this set (VM_GROWSDOWN was set
  /// or cleared).
  void gap_changed(V* area) { replace_bounds(area, area->vm_start, area->vm_end); }

  /// Empties the set, handing every area to `dispose` in ascending order, links cleared.
  template <class F>
  void clear_and_dispose(F dispose);

  // --- gaps ---

  /// The highest place for `size` bytes (vm_unmapped_area with VM_UNMAPPED_AREA_TOPDOWN). As in
  /// Linux a gap counts only if it holds size + align_mask, whether or not less would do.
  std::optional<u64> find_gap_topdown(const GapRequest& request) const;
  /// The lowest place.
  /// Differs: Linux 6.x compares a stack's guard with the aligned start plus size and align_mask,
  /// and so passes over some gaps in front of a stack that are just large enough.
  std::optional<u64> find_gap_bottomup(const GapRequest& request) const;

  // --- inspection ---

  /// Walks everything; empty if the set is sound, else what is wrong.
  std::string check() const;

  /// Bytes of host memory that the index holds, free nodes included.
  std::size_t index_bytes() const { return index_.bytes(); }

 private:
  struct Pages {
    u64 need, low, high;
  };

  struct Seen {
    V* prev = nullptr;
    const Leaf* last_leaf = nullptr;
    std::size_t areas = 0;
  };

  static u64 last_page(const V* area) { return (u64{area->vm_end} - 1) >> kPageShift; }

  /// Free pages before an area whose predecessor ends at `prev_end`; none if its guard reaches down
  /// into it.
  static u64 gap_pages(u64 prev_end, const V* area) {
    const u64 end = Traits::gap_start(*area);
    return end > prev_end ? (end - prev_end) >> kPageShift : 0;
  }

  static GapPages gap_before(const V* prev_area, const V* area) {
    return clamp_gap(gap_pages(prev_area != nullptr ? u64{prev_area->vm_end} : 0, area));
  }

  void link(V* before, V* area, V* after);

  static std::optional<Pages> pages_of_request(const GapRequest& request);

  static std::optional<u64> place_topdown(const GapRequest& request, u64 end_page) {
    const u64 addr = (end_page << kPageShift) - request.size;
    return addr - ((addr - request.align_offset) & request.align_mask);
  }

  static std::optional<u64> place_bottomup(const GapRequest& request, u64 begin_page) {
    const u64 addr = begin_page << kPageShift;
    return addr + ((request.align_offset - addr) & request.align_mask);
  }

  /// The page where the gap before the path's area ends. `begin` is where it begins.
  static u64 gap_end(const Path& path, u64 begin) {
    if (path.gap() != kGapFull) [[likely]]
      return begin + static_cast<u64>(path.gap());
    return Traits::gap_start(*path.area()) >> kPageShift;
  }

  template <class Node>
  static std::string check_form(const Node& node, unsigned least);
  static std::string check_leaf(const Leaf& leaf, u64 last, Seen& seen);
  static std::string check_inner(const Inner& node, unsigned level, u64 last, Seen& seen);
  static std::string check_area(const V* area, const V* before, u64 key, GapPages gap);

  Index index_;
  V* first_ = nullptr;
  V* last_ = nullptr;
  V* last_insert_ =
      nullptr;  ///< tells ascending and descending runs of inserts; null if it left the set
  std::size_t size_ = 0;
};

}  // namespace vmsim::mm

#include "mm/vma_set_body.hpp"
