// SPDX-License-Identifier: MIT
// Values by number; see index.hpp.
#include "kern/lib/index.hpp"

#include <fmt/format.h>

// Differs: the nodes of idr, ida, xarray and radix tree are the machine's and cost no simulated
// memory. They go with the struct that they belong to, so a driver that forgets the destroy call
// leaks nothing; Linux loses the nodes.

namespace vmsim::kern {

void Index::erase(Number at) {
  entries_.erase(at);
  if (at >= full_from_ && at < full_to_) full_to_ = at;
}

std::optional<Index::Number> Index::first_free(Number from, Number to) {
  Number candidate = from;
  if (from >= full_from_ && from < full_to_)
    candidate = full_to_;
  else
    full_from_ = from;
  for (auto it = entries_.lower_bound(candidate); it != entries_.end() && it->first == candidate;
       ++it) {
    if (candidate == to || candidate == ~Number{0}) {
      full_to_ = candidate;
      return std::nullopt;
    }
    ++candidate;
  }
  full_to_ = candidate;
  if (candidate > to) return std::nullopt;
  return candidate;
}

Index* Indexes::find(void*& head, const char* call) {
  if (head == nullptr) return nullptr;
  const auto it = live_.find(head);
  if (it != live_.end()) return it->second.index.get();
  probe_.finding("container-not-initialised",
                 fmt::format("{} of a struct whose head is {}: freed, overwritten or never "
                             "initialised. It is taken for empty; Linux follows the pointer",
                             call, head));
  head = nullptr;
  return nullptr;
}

Index* Indexes::find_or_make(void*& head, const char* call) {
  if (Index* const index = find(head, call)) return index;
  if (probe_.should_fail("index")) return nullptr;
  // Something lay here before that was never destroyed.
  const u64 slot = reinterpret_cast<u64>(&head);
  if (const auto old = by_slot_.find(slot); old != by_slot_.end()) forget(old->second);
  auto index = std::make_unique<Index>();
  Index* const made = index.get();
  head = made;
  by_slot_[slot] = made;
  live_.emplace(made, Live{std::move(index), &head});
  return made;
}

void Indexes::forget(const void* head) {
  const auto it = live_.find(head);
  if (it == live_.end()) return;
  by_slot_.erase(reinterpret_cast<u64>(it->second.slot));
  live_.erase(it);
}

void Indexes::drop_if_empty(void*& head) {
  const auto it = live_.find(head);
  if (it == live_.end() || !it->second.index->empty()) return;
  forget(head);
  head = nullptr;
}

void Indexes::drop(void*& head, const char* call) {
  if (find(head, call) == nullptr) return;
  forget(head);
  head = nullptr;
}

void Indexes::memory_freed(const void* start, u64 bytes) {
  const u64 from = reinterpret_cast<u64>(start);
  for (auto it = by_slot_.lower_bound(from); it != by_slot_.end() && it->first - from < bytes;) {
    live_.erase(it->second);
    it = by_slot_.erase(it);
  }
}

void Indexes::on_gone(Module& module) {
  memory_freed(reinterpret_cast<const void*>(module.image().base()), module.image().size_bytes());
}

}  // namespace vmsim::kern
