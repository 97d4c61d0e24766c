// SPDX-License-Identifier: MIT
// What each call of an idr or ida does to its Index; see idr.hpp.
#include "kern/lib/idr.hpp"

#include <cerrno>
#include <climits>

#include <fmt/format.h>

namespace vmsim::kern {

namespace {

constexpr unsigned long kIntMax = INT_MAX;

void* error_pointer(int negative_errno) {
  return reinterpret_cast<void*>(static_cast<long>(negative_errno));
}

}  // namespace

/// The id, which fits into a u32 because `max` does; or -errno.
int Idrs::allocate(void*& head, void* value, unsigned long min, unsigned long max,
                   const char* call) {
  if (min > max) return -ENOSPC;
  Index* const index = indexes_.find_or_make(head, call);
  if (index == nullptr) return -ENOMEM;
  const auto free = index->first_free(min, max);
  if (!free) {
    indexes_.drop_if_empty(head);
    return -ENOSPC;
  }
  index->at(*free).value = value;
  return static_cast<int>(*free);
}

int Idrs::alloc(::idr& idr, void* value, int start, int end) {
  if (start < 0) {
    indexes_.probe().finding("idr-negative-id",
                             fmt::format("idr_alloc from {}: ids are not negative. Linux warns and "
                                         "returns -EINVAL",
                                         start));
    return -EINVAL;
  }
  const unsigned long max = end > 0 ? static_cast<unsigned long>(end) - 1 : kIntMax;
  const unsigned long min =
      static_cast<unsigned>(start) < idr.idr_base ? idr.idr_base : static_cast<unsigned>(start);
  return allocate(idr.idr_rt.xa_head, value, min, max, "idr_alloc");
}

int Idrs::alloc_cyclic(::idr& idr, void* value, int start, int end) {
  const int next = static_cast<int>(idr.idr_next);
  int id = alloc(idr, value, start < next ? next : start, end);
  if (id == -ENOSPC) id = alloc(idr, value, start, end);
  if (id >= 0) idr.idr_next = static_cast<unsigned>(id) + 1;
  return id;
}

int Idrs::alloc_u32(::idr& idr, void* value, u32* next, unsigned long max) {
  const unsigned long last = max < u64{~u32{0}} ? max : u64{~u32{0}};
  Index* const index = indexes_.find_or_make(idr.idr_rt.xa_head, "idr_alloc_u32");
  if (index == nullptr) return -ENOMEM;
  const u32 min = *next < idr.idr_base ? idr.idr_base : *next;
  const auto free = min > last ? std::nullopt : index->first_free(min, last);
  if (!free) {
    indexes_.drop_if_empty(idr.idr_rt.xa_head);
    return -ENOSPC;
  }
  index->at(*free).value = value;
  *next = static_cast<u32>(*free);
  return 0;
}

int Idrs::new_above(::idr& idr, void* value, int start, int* id) {
  const int got = alloc(idr, value, start, 0);
  if (got == -ENOMEM) return -EAGAIN;
  if (got < 0) return got;
  *id = got;
  return 0;
}

void* Idrs::find(::idr& idr, unsigned long id) {
  Index* const index = indexes_.find(idr.idr_rt.xa_head, "idr_find");
  const Index::Entry* const entry = index == nullptr ? nullptr : index->find(id);
  return entry == nullptr ? nullptr : entry->value;
}

void* Idrs::remove(::idr& idr, unsigned long id) {
  Index* const index = indexes_.find(idr.idr_rt.xa_head, "idr_remove");
  const Index::Entry* const entry = index == nullptr ? nullptr : index->find(id);
  if (entry == nullptr) {
    if (version_ < KernelVersion{4, 11, 0}) {
      indexes_.probe().finding(
          "idr-remove-not-allocated",
          fmt::format("idr_remove of {}, which is not allocated: Linux {} warns", id,
                      version_.to_string()));
    }
    return nullptr;
  }
  void* const value = entry->value;
  index->erase(id);
  indexes_.drop_if_empty(idr.idr_rt.xa_head);
  return value;
}

void* Idrs::replace(::idr& idr, void* value, unsigned long id) {
  Index* const index = indexes_.find(idr.idr_rt.xa_head, "idr_replace");
  Index::Entry* const entry = index == nullptr ? nullptr : index->find(id);
  if (entry == nullptr) return error_pointer(-ENOENT);
  void* const old = entry->value;
  entry->value = value;
  return old;
}

void* Idrs::next(::idr& idr, unsigned long* id) {
  Index* const index = indexes_.find(idr.idr_rt.xa_head, "idr_get_next");
  if (index == nullptr) return nullptr;
  const auto it =
      index->first(*id, ~0ul, [](const Index::Entry& entry) { return entry.value != nullptr; });
  if (it == index->end()) return nullptr;
  *id = it->first;
  return it->second.value;
}

void Idrs::destroy(::idr& idr) {
  indexes_.drop(idr.idr_rt.xa_head, "idr_destroy");
}

int Idrs::ida_alloc(::ida& ida, u32 min, u32 max) {
  const unsigned long last = max > kIntMax ? kIntMax : max;
  return allocate(ida.xa.xa_head, nullptr, min, last, "ida_alloc");
}

void Idrs::ida_free(::ida& ida, u32 id, const char* call) {
  Index* const index = indexes_.find(ida.xa.xa_head, call);
  if (index == nullptr || index->find(id) == nullptr) {
    indexes_.probe().finding(
        "ida-free-not-allocated",
        fmt::format("{} of {}, which is not allocated: Linux warns", call, id));
    return;
  }
  index->erase(id);
  indexes_.drop_if_empty(ida.xa.xa_head);
}

int Idrs::ida_first(::ida& ida, u32 min, u32 max) {
  Index* const index = indexes_.find(ida.xa.xa_head, "ida_find_first");
  if (index == nullptr) return -ENOENT;
  const auto it = index->first(min, max, [](const Index::Entry&) { return true; });
  return it == index->end() ? -ENOENT : static_cast<int>(it->first);
}

void Idrs::ida_destroy(::ida& ida) {
  indexes_.drop(ida.xa.xa_head, "ida_destroy");
}

}  // namespace vmsim::kern
