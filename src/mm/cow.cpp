// SPDX-License-Identifier: MIT
// Writes to read-only entries. Counterpart: do_wp_page() and its helpers in mm/memory.c. Part of FaultState.
#include <cstring>

#include "mm/fault.hpp"

namespace vmsim::mm {

namespace vmf = vm_fault_code;
using mmu::Pte;

u32 FaultState::write_protected(Pte pte) {
  ::page* const page = mm_.normal_page(vma_, pte);
  if (vma_.has(vm::kShared)) return write_shared(pte, page);
  const bool anon = page && env_.mem_map.kind(page) == phys::PageKind::kAnon;
  if (anon && page->_refcount.counter == 1 && page->_mapcount.counter == 1) return reuse(pte);
  return copy_on_write(pte, page);
}

u32 FaultState::write_shared(Pte pte, ::page* page) {
  const ::vm_operations_struct* const ops = vma_.vm_ops;
  if (!ops) return reuse(pte);
  if (!page) {
    if (!ops->pfn_mkwrite) return reuse(pte);
    prepare_vmf();
    vmf_.flags |= fault_flag::kMkWrite;
    vmf_.orig_pte.pte = pte.bits;
    const u32 said = driver_ops::fault(driver_ops::FaultOp::kPfnMkwrite, vmf_);
    if ((said & (vmf::kError | vmf::kNoPage | vmf::kOopsed)) != 0) return said;
    return reuse(pte);
  }
  if (!ops->page_mkwrite) return reuse(pte);
  prepare_vmf();
  vmf_.page = page;
  env_.zones.get_page(page);
  const u32 said = page_mkwrite();
  env_.zones.put_page(page);
  if (said == 0) return vmf::kNoPage;
  if ((said & (vmf::kError | vmf::kNoPage | vmf::kOopsed)) != 0) return said;
  return reuse(pte);
}

u32 FaultState::reuse(Pte pte) {
  const Pte writable = pte.with(Pte::kAccessed | Pte::kDirty | (vma_.has(vm::kWrite) ? Pte::kWrite : 0));
  if (!set_entry(writable)) return vmf::kOom;
  mm_.flush_page(page_addr_);
  return 0;
}

u32 FaultState::copy_on_write(Pte pte, ::page* page) {
  mm_.anon_vma_prepare(vma_);
  ::page* const copy = env_.zones.alloc_user_page_zeroed();
  if (!copy) return vmf::kOom;
  if (pte.pfn() != env_.zero_pfn()) copy_frame(env_.mem_map.pfn(copy), pte.pfn());
  // The copy of a device page keeps the cache type of the original.
  const u64 cache = pte.flags() & (Pte::kPwt | Pte::kPcd);
  const u64 extra = cache | Pte::kDirty | (vma_.has(vm::kWrite) ? Pte::kWrite : 0);
  if (!set_entry(entry_for(env_.mem_map.pfn(copy), extra))) {
    env_.zones.put_page(copy);
    return vmf::kOom;
  }
  mm_.flush_page(page_addr_);
  mm_.count_page(copy, 1);
  if (page) {
    mm_.count_page(page, -1);
    env_.zones.put_page(page);
  }
  return 0;
}

void FaultState::copy_frame(Pfn to, Pfn from) const {
  std::byte* const target = env_.ram.host(to);
  if (env_.bus.is_memory({from.addr(), (from + 1).addr()})) {
    std::memcpy(target, env_.ram.host(from), kPageSize);
    return;
  }
  for (u64 offset = 0; offset < kPageSize; offset += 8) {
    const u64 value = env_.bus.read(from.addr() + offset, 8);
    std::memcpy(target + offset, &value, sizeof(value));
  }
}

}  // namespace vmsim::mm
