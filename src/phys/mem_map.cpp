// SPDX-License-Identifier: MIT
// Allocates mem_map and the frame states, and marks reserved frames. Counterpart: mm/mm_init.c.
#include "phys/mem_map.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/mman.h>

namespace vmsim::phys {
namespace {

/// Larger reserved ranges are marked when they are looked at: marking costs 64 bytes of host memory
/// per frame.
constexpr u64 kEagerReservedPages = 16384;

/// Zero-filled memory that costs nothing until it is touched; nullptr if the host has no such
/// addresses.
template <class T>
T* map_array(u64 count) {
  void* p = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : static_cast<T*>(p);
}

void append_joined(std::vector<PfnRange>& ranges, PfnRange range) {
  if (!ranges.empty() && ranges.back().end == range.start)
    ranges.back().end = range.end;
  else
    ranges.push_back(range);
}

/// The range that contains pfn, or end.
std::vector<PfnRange>::const_iterator find_range(const std::vector<PfnRange>& ranges, Pfn pfn) {
  auto it = std::upper_bound(ranges.begin(), ranges.end(), pfn,
                             [](Pfn p, const PfnRange& range) { return p < range.end; });
  return it != ranges.end() && it->contains(pfn) ? it : ranges.end();
}

}  // namespace

std::string_view page_kind_name(PageKind kind) {
  switch (kind) {
    case PageKind::kFree:
      return "free";
    case PageKind::kReserved:
      return "reserved";
    case PageKind::kKernel:
      return "kernel";
    case PageKind::kSlab:
      return "slab";
    case PageKind::kVmalloc:
      return "vmalloc";
    case PageKind::kPageTable:
      return "page table";
    case PageKind::kDriver:
      return "driver";
    case PageKind::kAnon:
      return "anon";
    case PageKind::kFile:
      return "file";
    case PageKind::kShmem:
      return "shmem";
  }
  return "unknown";
}

Result<std::unique_ptr<MemMap>> MemMap::create(std::span<const Region> regions) {
  std::vector<Region> sorted;
  for (const Region& region : regions)
    if (region.kind == RegionKind::kRam || region.kind == RegionKind::kReserved)
      sorted.push_back(region);
  if (sorted.empty()) return fail(EINVAL, "mem_map for no RAM at all");
  std::sort(sorted.begin(), sorted.end(),
            [](const Region& a, const Region& b) { return a.range.start < b.range.start; });

  std::unique_ptr<MemMap> map(new MemMap());
  map->end_ = Pfn(sorted.back().range.end);
  map->pages_ = map_array<Page>(map->end_.value);
  map->states_ = map_array<FrameState>(map->end_.value);
  if (map->pages_ == nullptr || map->states_ == nullptr)
    return fail(ENOMEM,
                "the host has no addresses for mem_map: " + std::string(std::strerror(errno)));

  std::vector<PfnRange> reserved;
  for (const Region& region : sorted) {
    const PfnRange range{Pfn(region.range.start), Pfn(region.range.end)};
    append_joined(map->valid_, range);
    append_joined(region.kind == RegionKind::kRam ? map->usable_ : reserved, range);
  }
  for (const PfnRange range : reserved) {
    if (range.size() > kEagerReservedPages) {
      map->lazy_reserved_.push_back(range);
      continue;
    }
    for (Pfn pfn = range.start; pfn < range.end; pfn = pfn + 1) map->mark_reserved(pfn, range);
  }
  map->has_lazy_reserved_ = !map->lazy_reserved_.empty();
  return map;
}

MemMap::~MemMap() {
  if (pages_ != nullptr) munmap(pages_, end_.value * sizeof(Page));
  if (states_ != nullptr) munmap(states_, end_.value * sizeof(FrameState));
}

bool MemMap::pfn_valid(Pfn pfn) const {
  return find_range(valid_, pfn) != valid_.end();
}

void MemMap::mark_if_reserved(Pfn pfn) const {
  const auto range = find_range(lazy_reserved_, pfn);
  if (range != lazy_reserved_.end()) mark_reserved(pfn, *range);
}

void MemMap::mark_reserved(Pfn pfn, PfnRange range) const {
  VMSIM_DEBUG_ASSERT(range.contains(pfn), "only reserved frames are marked");
  FrameState& state = states_[pfn.value];
  if (state.kind() == PageKind::kReserved) return;
  state.set_kind(PageKind::kReserved);
  state.set_unknown();
  pages_[pfn.value].flags = 1ul << PG_reserved;
  pages_[pfn.value]._refcount.counter = 1;
}

}  // namespace vmsim::phys
