// SPDX-License-Identifier: MIT
// How drivers put pages into an area. Counterpart: remap_pfn_range() and relatives of mm/memory.c.
// Callers are tasks in the kernel, inside f_op->mmap, a fault handler, or with mmap_lock held. An Error of
// sched::kErrBug stands for the kernel's BUG; abi makes the driver oops.
#pragma once

#include <span>

#include "mm/mm.hpp"

namespace vmsim::mm {

/// What `call` of a driver said; a refusal is noted, so that a failing mmap(2) can name it.
template <class T>
Result<T> noted(Vma& vma, const char* call, Result<T> said) {
  if (!said) vma.mm().note_refusal(Error(said.error().errno_value, call + (": " + said.error().message)));
  return said;
}

/// Maps [addr, addr + size) to frames from `pfn` on. EINVAL: addr unaligned, or part of a private area.
Result<void> remap_pfn_range(Vma& vma, u64 addr, Pfn pfn, u64 size, u64 prot);
/// 2.4: the same of whatever area is at `addr`. ENOMEM if none is.
Result<void> remap_page_range(Mm& mm, u64 addr, PhysAddr phys, u64 size, u64 prot);
/// The whole area to [start, start + len) from vm_pgoff on. EINVAL where the area is larger than what is left.
Result<void> vm_iomap_memory(Vma& vma, PhysAddr start, u64 len);

/// EFAULT outside of the area, EINVAL for pages that nobody counts, EBUSY where something is mapped.
Result<void> vm_insert_page(Vma& vma, u64 addr, ::page* page);
/// Inserts until one fails; `left` is the number not inserted.
Result<void> vm_insert_pages(Vma& vma, u64 addr, std::span<::page* const> pages, u64& left);
/// The pages from vm_pgoff on (or from 0) over the whole area; ENXIO where they are too few.
enum class Offset : u8 { kVmPgoff, kZero };
Result<void> vm_map_pages(Vma& vma, std::span<::page* const> pages, Offset offset);

/// VM_FAULT_* as a handler returns them.
Result<u32> vmf_insert_pfn_prot(Vma& vma, u64 addr, Pfn pfn, u64 prot);
Result<u32> vmf_insert_mixed(Vma& vma, u64 addr, Pfn pfn, bool is_device_pfn);

/// Drops pages of a VM_PFNMAP area; anything else, or a range outside of it, is left alone as in Linux.
void zap_vma_ptes(Vma& vma, u64 addr, u64 size);
/// Drops the pages of every area that maps bytes [start, start + len) of the file; len 0: to its end.
void unmap_mapping_range(Env& env, ::address_space& mapping, u64 start, u64 len, Mm::Cows cows);

}  // namespace vmsim::mm
