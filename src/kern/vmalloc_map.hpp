// SPDX-License-Identifier: MIT
// vmalloc memory in user areas. Counterpart: remap_vmalloc_range() of mm/vmalloc.c. Pages are
// inserted one by one and counted. Called by abi, inside f_op->mmap or with mmap_lock held.
#pragma once

#include "kern/vmalloc.hpp"
#include "mm/pfnmap.hpp"

namespace vmsim::kern {

/// `size_bytes` bytes of a vmalloc area, from page `pgoff` after `address` on.
struct VmallocPart {
  const void* address = nullptr;
  u64 pgoff = 0;
  u64 size_bytes = 0;
};

/// Maps the part at `uaddr`. EINVAL: unaligned addresses, no vmalloc area or one that
/// vmalloc_user() did not make, or a part that is longer than the area. On failure: pages before
/// the refused one stay mapped, as in Linux; the mmap that fails takes them away.
Result<void> remap_vmalloc_range_partial(mm::Vma& vma, u64 uaddr, Vmalloc& vmalloc,
                                         const VmallocPart& part);
/// The whole area `vma`.
Result<void> remap_vmalloc_range(mm::Vma& vma, Vmalloc& vmalloc, const void* address, u64 pgoff);

}  // namespace vmsim::kern
