// SPDX-License-Identifier: MIT
// munmap(2) and the end of an address space; see unmap.hpp. Counterpart: do_vmi_align_munmap(), exit_mmap().
#include <fmt/format.h>

#include "mm/driver_ops.hpp"
#include "mm/lock.hpp"
#include "mm/mm.hpp"
#include "mm/unmap.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::mm {

Result<void> Mm::munmap(u64 addr, u64 len) {
  const u64 size = (len + kPageSize - 1) & kPageMask;
  if (addr % kPageSize != 0) return fail(err::kInval, "the address is not page aligned");
  if (addr > task_size || len > task_size - addr) return fail(err::kInval, "beyond the end of user space");
  if (size == 0) return fail(err::kInval, "the length is 0");
  MmapWriteLock lock(*this);
  if (!lock.held()) return lock_failed();
  auto result = UnmapState(*this, addr, addr + size, UnmapReason::kUnmap).run(&lock);
  if (result) env_.probe.emit(EventKind::kMunmap, addr, addr + size);
  validate_in_debug();
  return result;
}

Result<void> UnmapState::run(MmapWriteLock* downgradable) {
  VMSIM_CHECK(gather());
  if (areas_.empty()) return {};
  const bool stays = reason_ == UnmapReason::kReplace && mm_.rules().replaced_stays_in_tree;
  if (!stays) detach();
  clear_pages();
  if (downgradable && reason_ == UnmapReason::kUnmap && (mm_.rules().close_read_locked || !split_)) {
    downgradable->downgrade();
  }
  // An area that stays findable is kept until the last close; others go one by one, file and all.
  if (!stays) return close_and_release();
  const auto closed = close_areas();
  detach();
  for (Vma* vma : areas_) release(*vma);
  return closed;
}

Result<void> UnmapState::gather() {
  Vma* first = mm_.vmas().find_intersection(start_, end_);
  if (!first) return {};
  const bool survivor_opens = mm_.rules().open_survivor_on_unmap;
  if (first->vm_start < start_) {
    const bool middle = end_ < first->vm_end;
    if (middle && mm_.map_count >= static_cast<i64>(mm_.env().config.max_map_count)) {
      return fail(err::kNoMem, "max_map_count: a hole in the middle makes one area more");
    }
    first = VMSIM_TRY(mm_.split_vma(*first, start_, survivor_opens ? Mm::NewPart::kBelow : Mm::NewPart::kAbove));
    split_ = true;
  }
  for (Vma* vma = first; vma && vma->vm_start < end_; vma = mm_.vmas().next(vma)) {
    if (vma->vm_end > end_) {
      Vma* const above =
          VMSIM_TRY(mm_.split_vma(*vma, end_, survivor_opens ? Mm::NewPart::kAbove : Mm::NewPart::kBelow));
      split_ = true;
      vma = mm_.vmas().prev(above);
    }
    areas_.push_back(vma);
  }
  const Vma* const prev = mm_.vmas().prev(areas_.front());
  const Vma* const next = mm_.vmas().next(areas_.back());
  floor_ = prev ? prev->vm_end : 0;
  ceiling_ = next ? next->vm_start : mm_.task_size;
  return {};
}

void UnmapState::detach() {
  for (Vma* vma : areas_) mm_.vma_unlink(*vma);
}

void UnmapState::clear_pages() {
  for (Vma* vma : areas_) mm_.zap_range(*vma, vma->range());
  const VirtRange range{VirtAddr(areas_.front()->vm_start), VirtAddr(areas_.back()->vm_end)};
  mm_.table().free_tables(range, VirtAddr(floor_), VirtAddr(ceiling_));
}

Result<void> UnmapState::close_areas() {
  Result<void> outcome;
  for (Vma* vma : areas_) {
    auto closed = driver_ops::close(*vma);
    if (!closed) outcome = closed;
  }
  return outcome;
}

Result<void> UnmapState::close_and_release() {
  Result<void> outcome;
  for (Vma* vma : areas_) {
    auto closed = driver_ops::close(*vma);
    if (!closed) outcome = closed;
    release(*vma);
  }
  return outcome;
}

void UnmapState::release(Vma& vma) {
  mm_.account(vma.flags(), -static_cast<i64>(vma.pages()));
  vma.release_references();
  delete &vma;
}

void Mm::zap_range(Vma& vma, VirtRange range, Cows cows) {
  if (vma.has(vm::kPat) && range.start.value == vma.vm_start) {
    const mmu::Pte first = table_->get(range.start);
    if (first.mapped()) env_.memtypes.release(first.pfn(), vma.pages());
  }
  mmu::Affected affected;
  if (cows == Cows::kKeep) {
    table_->for_each(range, [&](VirtAddr va, mmu::Pte pte) {
      ::page* const page = normal_page(vma, pte);
      if (page && env_.mem_map.kind(page) == phys::PageKind::kAnon) return;
      table_->exchange(va, mmu::Pte{});
      affected.touch({va, va + kPageSize});
      ++affected.pages_unmapped;
      if (!page) return;
      count_page(page, -1);
      env_.zones.put_page(page);
    });
  } else {
    table_->unmap(range, affected, [&](VirtAddr, mmu::Pte pte) {
      ::page* const page = normal_page(vma, pte);
      if (!page) return;
      count_page(page, -1);
      env_.zones.put_page(page);
    });
  }
  if (affected.pages_unmapped == 0) return;
  flush(affected.touched);
  env_.probe.emit(EventKind::kPteClear, range.start.value, affected.pages_unmapped);
}

void Mm::exit_mmap() {
  MmapWriteLock lock(*this);
  if (vmas_.empty()) return;
  for (Vma* vma = vmas_.first(); vma; vma = vmas_.next(vma)) zap_range(*vma, vma->range());
  table_->free_tables({VirtAddr(0), VirtAddr(task_size)}, VirtAddr(0), VirtAddr(task_size));
  // An area can still be found while its close runs; a handler that dies does not keep the others open.
  while (Vma* const vma = vmas_.first()) {
    static_cast<void>(driver_ops::close(*vma));
    vma_unlink(*vma);
    account(vma->flags(), -static_cast<i64>(vma->pages()));
    vma->release_references();
    delete vma;
  }
}

}  // namespace vmsim::mm
