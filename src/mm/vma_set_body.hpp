// SPDX-License-Identifier: MIT
// Bodies of VmaSet's longer members: changes, gap search, self check. The interface is in
// vma_set.hpp. Counterpart: unmapped_area_topdown() and unmapped_area() in mm/vma.c, mt_validate()
// in lib/maple_tree.c. Included by vma_set.hpp only.
#pragma once

#include "mm/vma_set.hpp"

namespace vmsim::mm {

template <class V, class Traits>
auto VmaSet<V, Traits>::overlapping(u64 start, u64 end) const -> Span {
  VMSIM_DEBUG_ASSERT(start < end, "an empty range overlaps nothing");
  const auto place = [this](u64 page) {
    if (page >= index_.limit()) return iterator();
    const Leaf* const leaf = index_.find_leaf(page);
    return iterator(leaf, leaf->rank(page));
  };
  iterator after = place((end - 1) >> kPageShift);
  if (after != this->end() && (*after)->vm_start < end) ++after;
  return Span{place(start >> kPageShift), after};
}

template <class V, class Traits>
void VmaSet<V, Traits>::link(V* before, V* area, V* after) {
  Traits::set_prev(*area, before);
  Traits::set_next(*area, after);
  if (before != nullptr) {
    Traits::set_next(*before, area);
  } else {
    first_ = area;
  }
  if (after != nullptr) {
    Traits::set_prev(*after, area);
  } else {
    last_ = area;
  }
}

template <class V, class Traits>
void VmaSet<V, Traits>::insert(V* area) {
  const u64 start = area->vm_start;
  const u64 end = area->vm_end;
  VMSIM_ASSERT(start < end && ((start | end) & ~kPageMask) == 0,
               "an area has whole pages, one at least");
  const u64 page = start >> kPageShift;
  Path path;
  V* after = nullptr;
  V* before = last_;
  if (page < index_.limit()) {
    index_.locate(page, path);
    after = path.area();
    before =
        index_.area_before(path);  // From the leaf, so that both neighbours are fetched at once.
    if (before == nullptr) before = prev(after);
    VMSIM_ASSERT(end <= after->vm_start, "areas must not overlap");
  }
  link(before, area, after);
  InsertRun run = InsertRun::kNone;
  if (last_insert_ != nullptr) {
    if (after == last_insert_) run = InsertRun::kDescending;
    if (before == last_insert_) run = InsertRun::kAscending;
  }
  if (after != nullptr) {
    index_.insert(path, last_page(area), area, gap_before(before, area), gap_before(area, after),
                  run);
  } else {
    index_.append(last_page(area), area, gap_before(before, area), run);
  }
  last_insert_ = area;
  ++size_;
  VMSIM_EXPENSIVE_ASSERT(check().empty(), "insert broke the set");
}

template <class V, class Traits>
void VmaSet<V, Traits>::erase(V* area) {
  VMSIM_ASSERT(last_page(area) < index_.limit(), "the area is not in this set");
  V* const before = prev(area);
  V* const after = next(area);
  __builtin_prefetch(before, 1);  // Their links are written below; null is fine.
  __builtin_prefetch(after, 1);
  Path path;
  index_.locate(last_page(area), path);
  VMSIM_ASSERT(path.area() == area, "the area is not in this set");
  if (before != nullptr) {
    Traits::set_next(*before, after);
  } else {
    first_ = after;
  }
  if (after != nullptr) {
    Traits::set_prev(*after, before);
  } else {
    last_ = before;
  }
  Traits::set_next(*area, nullptr);
  Traits::set_prev(*area, nullptr);
  index_.erase(path, after != nullptr ? gap_before(before, after) : 0);
  if (last_insert_ == area) last_insert_ = nullptr;
  --size_;
  VMSIM_EXPENSIVE_ASSERT(check().empty(), "erase broke the set");
}

template <class V, class Traits>
void VmaSet<V, Traits>::replace_bounds(V* area, u64 start, u64 end) {
  VMSIM_ASSERT(start < end && ((start | end) & ~kPageMask) == 0,
               "an area has whole pages, one at least");
  VMSIM_ASSERT(last_page(area) < index_.limit(), "the area is not in this set");
  V* const before = prev(area);
  V* const after = next(area);
  VMSIM_ASSERT(before == nullptr || before->vm_end <= start,
               "the new bounds overlap the area before");
  VMSIM_ASSERT(after == nullptr || end <= after->vm_start, "the new bounds overlap the area after");
  Path path;
  index_.locate(last_page(area), path);
  VMSIM_ASSERT(path.area() == area, "the area is not in this set");
  area->vm_start = start;
  area->vm_end = end;
  index_.edit(path, last_page(area), gap_before(before, area),
              after != nullptr ? gap_before(area, after) : 0);
  VMSIM_EXPENSIVE_ASSERT(check().empty(), "replace_bounds broke the set");
}

template <class V, class Traits>
template <class F>
void VmaSet<V, Traits>::clear_and_dispose(F dispose) {
  V* area = first_;
  index_.clear();
  first_ = last_ = last_insert_ = nullptr;
  size_ = 0;
  while (area != nullptr) {
    V* const after = next(area);
    Traits::set_next(*area, nullptr);
    Traits::set_prev(*area, nullptr);
    dispose(area);
    area = after;
  }
}

template <class V, class Traits>
auto VmaSet<V, Traits>::pages_of_request(const GapRequest& request) -> std::optional<Pages> {
  const auto whole_pages = [](u64 bytes) {
    return (bytes >> kPageShift) + ((bytes & ~kPageMask) != 0 ? 1 : 0);
  };
  const u64 padded = request.size + request.align_mask;
  if (request.size == 0 || padded < request.size) return std::nullopt;
  const u64 need = whole_pages(padded);
  const u64 low = whole_pages(request.low);
  const u64 high = request.high >> kPageShift;
  if (high < low || high - low < need) return std::nullopt;
  return Pages{need, low, high};
}

template <class V, class Traits>
std::optional<u64> VmaSet<V, Traits>::find_gap_topdown(const GapRequest& request) const {
  const std::optional<Pages> pages = pages_of_request(request);
  if (!pages) return std::nullopt;
  const auto [need, low, high] = *pages;
  u64 page = high - 1;
  if (page >= index_.limit()) {
    if (high - need >= std::max(index_.limit(), low)) return place_topdown(request, high);
    if (index_.limit() <= low) return std::nullopt;
    page = index_.limit() - 1;
  }
  // Gaps further right begin at `high` or above; of the others only the first can reach beyond it.
  Path path;
  index_.locate(page, path);
  do {
    const u64 begin = index_.gap_begin(path);
    const u64 end = std::min(gap_end(path, begin), high);
    if (end >= need && end - need >= std::max(begin, low)) return place_topdown(request, end);
    if (begin <= low) return std::nullopt;
  } while (index_.step_left_to_gap(path, clamp_gap(need)));
  return std::nullopt;
}

template <class V, class Traits>
std::optional<u64> VmaSet<V, Traits>::find_gap_bottomup(const GapRequest& request) const {
  const std::optional<Pages> pages = pages_of_request(request);
  if (!pages) return std::nullopt;
  const auto [need, low, high] = *pages;
  if (low < index_.limit()) {
    // Gaps further left end at `low` or below; of the others only the first can begin below it.
    Path path;
    index_.locate(low, path);
    do {
      const u64 gap_begin = index_.gap_begin(path);
      const u64 begin = std::max(gap_begin, low);
      if (begin > high - need) return std::nullopt;
      const u64 end = gap_end(path, gap_begin);
      if (end >= begin && end - begin >= need) return place_bottomup(request, begin);
    } while (index_.step_right_to_gap(path, clamp_gap(need)));
  }
  // No gap in front of an area will do: what is left is the space behind the last one.
  const u64 begin = std::max(index_.limit(), low);
  if (begin > high - need) return std::nullopt;
  return place_bottomup(request, begin);
}

template <class V, class Traits>
std::string VmaSet<V, Traits>::check_area(const V* area, const V* before, u64 key, GapPages gap) {
  if (area == nullptr) return "a leaf entry without an area";
  if (!(area->vm_start < area->vm_end)) return "an empty area";
  if (key != last_page(area)) return "a key is not its area's last page";
  if (Traits::gap_start(*area) > area->vm_start) return "gap_start is above vm_start";
  if (gap != gap_before(before, area)) return "a gap is wrong";
  if (prev(area) != before) return "vm_prev disagrees with the index";
  if (before == nullptr) return {};
  if (before->vm_end > area->vm_start) return "two areas overlap or are out of order";
  if (next(before) != area) return "vm_next disagrees with the index";
  return {};
}

template <class V, class Traits>
template <class Node>
std::string VmaSet<V, Traits>::check_form(const Node& node, unsigned least) {
  const unsigned n = node.count();
  if (n > Node::kWidth) return "a node is overfull";
  if (n < least) return "a node has too few entries";
  for (unsigned i = n - 1; i < Node::kWidth - 1; ++i) {
    if (node.key[i] != kFarPage) return "an unused key is not far";
  }
  for (unsigned i = n; i < Node::kWidth; ++i) {
    if (node.gap[i] != 0) return "an unused gap is not zero";
    if (node.slot[i] != nullptr) return "an unused slot is not null";
  }
  return {};
}

template <class V, class Traits>
std::string VmaSet<V, Traits>::check_leaf(const Leaf& leaf, u64 last, Seen& seen) {
  std::string wrong = check_form(leaf, 1);
  if (!wrong.empty()) return wrong;
  if (seen.last_leaf != nullptr && seen.last_leaf->next() != &leaf)
    return "the chain of leaves is broken";
  seen.last_leaf = &leaf;
  const unsigned n = leaf.count();
  for (unsigned i = 0; i < n; ++i) {
    wrong = check_area(leaf.slot[i], seen.prev, i + 1 < n ? leaf.key[i] : last, leaf.gap[i]);
    if (!wrong.empty()) return wrong;
    seen.prev = leaf.slot[i];
    ++seen.areas;
  }
  return {};
}

template <class V, class Traits>
std::string VmaSet<V, Traits>::check_inner(const Inner& node, unsigned level, u64 last,
                                           Seen& seen) {
  std::string wrong = check_form(node, 2);
  if (!wrong.empty()) return wrong;
  const unsigned n = node.count();
  for (unsigned i = 0; i < n; ++i) {
    const void* const child = node.slot[i];
    const u64 last_below = i + 1 < n ? node.key[i] : last;
    GapPages most = 0;
    if (level == 1) {
      const Leaf& leaf = *static_cast<const Leaf*>(child);
      wrong = check_leaf(leaf, last_below, seen);
      most = leaf.max_gap();
    } else {
      const Inner& inner = *static_cast<const Inner*>(child);
      wrong = check_inner(inner, level - 1, last_below, seen);
      most = inner.max_gap();
    }
    if (!wrong.empty()) return wrong;
    if (node.gap[i] != most) return "a largest gap is wrong";
  }
  return {};
}

template <class V, class Traits>
std::string VmaSet<V, Traits>::check() const {
  if (index_.limit() == 0) {
    if (index_.root() != nullptr || size_ != 0 || first_ != nullptr || last_ != nullptr)
      return "an empty index, but areas";
    return {};
  }
  Seen seen;
  const u64 last = index_.limit() - 1;
  std::string wrong =
      index_.height() == 0
          ? check_leaf(*static_cast<const Leaf*>(index_.root()), last, seen)
          : check_inner(*static_cast<const Inner*>(index_.root()), index_.height(), last, seen);
  if (!wrong.empty()) return wrong;
  if (seen.last_leaf->next() != nullptr) return "the chain of leaves does not end";
  if (seen.areas != size_) return "the size is wrong";
  if (first_ == nullptr || prev(first_) != nullptr) return "first() is wrong";
  if (last_ != seen.prev || next(last_) != nullptr) return "last() is wrong";
  if (find(0) != first_) return "find(0) is not the first area";
  return {};
}

}  // namespace vmsim::mm
