// SPDX-License-Identifier: MIT
// mprotect(2). Counterpart: mm/mprotect.c. Part of Mm. Leaves out protection keys and PROT_GROWSUP.
#include "mm/driver_ops.hpp"
#include "mm/lock.hpp"
#include "mm/merge.hpp"
#include "mm/mm.hpp"
#include "mm/prot.hpp"

namespace vmsim::mm {

/// One mprotect(2) over [start, end): areas are changed in ascending order, and what was done stays done when a later
/// one refuses.
class ProtectState {
 public:
  ProtectState(Mm& mm, u64 start, u64 end, u64 rights) : mm_(mm), start_(start), end_(end), rights_(rights) {}
  Result<void> run(Vma* first);

 private:
  Result<Vma*> change_area(Vma& vma, u64 start, u64 end);
  Result<Vma*> isolate(Vma& vma, u64 start, u64 end, u64 new_flags);
  void change_pages(Vma& vma, u64 start, u64 end);

  Mm& mm_;
  u64 start_;
  u64 end_;
  u64 rights_;
};

Result<void> Mm::mprotect(u64 addr, u64 len, u32 prot) {
  const u32 grows = prot & (prot::kGrowsDown | prot::kGrowsUp);
  if (grows == (prot::kGrowsDown | prot::kGrowsUp)) return fail(err::kInval, "PROT_GROWSDOWN and PROT_GROWSUP");
  if (addr % kPageSize != 0) return fail(err::kInval, "the address is not page aligned");
  if (len == 0) return {};
  const u64 size = (len + kPageSize - 1) & kPageMask;
  if (addr + size <= addr) return fail(err::kNoMem, "the range wraps");
  const u32 known = prot::kRead | prot::kWrite | prot::kExec | 8 /*PROT_SEM*/;
  if ((prot & ~(known | grows)) != 0) return fail(err::kInval, "unknown protection bits");
  MmapWriteLock lock(*this);
  if (!lock.held()) return lock_failed();
  Vma* first = vmas_.find(addr);
  if (!first) return fail(err::kNoMem, "nothing is mapped there");
  u64 start = addr;
  if ((grows & prot::kGrowsDown) != 0) {
    if (first->vm_start >= addr + size) return fail(err::kNoMem, "nothing is mapped there");
    if (!first->has(vm::kGrowsDown)) return fail(err::kInval, "PROT_GROWSDOWN on an area that does not grow");
    start = first->vm_start;
  } else if (first->vm_start > addr) {
    return fail(err::kNoMem, "nothing is mapped there");
  }
  if ((grows & prot::kGrowsUp) != 0) return fail(err::kInval, "no area of this machine grows up");
  auto result = ProtectState(*this, start, addr + size, prot & 7).run(first);
  validate_in_debug();
  return result;
}

Result<void> ProtectState::run(Vma* first) {
  Vma* vma = first;
  u64 at = start_;
  while (at < end_) {
    if (!vma || vma->vm_start > at) return fail(err::kNoMem, "a part of the range is not mapped");
    const u64 piece_end = vma->vm_end < end_ ? vma->vm_end : end_;
    vma = VMSIM_TRY(change_area(*vma, at, piece_end));
    mm_.env().probe.emit(EventKind::kMprotect, at, piece_end, vma->flags());
    at = piece_end;
    vma = mm_.vmas().find(at);
  }
  return {};
}

Result<Vma*> ProtectState::change_area(Vma& vma, u64 start, u64 end) {
  const u64 new_flags = (vma.flags() & ~vm::kAccess) | rights_;
  // Each MAY bit stands four places above its right.
  if ((new_flags & ~(new_flags >> 4) & vm::kAccess) != 0) {
    return fail(err::kAcces, "the file or its driver does not allow this protection");
  }
  VMSIM_CHECK(driver_ops::mprotect(vma, start, end, new_flags));
  if (new_flags == vma.flags()) return &vma;
  u64 charged = new_flags;
  if ((new_flags & vm::kWrite) != 0 && (new_flags & (vm::kNoReserve | vm::kShared | vm::kAccount)) == 0) {
    charged |= vm::kAccount;
  }
  const u64 old_flags = vma.flags();
  Vma* const changed = VMSIM_TRY(isolate(vma, start, end, charged));
  const i64 pages = static_cast<i64>((end - start) >> kPageShift);
  mm_.account(old_flags, -pages);
  mm_.account(charged, pages);
  changed->__vm_flags = charged | (changed->flags() & vm::kSoftDirty);
  mm_.set_page_prot(*changed);
  change_pages(*changed, start, end);
  return changed;
}

Result<Vma*> ProtectState::isolate(Vma& vma, u64 start, u64 end, u64 new_flags) {
  MergeRequest merge;
  merge.start = start;
  merge.end = end;
  merge.flags = new_flags;
  merge.pgoff = vma.pgoff_at(start);
  merge.file = vma.file();
  merge.anon_vma = vma.anon_vma;
  if (Vma* const merged = Merge(mm_, merge).take_piece_of(vma)) return merged;
  const auto limit = static_cast<i64>(mm_.env().config.max_map_count);
  Vma* piece = &vma;
  if (start > piece->vm_start) {
    if (mm_.map_count >= limit) return fail(err::kNoMem, "max_map_count");
    piece = VMSIM_TRY(mm_.split_vma(*piece, start, Mm::NewPart::kBelow));
  }
  if (end < piece->vm_end) {
    if (mm_.map_count >= limit) return fail(err::kNoMem, "max_map_count");
    VMSIM_CHECK(mm_.split_vma(*piece, end, Mm::NewPart::kAbove));
  }
  return piece;
}

void ProtectState::change_pages(Vma& vma, u64 start, u64 end) {
  using mmu::Pte;
  const u64 wanted = vma.vm_page_prot.pgprot;
  const bool may_write = vma.has(vm::kWrite);
  mmu::Affected affected;
  mm_.table().protect({VirtAddr(start), VirtAddr(end)}, affected, [&](VirtAddr, Pte pte) {
    constexpr u64 kKept = Pte::kAccessed | Pte::kDirty | Pte::kSpecial | Pte::kSoftDirty | Pte::kCacheMask;
    u64 flags = (wanted & ~kKept) | (pte.flags() & kKept) | (wanted & Pte::kAccessed);
    // A driver is not asked again for a page that it has already let be written.
    if (may_write && vma.has(vm::kShared) && pte.dirty()) flags |= Pte::kWrite;
    if ((flags & Pte::kPresent) == 0) flags &= ~Pte::kWrite;
    return pte.with_flags(flags);
  });
  if (affected.pages_changed != 0) mm_.flush(affected.touched);
}

}  // namespace vmsim::mm
