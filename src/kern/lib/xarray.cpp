// SPDX-License-Identifier: MIT
// What each call of an xarray does to its Index; see xarray.hpp.
#include "kern/lib/xarray.hpp"

#include <cerrno>

#include <fmt/format.h>

namespace vmsim::kern {

namespace {

bool is_internal(const void* entry) {
  return (reinterpret_cast<unsigned long>(entry) & 3) == 2;
}

/// What a caller sees of a place.
void* shown(const Index::Entry* entry) {
  return entry == nullptr || entry->value == kXaZeroEntry ? nullptr : entry->value;
}

bool takes(const Index::Entry& entry, unsigned filter) {
  return shown(&entry) != nullptr && (filter >= Index::kMarks || entry.marked(filter));
}

}  // namespace

bool XArrays::may_hold(const void* entry, const char* call) {
  if (!is_internal(entry) || entry == kXaZeroEntry) return true;
  indexes_.probe().finding(
      "xarray-bad-entry",
      fmt::format("{} of {}: a pointer must be aligned to 4 bytes, a number must be made by "
                  "xa_mk_value(). Linux takes it for a node of its own; it refuses with -EINVAL "
                  "where it can tell",
                  call, entry));
  return false;
}

Index::Entry* XArrays::entry(::xarray& xa, Number at, const char* call) {
  Index* const index = indexes_.find(xa.xa_head, call);
  return index == nullptr ? nullptr : index->find(at);
}

void* XArrays::load(::xarray& xa, Number at) {
  return shown(entry(xa, at, "xa_load"));
}

/// Puts `value`, or takes the entry away for NULL. Returns what was there, raw.
void* XArrays::put(::xarray& xa, Number at, void* value, const char* call) {
  if (value == nullptr) {
    Index* const index = indexes_.find(xa.xa_head, call);
    const Index::Entry* const there = index == nullptr ? nullptr : index->find(at);
    if (there == nullptr) return nullptr;
    void* const old = there->value;
    index->erase(at);
    indexes_.drop_if_empty(xa.xa_head);
    return old;
  }
  Index* const index = indexes_.find_or_make(xa.xa_head, call);
  if (index == nullptr) return xa_error(-ENOMEM);
  Index::Entry& there = index->at(at);
  void* const old = there.value;
  there.value = value;
  return old;
}

void* XArrays::store(::xarray& xa, Number at, void* value) {
  if (!may_hold(value, "xa_store")) return xa_error(-EINVAL);
  if (value == nullptr && (xa.xa_flags & kXaTrackFree) != 0) value = kXaZeroEntry;
  void* const old = put(xa, at, value, "xa_store");
  return old == kXaZeroEntry ? nullptr : old;
}

void* XArrays::erase(::xarray& xa, Number at) {
  void* const old = put(xa, at, nullptr, "xa_erase");
  return old == kXaZeroEntry ? nullptr : old;
}

void* XArrays::cmpxchg(::xarray& xa, Number at, void* old, void* value) {
  if (!may_hold(value, "xa_cmpxchg")) return xa_error(-EINVAL);
  const Index::Entry* const there = entry(xa, at, "xa_cmpxchg");
  void* const current = there == nullptr ? nullptr : there->value;
  if (current == old) {
    void* const result = put(xa, at, value, "xa_cmpxchg");
    if (result == xa_error(-ENOMEM)) return result;
  }
  return current == kXaZeroEntry ? nullptr : current;
}

int XArrays::insert(::xarray& xa, Number at, void* value) {
  if (!may_hold(value, "xa_insert")) return -EINVAL;
  if (entry(xa, at, "xa_insert") != nullptr) return -EBUSY;
  void* const result = put(xa, at, value == nullptr ? kXaZeroEntry : value, "xa_insert");
  return result == nullptr ? 0 : -ENOMEM;
}

int XArrays::alloc(::xarray& xa, u32* id, void* value, ::xa_limit limit) {
  if (!may_hold(value, "xa_alloc")) return -EINVAL;
  if ((xa.xa_flags & kXaTrackFree) == 0) {
    indexes_.probe().finding("xarray-not-allocating",
                             "xa_alloc of an array without XA_FLAGS_ALLOC, which Linux refuses "
                             "with a warning: DEFINE_XARRAY_ALLOC or xa_init_flags() make one");
    return -EINVAL;
  }
  Number from = limit.min;
  if (from == 0 && (xa.xa_flags & kXaZeroBusy) != 0) from = 1;
  if (from > limit.max) return -EBUSY;
  Index* const index = indexes_.find_or_make(xa.xa_head, "xa_alloc");
  if (index == nullptr) return -ENOMEM;
  const auto free = index->first_free(from, limit.max);
  if (!free) return -EBUSY;
  index->at(*free).value = value == nullptr ? kXaZeroEntry : value;
  *id = static_cast<u32>(*free);
  return 0;
}

int XArrays::alloc_cyclic(::xarray& xa, u32* id, void* value, ::xa_limit limit, u32* next) {
  const u32 min = limit.min;
  if (limit.min < *next) limit.min = *next;
  int result = alloc(xa, id, value, limit);
  if ((xa.xa_flags & kXaAllocWrapped) != 0 && result == 0) {
    result = 1;
    xa.xa_flags &= ~kXaAllocWrapped;
  }
  if (result == -EBUSY && limit.min > min) {
    limit.min = min;
    result = alloc(xa, id, value, limit);
    if (result == 0) result = 1;
  }
  if (result >= 0) {
    *next = *id + 1;
    if (*next == 0) xa.xa_flags |= kXaAllocWrapped;
  }
  return result;
}

void* XArrays::find(::xarray& xa, Number* at, Number max, unsigned filter) {
  Index* const index = indexes_.find(xa.xa_head, "xa_find");
  if (index == nullptr) return nullptr;
  const auto it =
      index->first(*at, max, [=](const Index::Entry& entry) { return takes(entry, filter); });
  if (it == index->end()) return nullptr;
  *at = it->first;
  return it->second.value;
}

void* XArrays::find_after(::xarray& xa, Number* at, Number max, unsigned filter) {
  Number from = *at + 1;
  if (from == 0) return nullptr;
  void* const found = find(xa, &from, max, filter);
  if (found != nullptr) *at = from;
  return found;
}

unsigned XArrays::extract(::xarray& xa, void** to, Number first, Number max, unsigned count,
                          unsigned filter) {
  unsigned got = 0;
  for (void* found = nullptr; got < count; ++got) {
    found = got == 0 ? find(xa, &first, max, filter) : find_after(xa, &first, max, filter);
    if (found == nullptr) break;
    to[got] = found;
  }
  return got;
}

bool XArrays::mark(::xarray& xa, Number at, unsigned mark) {
  const Index::Entry* const there = entry(xa, at, "xa_get_mark");
  return there != nullptr && mark < Index::kMarks && there->marked(mark);
}

void XArrays::set_mark(::xarray& xa, Number at, unsigned mark) {
  Index::Entry* const there = entry(xa, at, "xa_set_mark");
  if (there != nullptr && mark < Index::kMarks) there->marks |= static_cast<u8>(1u << mark);
}

void XArrays::clear_mark(::xarray& xa, Number at, unsigned mark) {
  Index::Entry* const there = entry(xa, at, "xa_clear_mark");
  if (there != nullptr && mark < Index::kMarks) there->marks &= static_cast<u8>(~(1u << mark));
}

bool XArrays::marked(::xarray& xa, unsigned mark) {
  Index* const index = indexes_.find(xa.xa_head, "xa_marked");
  if (index == nullptr || mark >= Index::kMarks) return false;
  return index->first(0, ~Number{0}, [=](const Index::Entry& entry) {
    return entry.marked(mark);
  }) != index->end();
}

void XArrays::destroy(::xarray& xa) {
  indexes_.drop(xa.xa_head, "xa_destroy");
}

int XArrays::radix_insert(::xarray& root, Number at, void* item) {
  if (entry(root, at, "radix_tree_insert") != nullptr) return -EEXIST;
  if (!may_hold(item, "radix_tree_insert")) return -EINVAL;
  return put(root, at, item, "radix_tree_insert") == nullptr ? 0 : -ENOMEM;
}

void* XArrays::radix_delete(::xarray& root, Number at, const void* wanted) {
  const Index::Entry* const there = entry(root, at, "radix_tree_delete");
  if (there == nullptr || (wanted != nullptr && there->value != wanted)) return nullptr;
  return put(root, at, nullptr, "radix_tree_delete");
}

void** XArrays::radix_slot(::xarray& root, Number at) {
  Index::Entry* const there = entry(root, at, "radix_tree_lookup_slot");
  return there == nullptr ? nullptr : &there->value;
}

}  // namespace vmsim::kern
