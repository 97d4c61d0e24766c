// SPDX-License-Identifier: MIT
// Taking a range out of an address space. Counterpart: vms_gather_munmap_vmas() and vms_complete_munmap_vmas().
// Callers hold mmap_lock for writing.
#pragma once

#include <vector>

#include "mm/mm.hpp"

namespace vmsim::mm {

class MmapWriteLock;

enum class UnmapReason : u8 {
  kUnmap,    ///< munmap, brk: areas leave the set before close runs
  kReplace,  ///< MAP_FIXED: close runs while the areas can still be found, for writing locked
};

/// Phases: gather (splits at both ends) → detach → pages → close → tables and references.
class UnmapState {
 public:
  UnmapState(Mm& mm, u64 start, u64 end, UnmapReason reason) : mm_(mm), start_(start), end_(end), reason_(reason) {}

  /// Everything. On failure of a split: areas are as before, but for splits already made.
  Result<void> run(MmapWriteLock* downgradable = nullptr);

 private:
  Result<void> gather();
  void detach();
  void clear_pages();
  Result<void> close_areas();
  Result<void> close_and_release();
  void release(Vma& vma);

  Mm& mm_;
  u64 start_;
  u64 end_;
  UnmapReason reason_;
  u64 floor_ = 0;
  u64 ceiling_ = 0;
  std::vector<Vma*> areas_;
  bool split_ = false;
};

}  // namespace vmsim::mm
