// SPDX-License-Identifier: MIT
// What the mm does differently from version to version, one named rule each, chosen once per
// Machine. Counterpart: the history of mm/mmap.c and mm/memory.c. 6.1 and 6.12 were
// observed, 2.6.10 comes from its documentation.
#pragma once

#include "vmsim/config.hpp"

namespace vmsim::mm {

struct Rules {
  KernelVersion kernel;
  bool x86_32 = false;

  /// No special PTEs: reserved and invalid frames are recognised by pfn; VM_RESERVED; no
  /// writenotify; nopage.
  bool era26 = false;
  bool nopage_type = true;   ///< nopage may say what kind of fault it was (2.6.1 on)
  bool has_nopage = false;   ///< nopage is asked where there is no fault handler (until 2.6.25)
  bool fault_takes_area = false;  ///< fault and its kin get the area as well (until 4.10)
  bool mkwrite_takes_page = false;  ///< page_mkwrite gets the page and returns an errno (until 2.6.29)
  bool remap_has_area = true;  ///< remap_page_range is given the area, and marks it (2.5.3 on)
  /// munmap splits so that open() gets the part that stays (6.2 on); before, the part that goes.
  bool open_survivor_on_unmap = true;
  /// A neighbour with vm_ops->close may still be extended (6.10 on).
  bool merge_beside_close = true;
  /// When only one neighbour can take a new range, the lower one does (6.10 on); before, the upper
  /// one.
  bool merge_prefers_prev = true;
  /// The merge is tried after f_op->mmap ran and only for files (until 2.6.2x); later before it.
  bool file_merge_after_mmap = false;
  bool zero_page_insert_refused = true;  ///< vm_insert_page of the zero page: -EINVAL (6.10 on)
  bool close_read_locked = true;  ///< close() at munmap with a split runs read-locked (6.4 on)
  bool replaced_stays_in_tree =
      true;  ///< close() of an area that MAP_FIXED replaces can still find it (6.12 on)
  bool fault_vma_lock = true;     ///< faults with map_pages run without mmap_lock (6.4 on)
  bool align_anon_2m = true;      ///< anonymous multiples of 2 MiB are 2 MiB aligned (6.7 on)
  bool map_stack_no_huge = true;  ///< MAP_STACK sets VM_NOHUGEPAGE (6.7 on)
  bool topdown = true;            ///< mmap grows down from mmap_base; else up from TASK_SIZE/3
  bool memtypes = true;           ///< PAT tracking decides cache bits (2.6.26 on)
  bool maps_labels = true;        ///< [heap] and [stack] in maps (2.6.13 on)

  static Rules of(KernelVersion kernel, Profile profile) {
    Rules r;
    r.kernel = kernel;
    r.x86_32 = profile == Profile::kX86_32;
    const auto from = [&](unsigned major, unsigned minor, unsigned patch = 0) {
      return kernel >= KernelVersion{major, minor, patch};
    };
    r.era26 = !from(2, 6, 15);
    r.nopage_type = from(2, 6, 1);
    r.has_nopage = !from(2, 6, 26);
    r.fault_takes_area = !from(4, 11);
    r.mkwrite_takes_page = !from(2, 6, 30);
    r.remap_has_area = from(2, 5, 3);
    r.open_survivor_on_unmap = from(6, 2);
    r.merge_beside_close = from(6, 10);
    r.merge_prefers_prev = from(6, 10);
    r.file_merge_after_mmap = !from(2, 6, 29);
    r.zero_page_insert_refused = from(6, 10);
    r.close_read_locked = from(6, 4);
    r.replaced_stays_in_tree = from(6, 12);
    r.fault_vma_lock = from(6, 4);
    r.align_anon_2m = from(6, 7) && !r.x86_32;
    r.map_stack_no_huge = from(6, 7);
    r.topdown = from(2, 6, 24);
    r.memtypes = from(2, 6, 26);
    r.maps_labels = from(2, 6, 13);
    return r;
  }
};

}  // namespace vmsim::mm
