// SPDX-License-Identifier: MIT
// brk(2). Counterpart: the brk system call and do_brk_flags() of mm/mmap.c. Part of Mm. Leaves out RLIMIT_DATA.
#include "mm/lock.hpp"
#include "mm/merge.hpp"
#include "mm/mm.hpp"
#include "mm/prot.hpp"
#include "mm/unmap.hpp"

namespace vmsim::mm {

Result<u64> Mm::brk(u64 addr) {
  MmapWriteLock lock(*this);
  if (!lock.held()) return lock_failed();
  const u64 was = mm_struct::brk;
  if (addr < start_brk || addr > task_size) return was;
  const u64 old_end = (was + kPageSize - 1) & kPageMask;
  const u64 new_end = (addr + kPageSize - 1) & kPageMask;
  if (new_end < old_end) {
    if (!UnmapState(*this, new_end, old_end, UnmapReason::kUnmap).run()) return was;
  } else if (new_end > old_end) {
    const Vma* const next = vmas_.find(old_end);
    if (next && new_end + kPageSize > VmaTraits::gap_start(*next)) return was;
    if (!do_brk(old_end, new_end)) return was;
  }
  mm_struct::brk = addr;
  env_.probe.emit(EventKind::kBrk, was, addr);
  validate_in_debug();
  return addr;
}

Result<u64> Mm::do_brk(u64 old_end, u64 new_end) {
  const u64 pages = (new_end - old_end) >> kPageShift;
  if (map_count >= static_cast<i64>(env_.config.max_map_count)) return fail(err::kNoMem, "max_map_count");
  if (total_vm + pages > env_.config.address_space_limit_bytes >> kPageShift) return fail(err::kNoMem, "RLIMIT_AS");
  const u64 flags = vm::kRead | vm::kWrite | vm::kMayRead | vm::kMayWrite | vm::kMayExec | vm::kAccount | def_flags;
  MergeRequest merge;
  merge.start = old_end;
  merge.end = new_end;
  merge.flags = flags;
  merge.pgoff = old_end >> kPageShift;
  account(flags, static_cast<i64>(pages));
  if (Merge(*this, merge).take_new_range()) return new_end;
  auto fresh = std::make_unique<Vma>(*this, old_end, new_end);
  fresh->vm_ops = nullptr;
  fresh->vm_pgoff = merge.pgoff;
  fresh->__vm_flags = flags | (rules().era26 ? 0 : vm::kSoftDirty);
  fresh->vm_page_prot.pgprot = page_prot(flags, rules());
  vma_link(*fresh.release());
  return new_end;
}

}  // namespace vmsim::mm
