// SPDX-License-Identifier: MIT
// Merging areas. Counterpart: vma_merge_new_range() and vma_merge_existing_range() of mm/vma.c.
// Callers hold mmap_lock for writing; nothing here calls a driver, and a merge never fails half-way.
//
//        prev            range           next
//   |===========|    [start, end)    |===========|       a new range, or a piece of an area that is about to change
//               ^ prev.vm_end == start           ^ next.vm_start == end
#pragma once

#include "mm/mm.hpp"

namespace vmsim::mm {

/// What a range will be; merging compares it with its neighbours.
struct MergeRequest {
  u64 start = 0;
  u64 end = 0;
  u64 flags = 0;
  u64 pgoff = 0;  ///< of `start`
  vfs::File* file = nullptr;
  ::anon_vma* anon_vma = nullptr;  ///< of the area that changes; nullptr for a new range
  const ::vm_operations_struct* ops = nullptr;
  bool ops_matter = false;  ///< the range has an area of its own already, with ops to compare
  void* private_data = nullptr;
};

class Merge {
 public:
  Merge(Mm& mm, const MergeRequest& request);

  /// For a range without an area: extends a neighbour over it. nullptr if none fits.
  Vma* take_new_range();
  /// For [start, end) within `vma`, whose new flags are in the request: gives the piece to a neighbour. nullptr if none
  /// fits. `vma` may be gone afterwards.
  Vma* take_piece_of(Vma& vma);
  /// For an area that is linked already (2.6 merges after f_op->mmap).
  static bool has_special(const Rules& rules, u64 flags) {
    return (flags & (rules.era26 ? vm::kSpecial26 : vm::kSpecial)) != 0;
  }

 private:
  bool mergeable(const Vma& neighbour) const;
  bool fits_after(const Vma* prev) const;
  bool fits_before(const Vma* next) const;
  bool anon_compatible(const ::anon_vma* mine, const Vma& neighbour) const;
  bool removable(const Vma& vma) const;
  Vma* extend_over_new_range(bool left, bool right);
  void remove(Vma& vma);

  Mm& mm_;
  MergeRequest request_;
  Vma* prev_;
  Vma* next_;
};

}  // namespace vmsim::mm
