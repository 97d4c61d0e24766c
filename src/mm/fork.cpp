// SPDX-License-Identifier: MIT
// fork(2)'s copy of an address space. Counterpart: dup_mmap() of kernel/fork.c and copy_page_range() of mm/memory.c.
// Part of Mm. Leaves out VM_WIPEONFORK and swap entries.
#include <cstring>

#include "mm/driver_ops.hpp"
#include "mm/lock.hpp"
#include "mm/mm.hpp"
#include "mm/pin.hpp"

namespace vmsim::mm {

using mmu::Pte;

/// One fork on its way: per area first the copy and its open, then its pages.
class ForkState {
 public:
  ForkState(Mm& parent, Mm& child) : parent_(parent), child_(child) {}
  Result<void> run();

 private:
  Result<void> copy_area(const Vma& vma);
  bool needs_pages(const Vma& vma) const;
  bool copy_pages(const Vma& from);
  bool stays_with_parent(const ::page* page) const;
  Pte copy_for_child(const Vma& from, const ::page* page);
  void copy_counters();

  Mm& parent_;
  Mm& child_;
  mmu::Affected affected_;
  bool out_of_frames_ = false;
};

Result<std::unique_ptr<Mm>> Mm::fork() {
  auto child = VMSIM_TRY(Mm::create(env_));
  MmapWriteLock lock(*this);
  if (!lock.held()) return lock_failed();
  auto copied = ForkState(*this, *child).run();
  if (!copied) {
    child->exit_mmap();
    return Failure(copied.error());
  }
  child->validate_in_debug();
  return child;
}

Result<void> ForkState::run() {
  copy_counters();
  Result<void> outcome;
  for (Vma* vma = parent_.vmas().first(); vma && outcome; vma = parent_.vmas().next(vma)) {
    if (vma->has(vm::kDontCopy)) {
      child_.account(vma->flags(), -static_cast<i64>(vma->pages()));
      continue;
    }
    outcome = copy_area(*vma);
  }
  if (!affected_.touched.empty()) parent_.flush(affected_.touched);
  return outcome;
}

void ForkState::copy_counters() {
  ::mm_struct& to = child_;
  const ::mm_struct& from = parent_;
  to.mmap_base = from.mmap_base;
  to.total_vm = from.total_vm;
  to.data_vm = from.data_vm;
  to.exec_vm = from.exec_vm;
  to.stack_vm = from.stack_vm;
  to.start_code = from.start_code, to.end_code = from.end_code;
  to.start_data = from.start_data, to.end_data = from.end_data;
  to.start_brk = from.start_brk, to.brk = from.brk, to.start_stack = from.start_stack;
  to.arg_start = from.arg_start, to.arg_end = from.arg_end;
  to.env_start = from.env_start, to.env_end = from.env_end;
}

Result<void> ForkState::copy_area(const Vma& vma) {
  if (!child_.vmas().reserve_for_insert(1, &parent_.env().probe)) return fail(err::kNoMem);
  auto fresh = std::make_unique<Vma>(child_, vma.vm_start, vma.vm_end);
  // The child's chain names the parent's pages and its own, so it no longer merges with strangers.
  fresh->copy_from(vma);
  if (vma.anon_vma) fresh->take_fork_of(vma);
  fresh->__vm_flags &= ~vm::kLocked;
  Vma& copy = *fresh.release();
  child_.vma_link(copy);
  VMSIM_CHECK(driver_ops::open(copy));
  if (needs_pages(vma) && !copy_pages(vma)) return fail(err::kNoMem, "no frame for a page table of the child");
  return {};
}

bool ForkState::needs_pages(const Vma& vma) const {
  if (parent_.rules().era26) return true;
  // A shared mapping that a handler fills on demand is filled again in the child.
  return vma.has(vm::kPfnMap | vm::kMixedMap) || vma.anon_vma != nullptr;
}

/// A device may be writing into it (5.9 on): the parent keeps the very page, and the child gets a copy now.
bool ForkState::stays_with_parent(const ::page* page) const {
  const Env& env = parent_.env();
  return env.rules.kernel >= KernelVersion{5, 9, 0} && env.mem_map.kind(page) == phys::PageKind::kAnon &&
         maybe_pinned(page);
}

Pte ForkState::copy_for_child(const Vma& from, const ::page* page) {
  Env& env = parent_.env();
  ::page* const copy = env.zones.alloc_user_page_zeroed();
  if (!copy) {
    out_of_frames_ = true;
    return {};
  }
  const Pfn pfn = env.mem_map.pfn(copy);
  std::memcpy(env.ram.host(pfn), env.ram.host(env.mem_map.pfn(page)), kPageSize);
  child_.count_page(copy, 1);
  return Pte::make(pfn, from.vm_page_prot.pgprot | Pte::kDirty | (from.has(vm::kWrite) ? Pte::kWrite : 0));
}

bool ForkState::copy_pages(const Vma& from) {
  const bool cow = from.is_cow();
  const bool shared = from.has(vm::kShared);
  phys::Zones& zones = parent_.env().zones;
  const bool copied = parent_.table().copy_range(
      child_.table(), from.range(), affected_, [&](VirtAddr, Pte pte, Pte& parent_out) -> Pte {
        ::page* const page = parent_.normal_page(from, pte);
        if (cow && page && stays_with_parent(page)) return copy_for_child(from, page);
        Pte child_pte = pte;
        if (cow && pte.write()) {
          parent_out = pte.without(Pte::kWrite);
          child_pte = parent_out;
        }
        if (shared) child_pte = child_pte.without(Pte::kDirty);
        child_pte = child_pte.without(Pte::kAccessed);
        if (page) {
          zones.get_page(page);
          child_.count_page(page, 1);
        }
        return child_pte;
      });
  return copied && !out_of_frames_;
}

}  // namespace vmsim::mm
