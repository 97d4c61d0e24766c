// SPDX-License-Identifier: MIT
// Which cache type a physical page outside of RAM is mapped with. Counterpart:
// arch/x86/mm/pat/memtype.c. Memory that the kernel owns is always write-back; the rest takes the
// type of its first mapping, or what the MTRRs say: uncached for device addresses, write-back for
// reserved memory. Callers hold the simulated CPU.
#pragma once

#include <map>

#include "vmsim/addr.hpp"

#include "phys/bus.hpp"
#include "phys/mem_map.hpp"

namespace vmsim::mm {

/// The cache bits of a page-table entry: PWT and PCD.
inline constexpr u64 kCacheMask = 0x18;
inline constexpr u64 kCacheWriteBack = 0x00, kCacheWriteCombine = 0x08, kCacheUncachedMinus = 0x10;

class MemTypes {
 public:
  MemTypes(const phys::Bus& bus, const phys::MemMap& mem_map) : bus_(bus), mem_map_(mem_map) {}

  /// For a mapping of a whole area: returns the cache bits that it really gets, and remembers them
  /// for the range.
  u64 reserve(Pfn first, u64 pages, u64 wanted);
  /// Forgets one reservation of the range.
  void release(Pfn first, u64 pages);
  /// For single pages and parts of areas: what the page has, uncached for an unknown page outside
  /// of RAM.
  u64 lookup(Pfn pfn) const;
  bool is_ram(Pfn pfn) const;

 private:
  struct Entry {
    u64 cache_bits;
    u32 users;
    u64 pages;
  };

  const Entry* lookup_entry(Pfn pfn) const;

  const phys::Bus& bus_;
  const phys::MemMap& mem_map_;
  std::map<u64, Entry> entries_;  // by first pfn
};

}  // namespace vmsim::mm
