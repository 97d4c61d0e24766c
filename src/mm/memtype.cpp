// SPDX-License-Identifier: MIT
// Cache types of physical pages; see memtype.hpp.
#include "mm/memtype.hpp"

#include <algorithm>
#include <iterator>

namespace vmsim::mm {

bool MemTypes::is_ram(Pfn pfn) const {
  return mem_map_.pfn_valid(pfn);
}

u64 MemTypes::lookup(Pfn pfn) const {
  if (is_ram(pfn)) return kCacheWriteBack;
  const Entry* entry = lookup_entry(pfn);
  return entry ? entry->cache_bits : kCacheUncachedMinus;
}

u64 MemTypes::reserve(Pfn first, u64 pages, u64 wanted) {
  if (pages == 0 || is_ram(first)) return kCacheWriteBack;
  if (auto it = entries_.find(first.value); it != entries_.end()) {
    ++it->second.users;
    it->second.pages = std::max(it->second.pages, pages);
    return it->second.cache_bits;
  }
  const Entry* overlapping = lookup_entry(first);
  u64 granted = overlapping ? overlapping->cache_bits : wanted;
  // Only memory is write-back for the MTRRs.
  if (!overlapping && wanted == kCacheWriteBack && !bus_.decode(first.addr()).is_memory())
    granted = kCacheUncachedMinus;
  entries_.emplace(first.value, Entry{granted, 1, pages});
  return granted;
}

void MemTypes::release(Pfn first, u64) {
  const auto it = entries_.find(first.value);
  if (it != entries_.end() && --it->second.users == 0) entries_.erase(it);
}

const MemTypes::Entry* MemTypes::lookup_entry(Pfn pfn) const {
  const auto it = entries_.upper_bound(pfn.value);
  if (it == entries_.begin()) return nullptr;
  const auto& [first, entry] = *std::prev(it);
  return pfn.value < first + entry.pages ? &entry : nullptr;
}

}  // namespace vmsim::mm
