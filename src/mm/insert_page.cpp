// SPDX-License-Identifier: MIT
// Counted pages in user areas: vm_insert_page() and its relatives; see pfnmap.hpp.
#include <fmt/format.h>

#include "mm/bug.hpp"
#include "mm/pfnmap.hpp"
#include "sched/lock.hpp"

namespace vmsim::mm {

using mmu::Pte;

namespace {

Result<void> refuse_page(Env& env, const ::page* page) {
  if (!env.mem_map.contains(page)) {
    env.probe.finding("insert-bad-page", "vm_insert_page of a pointer that is no struct page");
    return fail(err::kInval, "not a struct page");
  }
  if (env.zones.page_count(page) == 0)
    return fail(err::kInval, env.zones.free_page_text(env.mem_map.pfn(page)) + ": its reference count is 0");
  if (page == env.zero_page && env.rules.zero_page_insert_refused) return fail(err::kInval, "the zero page");
  switch (env.mem_map.kind(page)) {
    case phys::PageKind::kSlab:
      return fail(err::kInval, "a page of the slab allocator (kmalloc memory): use remap_pfn_range, or alloc_page");
    case phys::PageKind::kAnon:
      return fail(err::kInval, "an anonymous page");
    case phys::PageKind::kPageTable:
      return fail(err::kInval, "a page-table page");
    default:
      return {};
  }
}

/// VM_MIXEDMAP may be set by the insertion only where the area cannot be seen by others: under the write lock.
Result<void> become_mixed(Vma& vma) {
  if (vma.has(vm::kMixedMap)) return {};
  Env& env = vma.mm().env();
  if (!sched::lock_is_held(&vma.mm().mmap_lock, sched::HoldMode::kWrite)) {
    return kernel_bug(env, "insert-page-unlocked", "vm_insert_page into an area without VM_MIXEDMAP, and mmap_lock is "
                                                   "not held for writing; set VM_MIXEDMAP in the mmap handler");
  }
  if (vma.has(vm::kPfnMap)) return kernel_bug(env, "insert-page-pfnmap", "vm_insert_page into a VM_PFNMAP area");
  vma.__vm_flags |= vm::kMixedMap;
  return {};
}

Result<void> insert_counted(Vma& vma, u64 addr, ::page* page) {
  Env& env = vma.mm().env();
  VMSIM_CHECK(refuse_page(env, page));
  const VirtAddr va(addr & kPageMask);
  mmu::PageTable::Cursor cursor(vma.mm().table(), va);
  if (!cursor.get().none()) return fail(err::kBusy, "a page is mapped there already");
  const Pte pte = Pte::make(env.mem_map.pfn(page), vma.vm_page_prot.pgprot);
  if (!cursor.map(pte)) return fail(err::kNoMem, "no frame for a page table");
  env.zones.get_page(page);
  vma.mm().count_page(page, 1);
  env.probe.emit(EventKind::kPteSet, va.value, pte.pfn().value, pte.bits);
  return {};
}

}  // namespace

Result<void> vm_insert_page(Vma& vma, u64 addr, ::page* page) {
  Env& env = vma.mm().env();
  if (addr < vma.vm_start || addr >= vma.vm_end) return fail(err::kFault, "the address is outside of the area");
  if (env.mem_map.contains(page) && env.zones.page_count(page) == 0)
    return fail(err::kInval, env.zones.free_page_text(env.mem_map.pfn(page)) + ": its reference count is 0");
  VMSIM_CHECK(become_mixed(vma));
  return insert_counted(vma, addr, page);
}

Result<void> vm_insert_pages(Vma& vma, u64 addr, std::span<::page* const> pages, u64& left) {
  left = pages.size();
  if (pages.empty()) return {};
  if (addr < vma.vm_start || addr + ((pages.size() - 1) << kPageShift) >= vma.vm_end) {
    return fail(err::kFault, "the range is outside of the area");
  }
  VMSIM_CHECK(become_mixed(vma));
  for (::page* page : pages) {
    VMSIM_CHECK(insert_counted(vma, addr, page));
    addr += kPageSize;
    --left;
  }
  return {};
}

Result<void> vm_map_pages(Vma& vma, std::span<::page* const> pages, Offset offset) {
  const u64 first = offset == Offset::kVmPgoff ? vma.vm_pgoff : 0;
  if (first >= pages.size()) return fail(err::kNxIo, "the offset lies beyond the pages");
  if (vma.pages() > pages.size() - first) return fail(err::kNxIo, "the area is larger than the pages");
  u64 addr = vma.vm_start;
  for (u64 i = 0; i < vma.pages(); ++i, addr += kPageSize) VMSIM_CHECK(vm_insert_page(vma, addr, pages[first + i]));
  return {};
}

}  // namespace vmsim::mm
