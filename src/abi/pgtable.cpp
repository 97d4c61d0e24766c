// SPDX-License-Identifier: MIT
// asm/pgtable.h: page-table entries in the hands of drivers, the address ranges, TLB flushes, and
// apply_to_page_range(). Counterpart: the same path under arch/x86, mm/memory.c. On x86-64 a pte_t*
// is the entry in simulated RAM itself. Leaves out init_mm and large entries. Called by drivers
// through the export table.
//
// Differs: on x86-32 the entries are 4 bytes wide and pte_t is 8, so that a driver gets a copy of
// each entry in a slot of its own; set_pte_at() writes the real one.
#include <atomic>

#include "abi/abi.hpp"
#include "mm/mm.hpp"

namespace vmsim::abi {

namespace {

using mm::Mm;
using mmu::Pte;
using Ulong = unsigned long;

/// Where copies of 4-byte entries are shown; the oldest is used again.
u64* shown(u64 value) {
  constexpr unsigned kSlots = 64;
  thread_local u64 slots[kSlots];
  thread_local unsigned next = 0;
  u64* const slot = &slots[next++ % kSlots];
  *slot = value;
  return slot;
}

bool wide_entries() {
  return memory().env->format == mmu::FormatKind::x86_64;
}

/// The entry for `addr` in the table that `entry` points to, `shift` address bits below it.
u64* next_entry(u64 entry, Ulong addr, unsigned shift) {
  const phys::Ram& ram = *memory().ram;
  const Pfn table((entry & Pte::kPfnMask) >> kPageShift);
  // What none points to is nowhere; Linux reads some page.
  if ((entry & Pte::kPresent) == 0 || table.value >= ram.pages()) return shown(0);
  std::byte* const base = ram.host(table);
  if (wide_entries()) return reinterpret_cast<u64*>(base) + (addr >> shift & 511);
  const u32 raw = reinterpret_cast<const u32*>(base)[addr >> shift & 1023];
  return shown(shift == kPageShift ? mmu::X86_32::decode(raw).bits : raw);
}

vmsim_pgd_t* pgd_offset(mm_struct* mm, Ulong addr) {
  touch(mm);
  return core([&] {
    const u64 root = Mm::of(mm)->table().root().addr().value | Pte::kPresent;
    return reinterpret_cast<vmsim_pgd_t*>(next_entry(root, addr, wide_entries() ? 39 : 22));
  });
}

vmsim_p4d_t* p4d_offset(vmsim_pgd_t* pgd, Ulong) {
  return reinterpret_cast<vmsim_p4d_t*>(pgd);
}

/// Folded away on x86-32.
vmsim_pud_t* pud_offset(vmsim_p4d_t* p4d, Ulong addr) {
  if (!wide_entries()) return reinterpret_cast<vmsim_pud_t*>(p4d);
  touch(p4d);
  return core([&] { return reinterpret_cast<vmsim_pud_t*>(next_entry(p4d->p4d, addr, 30)); });
}

vmsim_pmd_t* pmd_offset(vmsim_pud_t* pud, Ulong addr) {
  if (!wide_entries()) return reinterpret_cast<vmsim_pmd_t*>(pud);
  touch(pud);
  return core([&] { return reinterpret_cast<vmsim_pmd_t*>(next_entry(pud->pud, addr, 21)); });
}

vmsim_pte_t* pte_offset(vmsim_pmd_t* pmd, Ulong addr) {
  touch(pmd);
  return core(
      [&] { return reinterpret_cast<vmsim_pte_t*>(next_entry(pmd->pmd, addr, kPageShift)); });
}

void pte_unmap(vmsim_pte_t*) {}

vmsim_pte_t ptep_get(vmsim_pte_t* ptep) {
  touch(ptep);
  return {std::atomic_ref(ptep->pte).load(std::memory_order_relaxed)};
}

void set_pte_at(mm_struct* mm, Ulong addr, vmsim_pte_t* ptep, vmsim_pte_t pte) {
  touch(mm);
  touch(ptep);
  std::atomic_ref(ptep->pte).store(pte.pte, std::memory_order_release);
  core([&] {
    const VirtAddr va(addr & kPageMask);
    const Pte entry{pte.pte};
    mmu::PageTable& table = Mm::of(mm)->table();
    if (!wide_entries() && table.encodable(entry)) static_cast<void>(table.set(va, entry));
    if (entry.none()) {
      kernel().probe.emit(EventKind::kPteClear, va.value, 1);
    } else {
      kernel().probe.emit(EventKind::kPteSet, va.value, entry.pfn().value, entry.bits);
    }
  });
}

void pte_clear(mm_struct* mm, Ulong addr, vmsim_pte_t* ptep) {
  set_pte_at(mm, addr, ptep, {0});
}

// TLB flushes.

void flush_tlb_page(vm_area_struct* vma, Ulong addr) {
  touch(vma);
  touch(vma->vm_mm);
  core([&] { Mm::of(vma->vm_mm)->flush_page(addr & kPageMask); });
}

void flush_tlb_range(vm_area_struct* vma, Ulong start, Ulong end) {
  touch(vma);
  touch(vma->vm_mm);
  if (start >= end) return;
  core([&] {
    const VirtRange range{VirtAddr(start).page_base(), VirtAddr(end).page_up()};
    Mm::of(vma->vm_mm)->flush(range);
  });
}

void flush_tlb_mm(mm_struct* mm) {
  touch(mm);
  core([&] { Mm::of(mm)->flush({VirtAddr(0), VirtAddr(mm->task_size)}); });
}

void flush_tlb_all() {
  core([&] { memory().tlbs->flush_all(); });
}

// Address ranges.

Ulong vmsim_task_size() {
  const mm_struct* const mm = sched::current_task().mm;
  return mm != nullptr ? mm->task_size : memory().env->task_size();
}

Ulong vmsim_vmalloc_start() {
  return kern::host_value(memory().vmalloc->window().base());
}

Ulong vmsim_vmalloc_end() {
  const kern::Window& window = memory().vmalloc->window();
  return kern::host_value(window.base()) + window.size_bytes();
}

::page* vmsim_zero_page(Ulong) {
  return memory().env->zero_page;
}

// apply_to_page_range: `call` runs the driver's function on one entry and returns its Outcome.
template <class Call>
Result<void> apply_to_range(Mm& mm, Ulong addr, Ulong size, Call&& call) {
  const u64 end = (addr + size + kPageSize - 1) & kPageMask;
  if (addr >= end || end > mm.task_size) return fail(mm::err::kInval, "no range of user addresses");
  for (u64 va = addr & kPageMask; va < end; va += kPageSize) {
    if (!mm.table().prepare(VirtAddr(va)))
      return fail(mm::err::kNoMem, "no frame for a page table");
    u64* const slot = wide_entries() ? mm.table().leaf_slot<mmu::X86_64>(va)
                                     : shown(mm.table().get(VirtAddr(va)).bits);
    const auto outcome = call(reinterpret_cast<vmsim_pte_t*>(slot), va);
    if (!outcome) return sched::oopsed();
    if (*outcome < 0) return fail(-*outcome, "the driver's function said so");
    if (*outcome != 0) return fail(mm::err::kInval, "the driver's function returned nonsense");
  }
  return {};
}

using ApplyFn = int(vmsim_pte_t*, Ulong, void*);
/// [2.6.24, 5.3): with the page that holds the table.
using ApplyTokenFn = int(vmsim_pte_t*, ::page*, Ulong, void*);

int apply_to_page_range(mm_struct* mm, Ulong addr, Ulong size, ApplyFn* fn, void* data) {
  touch(mm);
  return finish_int([&] {
    return apply_to_range(*Mm::of(mm), addr, size, [&](vmsim_pte_t* pte, u64 va) {
      return sched::DriverCall::call(fn, pte, va, data);
    });
  });
}

int apply_to_page_range_token(mm_struct* mm, Ulong addr, Ulong size, ApplyTokenFn* fn, void* data) {
  touch(mm);
  return finish_int([&] {
    return apply_to_range(*Mm::of(mm), addr, size, [&](vmsim_pte_t* pte, u64 va) {
      const auto table = memory().ram->pa_of(pte);
      ::page* const token = table ? memory().mem_map->page(Pfn(*table)) : nullptr;
      return sched::DriverCall::call(fn, pte, token, va, data);
    });
  });
}

}  // namespace

std::span<const Export> pgtable_exports() {
  static const Export table[] = {
      exported("pgd_offset", &pgd_offset),
      exported("p4d_offset", &p4d_offset),
      exported("pud_offset", &pud_offset),
      exported("pmd_offset", &pmd_offset),
      exported("pte_offset_map", &pte_offset),
      exported("pte_offset_kernel", &pte_offset),
      exported("pte_unmap", &pte_unmap),
      exported("ptep_get", &ptep_get),
      exported("set_pte_at", &set_pte_at),
      exported("pte_clear", &pte_clear),
      exported("flush_tlb_page", &flush_tlb_page),
      exported("flush_tlb_range", &flush_tlb_range),
      exported("flush_tlb_mm", &flush_tlb_mm),
      exported("flush_tlb_all", &flush_tlb_all),
      exported("vmsim_task_size", &vmsim_task_size),
      exported("vmsim_vmalloc_start", &vmsim_vmalloc_start),
      exported("vmsim_vmalloc_end", &vmsim_vmalloc_end),
      exported("vmsim_zero_page", &vmsim_zero_page),
      exported("apply_to_page_range", &apply_to_page_range_token, kernel(2, 6, 24), kernel(5, 3)),
      exported("apply_to_page_range", &apply_to_page_range, kernel(5, 3)),
  };
  return table;
}

}  // namespace vmsim::abi
