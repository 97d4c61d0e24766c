// SPDX-License-Identifier: MIT
// One area of an address space. Counterpart: struct vm_area_struct, which it is, and the tools of
// mm/vma.c on one area. Leaves out userfaultfd, NUMA policies and anonymous names. Callers hold
// mmap_lock.
#pragma once

//   vm_start                     vm_end         an area is [vm_start, vm_end) of one mm; its page n
//      |  page  |  page  |  page  |             shows page vm_pgoff + n of vm_file, or anonymous
//                                               memory where vm_ops is NULL

#include "vmsim/kapi/vmsim/mm_types.h"

#include "mm/vm_flags.hpp"
#include "vfs/file.hpp"

/// Who may share an anonymous page with whom, reduced to what merging asks: an identity with a
/// count of its areas.
struct anon_vma {
  unsigned areas = 0;
};

namespace vmsim::mm {

class Mm;

class Vma final : public ::vm_area_struct, public vfs::MappingLink {
 public:
  Vma(Mm& owner, u64 start, u64 end);
  ~Vma();
  Vma(const Vma&) = delete;
  Vma& operator=(const Vma&) = delete;

  static Vma* of(::vm_area_struct* area) { return static_cast<Vma*>(area); }

  static const Vma* of(const ::vm_area_struct* area) { return static_cast<const Vma*>(area); }

  Mm& mm() const;

  VirtRange range() const { return {VirtAddr(vm_start), VirtAddr(vm_end)}; }

  u64 pages() const { return (vm_end - vm_start) >> kPageShift; }

  bool contains(u64 addr) const { return vm_start <= addr && addr < vm_end; }

  vfs::File* file() const { return static_cast<vfs::File*>(vm_file); }

  u64 flags() const { return vm_flags; }

  bool has(u64 flag) const { return (vm_flags & flag) != 0; }

  bool is_cow() const { return vm::is_cow(vm_flags); }

  /// Private anonymous memory: no vm_ops at all.
  bool is_anonymous() const { return vm_ops == nullptr; }

  /// The file page behind an address.
  u64 pgoff_at(u64 addr) const { return vm_pgoff + ((addr - vm_start) >> kPageShift); }

  /// Copies everything but bounds and links from `other`, holding its file and anon_vma. The
  /// driver's open is not called.
  void copy_from(const Vma& other);
  /// Lets go of the file (may run the driver's release) and of the anon_vma.
  void release_references();
  /// Joins the file's list of areas, if there is a file.
  void link_to_mapping();
  void unlink_from_mapping();

  void take_anon_vma(::anon_vma* shared, u8 chain);
  /// After copy_from() in a fork: the chain names the parent's pages and this area's own.
  void take_fork_of(const Vma& parent);

  u8 anon_chain() const { return anon_chain_; }

 private:
  u8 anon_chain_ = 0;  // length of the kernel's anon_vma_chain: above 1 after a fork
};

/// vm_ops of an area whose handler did not set any: not NULL, and every call in it is.
extern const ::vm_operations_struct kDummyVmOps;
/// vm_ops of shared anonymous memory and of program images.
extern const ::vm_operations_struct kObjectVmOps;

}  // namespace vmsim::mm
