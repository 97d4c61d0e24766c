// SPDX-License-Identifier: MIT
// Page faults: refusals, then one dispatch, then named helpers. Counterpart: do_user_addr_fault()
// of arch/x86/mm/fault.c and handle_mm_fault() of mm/memory.c. Part of Mm.
#include "mm/fault.hpp"

#include <fmt/format.h>

#include "mm/bug.hpp"
#include "mm/lock.hpp"
#include "mm/prot.hpp"

namespace vmsim::mm {

namespace vmf = vm_fault_code;
using mmu::Pte;

namespace {

constexpr u64 kFaultAroundPages = 16;

mmu::FaultReply segv(i32 code, VirtAddr addr) {
  return mmu::FaultReply::end(UserFault{sig::kSigSegv, code, addr.value});
}

/// Where Linux would be in a loop, or hang.
mmu::FaultReply never_ends(VirtAddr addr) {
  return mmu::FaultReply::end(UserFault{sig::kSigKill, sig::kNoProgress, addr.value});
}

bool access_refused(const Vma& vma, mmu::AccessKind kind) {
  if (mmu::has(kind, mmu::AccessKind::kWrite)) return !vma.has(vm::kWrite);
  if (mmu::has(kind, mmu::AccessKind::kFetch)) return !vma.has(vm::kExec);
  // A present page that the table lets be read needs no fault; what comes here has no right at all.
  return !vma.has(vm::kAccess);
}

u32 flags_of(mmu::AccessKind kind) {
  u32 flags = fault_flag::kAllowRetry | fault_flag::kKillable | fault_flag::kInterruptible;
  if (!mmu::has(kind, mmu::AccessKind::kKernel)) flags |= fault_flag::kUser;
  if (mmu::has(kind, mmu::AccessKind::kWrite)) flags |= fault_flag::kWrite;
  if (mmu::has(kind, mmu::AccessKind::kFetch)) flags |= fault_flag::kInstruction;
  return flags;
}

}  // namespace

/// The core unlocks what a handler returned locked; a task may sleep in lock_page() for it.
static void unlock_page(Env& env, ::page* page) {
  page->flags &= ~(1ul << PG_locked);
  env.scheduler.unpark_all(page);
}

/// From VM_FAULT_* bits to what the program sees. Retry where the kernel would let the program try
/// again.
static mmu::FaultReply reply_to(Mm& mm, u32 result, VirtAddr addr, mmu::AccessKind kind) {
  if ((result & vmf::kOopsed) != 0)
    return mmu::FaultReply::end(UserFault{sig::kSigKill, sig::kSiKernel, addr.value});
  if ((result & vmf::kForEver) != 0) return never_ends(addr);
  if ((result & vmf::kError) == 0) return mmu::FaultReply::again();
  if ((result & vmf::kOom) != 0) {
    // 6.x lets the program run into the same fault again, for ever; before, and for the kernel's
    // own copies, it ends.
    if (mm.rules().era26)
      return mmu::FaultReply::end(UserFault{sig::kSigKill, sig::kSiKernel, addr.value});
    if (mmu::has(kind, mmu::AccessKind::kKernel)) return segv(sig::kSegvMapErr, addr);
    return mmu::FaultReply::again();
  }
  if ((result & (vmf::kHwPoison | vmf::kHwPoisonLarge)) != 0) {
    return mmu::FaultReply::end(UserFault{sig::kSigBus, sig::kBusMceErrAr, addr.value});
  }
  if ((result & vmf::kSigBus) != 0)
    return mmu::FaultReply::end(UserFault{sig::kSigBus, sig::kBusAdrErr, addr.value});
  return segv(sig::kSegvMapErr, addr);
}

mmu::FaultReply Mm::handle_fault(VirtAddr addr, mmu::AccessKind kind) {
  if (addr.value >= task_size) return segv(sig::kSegvMapErr, addr);
  u32 flags = flags_of(kind);
  Vma* vma = vmas_.find(addr.value);
  // An area with map_pages, or an anonymous one, is handled under its own lock, without mmap_lock.
  if (vma && vma->vm_start <= addr.value && rules().fault_vma_lock && !access_refused(*vma, kind) &&
      (vma->is_anonymous() || vma->vm_ops->map_pages)) {
    const u32 result = handle_mm_fault(*vma, addr.value, flags | fault_flag::kVmaLock);
    if ((result & vmf::kRetry) == 0) return reply_to(*this, result, addr, kind);
    flags |= fault_flag::kTried;
  }
  for (unsigned tries = 0; tries < env_.config.fault_retries; ++tries) {
    MmapReadLock lock(*this);
    if (!lock.held())
      return mmu::FaultReply::end(UserFault{sig::kSigKill, sig::kSiKernel, addr.value});
    vma = vmas_.find(addr.value);
    if (!vma) return segv(sig::kSegvMapErr, addr);
    if (addr.value < vma->vm_start) {
      if (!vma->has(vm::kGrowsDown) || !expand_stack(*vma, addr.value))
        return segv(sig::kSegvMapErr, addr);
    }
    if (access_refused(*vma, kind)) return segv(sig::kSegvAccErr, addr);
    const u32 result = handle_mm_fault(*vma, addr.value, flags);
    if ((result & vmf::kRetry) == 0) return reply_to(*this, result, addr, kind);
    // The handler has let go of mmap_lock. One that forgot leaves it held for ever in Linux.
    if (sched::lock_is_held(&mmap_lock)) {
      report_handler(*vma, "retry-with-lock",
                     "returned VM_FAULT_RETRY and still holds mmap_lock; Linux takes it once more, "
                     "and hangs when the areas are to change");
    } else {
      lock.forget();
    }
    flags |= fault_flag::kTried;
  }
  report_endless_retry(addr.value);
  return never_ends(addr);
}

void Mm::report_endless_retry(u64 addr) {
  MmapReadLock lock(*this);
  const Vma* const vma = lock.held() ? vmas_.find_containing(addr) : nullptr;
  if (!vma) return;
  report_handler(*vma, "no-progress",
                 fmt::format("answered {} faults at {:#x} in a row with VM_FAULT_RETRY; Linux would "
                             "ask it for ever",
                             env_.config.fault_retries, addr));
}

/// A Finding about what the area's fault handler has returned.
void Mm::report_handler(const Vma& vma, const char* rule, const std::string& did) const {
  const void* const function = driver_ops::fault_handler(vma);
  env_.probe.finding_at(env_.probe.places().of_function(function), rule,
                        driver_ops::handler_text(vma, "fault handler", function) + " " + did);
}

u32 Mm::handle_mm_fault(Vma& vma, u64 addr, u32 flags) {
  const u32 result = FaultState(*this, vma, addr, flags).handle();
  env_.probe.emit(EventKind::kFault, addr, flags, result);
  return result;
}

u32 FaultState::handle() {
  const Pte pte = mm_.table().get(VirtAddr(page_addr_));
  if (pte.none()) {
    const bool has_fault = vma_.vm_ops && vma_.vm_ops->fault;
    const bool has_nopage = mm_.rules().has_nopage && vma_.vm_ops && vma_.vm_ops->nopage;
    if (!has_fault && (mm_.rules().era26 || has_nopage)) return fault_nopage();
    return vma_.is_anonymous() ? fault_anonymous() : fault_driver();
  }
  if (!pte.present())
    return vmf::kSigSegv;  // PROT_NONE with rights in the area cannot be; mprotect rewrote the
                           // entry
  if (write() && !pte.write()) return write_protected(pte);
  return set_entry(pte.with(Pte::kAccessed | (write() ? Pte::kDirty : 0))) ? 0 : vmf::kOom;
}

Pte FaultState::entry_for(Pfn pfn, u64 extra) const {
  return Pte::make(pfn, vma_.vm_page_prot.pgprot | extra);
}

bool FaultState::set_entry(Pte pte) {
  if (!mm_.table().set(VirtAddr(page_addr_), pte)) return false;
  env_.probe.emit(EventKind::kPteSet, page_addr_, pte.pfn().value, pte.bits);
  return true;
}

u32 FaultState::fault_anonymous() {
  if (vma_.has(vm::kShared)) return vmf::kSigBus;
  if (!write()) {
    const u64 special = mm_.rules().era26 ? 0 : Pte::kSpecial;
    const u64 no_write = vma_.vm_page_prot.pgprot & ~Pte::kWrite;
    return set_entry(Pte::make(env_.zero_pfn(), no_write | special)) ? 0 : vmf::kOom;
  }
  mm_.anon_vma_prepare(vma_);
  ::page* const page = env_.zones.alloc_user_page_zeroed();
  if (!page) return vmf::kOom;
  const u64 writable = vma_.has(vm::kWrite) ? Pte::kWrite | Pte::kDirty : Pte::kDirty;
  if (!set_entry(entry_for(env_.mem_map.pfn(page), writable))) {
    env_.zones.put_page(page);
    return vmf::kOom;
  }
  ++page->_mapcount.counter;
  ++mm_.rss_.anon;
  return 0;
}

// --- drivers ---

bool FaultState::leaf_exists() const {
  return mmu::visit_format(mm_.table().kind(), [&]<mmu::PagingFormat F>() {
    return mm_.table().template leaf_slot<F>(page_addr_) != nullptr;
  });
}

void FaultState::prepare_vmf() {
  vmf_.vma = &vma_;
  vmf_.gfp_mask = VMSIM_GFP_HIGHUSER_MOVABLE;
  vmf_.flags = flags_ | (leaf_exists() ? fault_flag::kOrigPteValid : 0);
  vmf_.pgoff = vma_.pgoff_at(page_addr_);
  vmf_.address = page_addr_;
  vmf_.real_address = addr_;
  vmf_.virtual_address =
      reinterpret_cast<void*>(page_addr_);  // NOLINT: a simulated address, as 2.6.23 to 4.9 pass it
}

u32 FaultState::fault_driver() {
  if (!vma_.vm_ops->fault) return vmf::kSigBus;
  prepare_vmf();
  if (!write()) return fault_read();
  return vma_.has(vm::kShared) ? fault_shared_write() : fault_private_write();
}

u32 FaultState::ask_driver(::page* cow_page) {
  vmf_.cow_page = cow_page;
  vmf_.page = nullptr;
  const u32 result = driver_ops::fault(driver_ops::FaultOp::kFault, vmf_);
  constexpr u32 kDone = vmf::kError | vmf::kNoPage | vmf::kRetry | vmf::kDoneCow | vmf::kOopsed;
  if ((result & kDone) != 0) return result;
  if (!vmf_.page)
    return handler_bug("fault-no-page", fmt::format("returned {:#x} for {:#x} without setting vmf->page; Linux "
                                                    "dereferences NULL here",
                                                    result, page_addr_));
  if (!env_.mem_map.contains(vmf_.page))
    return handler_bug("fault-bad-page",
                       fmt::format("answered {:#x} with a pointer that is no struct page", page_addr_));
  note_free_page(vmf_.page);
  if ((result & vmf::kLocked) != 0) unlock_page(env_, vmf_.page);
  return result;
}

u32 FaultState::handler_bug(const char* rule, const std::string& did) {
  const void* const function = driver_ops::fault_handler(vma_);
  oops_after_return(env_, function, rule, driver_ops::handler_text(vma_, "fault handler", function) + " " + did);
  mm_.set_dead();
  return vmf::kOopsed;
}

void FaultState::note_free_page(const ::page* page) const {
  if (env_.zones.page_count(page) > 0) [[likely]]
    return;
  mm_.report_handler(vma_, "fault-free-page",
                     fmt::format("answered {:#x} with {}; Linux maps it all the same, and whoever gets the frame "
                                 "next shares it with the program",
                                 page_addr_, env_.zones.free_page_text(env_.mem_map.pfn(page))));
}

u32 FaultState::map_around() {
  // A window of 64 KiB of address around the page, clipped to the area and to one page table.
  const u64 window = page_addr_ & ~((kFaultAroundPages << kPageShift) - 1);
  const u64 first = std::max({window, u64{vma_.vm_start}, page_addr_ & ~((u64{2} << 20) - 1)});
  const u64 last =
      std::min(window + (kFaultAroundPages << kPageShift), u64{vma_.vm_end}) - kPageSize;
  const u32 result = driver_ops::fault(driver_ops::FaultOp::kMapPages, vmf_, vma_.pgoff_at(first),
                                       vma_.pgoff_at(last));
  if ((result & (vmf::kOopsed | vmf::kError)) != 0) return result;
  return mm_.table().get(VirtAddr(page_addr_)).none() ? 0 : vmf::kNoPage;
}

u32 FaultState::fault_read() {
  if (vma_.vm_ops->map_pages) {
    const u32 around = map_around();
    if (around != 0) return around;
  }
  const u32 result = ask_driver(nullptr);
  if (!vmf_.page || (result & (vmf::kError | vmf::kNoPage | vmf::kRetry | vmf::kOopsed)) != 0)
    return result;
  return result | install(vmf_.page);
}

u32 FaultState::fault_private_write() {
  mm_.anon_vma_prepare(vma_);
  ::page* const copy = env_.zones.alloc_user_page_zeroed();
  if (!copy) return vmf::kOom;
  const u32 result = ask_driver(copy);
  if ((result & (vmf::kError | vmf::kNoPage | vmf::kRetry | vmf::kOopsed)) != 0) {
    env_.zones.put_page(copy);
    return result;
  }
  if ((result & vmf::kDoneCow) == 0) {
    copy_frame(env_.mem_map.pfn(copy), env_.mem_map.pfn(vmf_.page));
    env_.zones.put_page(vmf_.page);
  }
  return result | install(copy);
}

u32 FaultState::fault_shared_write() {
  const u32 result = ask_driver(nullptr);
  if ((result & (vmf::kError | vmf::kNoPage | vmf::kRetry | vmf::kOopsed)) != 0) return result;
  ::page* const page = vmf_.page;
  if (vma_.vm_ops->page_mkwrite) {
    const u32 said = page_mkwrite();
    if (said == 0) {
      env_.zones.put_page(page);
      return vmf::kNoPage;  // without progress; the access loop notices
    }
    if ((said & (vmf::kError | vmf::kNoPage | vmf::kOopsed | vmf::kRetry)) != 0) {
      env_.zones.put_page(page);
      return said;
    }
  }
  return result | install(page);
}

u32 FaultState::page_mkwrite() {
  const u32 before = vmf_.flags;
  vmf_.flags = fault_flag::kWrite | fault_flag::kMkWrite;
  const u32 said = driver_ops::fault(driver_ops::FaultOp::kPageMkwrite, vmf_);
  vmf_.flags = before;
  if ((said & (vmf::kError | vmf::kNoPage | vmf::kOopsed)) != 0) return said;
  if ((said & vmf::kLocked) != 0) {
    unlock_page(env_, vmf_.page);
    return said;
  }
  // Unlocked, and the page belongs to no file: it looks truncated, so the whole fault is done
  // again.
  return vmf_.page->mapping ? vmf::kLocked : 0;
}

u32 FaultState::install(::page* page) {
  const Pte there = mm_.table().get(VirtAddr(page_addr_));
  if (!there.none()) {  // another task was faster
    env_.zones.put_page(page);
    return vmf::kNoPage;
  }
  u64 extra = 0;
  if (write()) extra = Pte::kDirty | (vma_.has(vm::kWrite) ? Pte::kWrite : 0);
  if (!set_entry(entry_for(env_.mem_map.pfn(page), extra))) {
    env_.zones.put_page(page);
    return vmf::kOom;
  }
  mm_.count_page(page, 1);
  return 0;
}

u32 FaultState::fault_nopage() {
  if (!vma_.vm_ops || !vma_.vm_ops->nopage) {
    // No handler: the area reads as zeroes, whatever it was meant to show.
    return vma_.has(vm::kShared) ? fault_nopage_zero() : fault_anonymous();
  }
  int type = 0;
  bool oopsed = false;
  ::page* page = driver_ops::nopage(vma_, page_addr_, mm_.rules().nopage_type ? &type : nullptr, oopsed);
  if (oopsed) return vmf::kOopsed;
  if (!page) return vmf::kSigBus;                                 // NOPAGE_SIGBUS
  if (page == reinterpret_cast<::page*>(~0ul)) return vmf::kOom;  // NOPAGE_OOM
  if (!env_.mem_map.contains(page))
    return handler_bug("nopage-bad-page", "answered with a pointer that is no struct page");
  note_free_page(page);
  if (write() && !vma_.has(vm::kShared)) {
    mm_.anon_vma_prepare(vma_);
    ::page* const copy = env_.zones.alloc_user_page_zeroed();
    if (copy) copy_frame(env_.mem_map.pfn(copy), env_.mem_map.pfn(page));
    env_.zones.put_page(page);
    if (!copy) return vmf::kOom;
    page = copy;
  }
  u64 extra = 0;
  if (write()) extra = Pte::kDirty | (vma_.has(vm::kWrite) ? Pte::kWrite : 0);
  if (!set_entry(entry_for(env_.mem_map.pfn(page), extra))) return vmf::kOom;
  if (!phys::is_reserved(page)) mm_.count_page(page, 1);
  return 0;
}

u32 FaultState::fault_nopage_zero() {
  if (!write()) {
    return set_entry(Pte::make(env_.zero_pfn(), vma_.vm_page_prot.pgprot & ~Pte::kWrite))
               ? 0
               : vmf::kOom;
  }
  ::page* const page = env_.zones.alloc_user_page_zeroed();
  if (!page) return vmf::kOom;
  if (!set_entry(entry_for(env_.mem_map.pfn(page), Pte::kWrite | Pte::kDirty))) {
    env_.zones.put_page(page);
    return vmf::kOom;
  }
  mm_.count_page(page, 1);
  return 0;
}

}  // namespace vmsim::mm
