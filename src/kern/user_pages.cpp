// SPDX-License-Identifier: MIT
// Pages of programs in the hands of drivers; see user_pages.hpp.
#include "kern/user_pages.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "mm/lock.hpp"

namespace vmsim::kern {

using mm::Mm;
using mm::Vma;
using mmu::Pte;
namespace err = mm::err;
namespace vm = mm::vm;
namespace vmf = mm::vm_fault_code;
namespace fault_flag = mm::fault_flag;

namespace {

/// One walk over user pages, page by page:
///   refuse by the area → entry good enough? → else fault, again → the page behind it → hold
class FollowState {
 public:
  FollowState(Mm& mm, const UserPagesRequest& request) : mm_(mm), request_(request) {}

  Result<void> lock();
  Result<::page*> follow(u64 addr);
  void hold(::page* page) const;

  Vma* area() const { return area_; }

 private:
  bool write() const { return (request_.flags & kFollWrite) != 0; }

  bool force() const { return (request_.flags & kFollForce) != 0; }

  Result<void> check_area(u64 addr);
  Result<void> fault_in(u64 addr);
  bool entry_will_do(Pte pte) const;

  Mm& mm_;
  const UserPagesRequest& request_;
  std::optional<mm::MmapReadLock> lock_;
  Vma* area_ = nullptr;
};

Result<void> FollowState::lock() {
  if (request_.lock == MmapLock::kTake) {
    lock_.emplace(mm_);
    return lock_->held() ? Result<void>() : mm::lock_failed();
  }
  if (!sched::lock_is_held(&mm_.mmap_lock)) {
    mm_.env().probe.finding("gup-unlocked",
                            "get_user_pages without mmap_lock: areas may change meanwhile; take it "
                            "for reading, or use get_user_pages_fast");
  }
  return {};
}

Result<void> FollowState::check_area(u64 addr) {
  area_ = mm_.vma_lookup(addr);
  if (area_ == nullptr) return fail(err::kFault, "nothing is mapped there");
  if (area_->has(vm::kIo | (mm_.rules().era26 ? 0 : vm::kPfnMap)))
    return fail(err::kFault, "a VM_IO or VM_PFNMAP area: its pages cannot be held");
  if (write() && !area_->has(vm::kWrite) && !(force() && area_->is_cow()))
    return fail(err::kFault, "the area is not writable");
  if (!write() && !area_->has(vm::kRead) && !(force() && area_->has(vm::kMayRead)))
    return fail(err::kFault, "the area is not readable");
  return {};
}

bool FollowState::entry_will_do(Pte pte) const {
  if (!pte.mapped() || (pte.protnone() && !force())) return false;
  if (!write() || pte.write()) return true;
  // A forced write to a read-only private area: the copy stays read-only for the program.
  if (area_->has(vm::kWrite)) return false;
  const ::page* const page = mm_.normal_page(*area_, pte);
  return page != nullptr && mm_.env().mem_map.kind(page) == phys::PageKind::kAnon;
}

Result<void> FollowState::fault_in(u64 addr) {
  u32 flags = write() ? fault_flag::kWrite : 0;
  if (request_.remote) flags |= fault_flag::kRemote;
  if (lock_) flags |= fault_flag::kAllowRetry | fault_flag::kKillable;
  const u32 result = mm_.handle_mm_fault(*area_, addr, flags);
  if ((result & vmf::kOopsed) != 0) return sched::oopsed();
  if ((result & vmf::kForEver) != 0) return fail(err::kFault, "faults without progress");
  if ((result & vmf::kOom) != 0) return fail(err::kNoMem, "no memory for the page");
  if ((result & vmf::kError) != 0) return fail(err::kFault, "the area's fault handler refused");
  if ((result & vmf::kRetry) == 0 || !lock_ || sched::lock_is_held(&mm_.mmap_lock)) return {};
  lock_->forget();
  lock_.emplace(mm_);
  return lock_->held() ? Result<void>() : mm::lock_failed();
}

Result<::page*> FollowState::follow(u64 addr) {
  mm::Env& env = mm_.env();
  for (unsigned tries = 0; tries <= env.config.fault_retries; ++tries) {
    VMSIM_CHECK(check_area(addr));
    const Pte pte = mm_.table().get(VirtAddr(addr & kPageMask));
    if (!entry_will_do(pte)) {
      VMSIM_CHECK(fault_in(addr));
      continue;
    }
    if (::page* const page = mm_.normal_page(*area_, pte)) return page;
    if (pte.pfn() == env.zero_pfn()) return env.zero_page;
    return fail(err::kFault, "no struct page counts this frame");
  }
  env.probe.finding("no-progress",
                    fmt::format("get_user_pages at {:#x}: the fault handler never maps a page; "
                                "Linux would call it for ever",
                                addr));
  return fail(err::kFault, "faults without progress");
}

void FollowState::hold(::page* page) const {
  mm_.env().zones.get_page(page);
  if (request_.hold == PageHold::kPin) phys::compound_head(page)->_refcount.counter += kPinBias - 1;
}

}  // namespace

Result<u64> user_pages(Mm& mm, const UserPagesRequest& request, std::span<::page*> out,
                       std::span<::vm_area_struct*> areas) {
  FollowState state(mm, request);
  VMSIM_CHECK(state.lock());
  u64 addr = request.start & kPageMask;
  for (u64 i = 0; i < request.pages; ++i, addr += kPageSize) {
    const auto page = state.follow(addr);
    if (!page) {
      if (i == 0 || sched::is_oops(page.error())) return Failure(page.error());
      return i;
    }
    // Without an array nothing is held: the call only faults the pages in.
    if (i < out.size()) {
      state.hold(*page);
      out[i] = *page;
    }
    if (i < areas.size()) areas[i] = state.area();
  }
  return request.pages;
}

void unpin_user_page(mm::Env& env, ::page* page) {
  ::page* const head = phys::compound_head(page);
  if (head->_refcount.counter < kPinBias) {
    env.probe.finding("unpin-not-pinned",
                      fmt::format("unpin_user_page of pfn {:#x}, which is not pinned; pages of "
                                  "get_user_pages go back by put_page",
                                  env.mem_map.pfn(page).value));
    return;
  }
  head->_refcount.counter -= kPinBias - 1;
  env.zones.put_page(page);
}

namespace {

/// What the area's access function does with `bytes`, which may end behind the area; 0 if there is none.
Result<u64> access_by_driver(Vma& vma, u64 addr, std::span<std::byte> bytes, bool write) {
  if (vma.vm_ops == nullptr || vma.vm_ops->access == nullptr) return u64{0};
  const int len = static_cast<int>(bytes.size());
  const auto done =
      sched::DriverCall::call(vma.vm_ops->access, &vma, addr, bytes.data(), len, write ? 1 : 0);
  if (!done) return sched::oopsed();
  return *done > 0 ? static_cast<u64>(std::min(*done, len)) : u64{0};
}

}  // namespace

Result<u64> access_remote(Mm& mm, u64 addr, std::span<std::byte> buffer, u32 flags,
                          sched::OopsRecord& fault) {
  const bool write = (flags & kFollWrite) != 0;
  const mm::MmapReadLock lock(mm);
  if (!lock.held()) return u64{0};
  const UserPagesRequest request{addr, 1, flags, PageHold::kGet, MmapLock::kHeld, true};
  mm::Env& env = mm.env();
  u64 done = 0;
  while (done < buffer.size()) {
    const u64 at = addr + done;
    u64 bytes = std::min<u64>(buffer.size() - done, kPageSize - at % kPageSize);
    FollowState state(mm, request);
    const auto page = state.follow(at);
    if (page) {
      std::byte* const inside = env.ram.host(env.mem_map.pfn(*page)) + at % kPageSize;
      std::byte* const outside = buffer.data() + done;
      const bool copied = write ? sched::DriverCall::try_copy(inside, outside, bytes, &fault)
                                : sched::DriverCall::try_copy(outside, inside, bytes, &fault);
      if (!copied) return fail(sched::kErrBug, "access_process_vm with a bad kernel buffer");
    } else {
      if (sched::is_oops(page.error())) return Failure(page.error());
      if (state.area() == nullptr) break;
      bytes = VMSIM_TRY(access_by_driver(*state.area(), at, buffer.subspan(done), write));
    }
    if (bytes == 0) break;
    done += bytes;
  }
  return done;
}

Result<u64> access_phys(Vma& vma, u64 addr, std::span<std::byte> buffer, bool write) {
  mm::Env& env = vma.mm().env();
  if (!vma.has(vm::kIo | vm::kPfnMap)) return fail(err::kInval, "neither VM_IO nor VM_PFNMAP");
  const Pte pte = vma.mm().table().get(VirtAddr(addr & kPageMask));
  if (!pte.mapped()) return fail(err::kInval, "nothing is mapped there");
  if (write && !pte.write()) return fail(err::kInval, "mapped for reading only");
  const Pfn pfn = pte.pfn();
  const PhysAddr pa = pfn.addr() + addr % kPageSize;
  // Only the first page is looked up: what follows it in physical memory is read, as an ioremap of it would.
  for (u64 at = pfn.value; at <= ((pa + (buffer.size() - 1)).value >> kPageShift); ++at) {
    if (env.mem_map.pfn_valid(Pfn(at)) && !phys::is_reserved(env.mem_map.page(Pfn(at))))
      return fail(err::kNoMem, "memory of the kernel cannot be ioremapped");
  }
  for (u64 i = 0; i < buffer.size(); ++i) {
    if (write) {
      env.bus.write(pa + i, 1, static_cast<u64>(buffer[i]));
    } else {
      buffer[i] = static_cast<std::byte>(env.bus.read(pa + i, 1));
    }
  }
  return u64{buffer.size()};
}

u64 page_mkclean(mm::Env& env, ::page* page) {
  if (page->mapping == nullptr || page->mapping->host == nullptr) return 0;
  u64 cleaned = 0;
  for (vfs::MappingLink& link : vfs::Inode::of(page->mapping)->areas()) {
    Vma& vma = static_cast<Vma&>(link);
    if (!vma.has(vm::kShared) || page->index < vma.vm_pgoff ||
        page->index >= vma.vm_pgoff + vma.pages())
      continue;
    const VirtAddr va(vma.vm_start + ((page->index - vma.vm_pgoff) << kPageShift));
    const Pte pte = vma.mm().table().get(va);
    if (!pte.mapped() || pte.pfn() != env.mem_map.pfn(page) || !(pte.write() || pte.dirty()))
      continue;
    vma.mm().table().exchange(va, pte.without(Pte::kWrite | Pte::kDirty));
    vma.mm().flush_page(va.value);
    ++cleaned;
  }
  return cleaned;
}

Result<u32> insert_mixed_writable(Vma& vma, u64 addr, Pfn pfn, bool is_device_pfn) {
  const u32 result = VMSIM_TRY(mm::vmf_insert_mixed(vma, addr, pfn, is_device_pfn));
  if (result != vmf::kNoPage) return result;
  const VirtAddr va(addr & kPageMask);
  const Pte pte = vma.mm().table().get(va);
  if (!pte.mapped() || pte.pfn() != pfn) return result;
  const u64 writable = vma.has(vm::kWrite) ? Pte::kWrite : 0;
  vma.mm().table().exchange(va, pte.with(Pte::kAccessed | Pte::kDirty | writable));
  vma.mm().flush_page(va.value);
  return result;
}

Result<void> errno_of_insert(u32 fault_code) {
  if (fault_code == vmf::kNoPage) return {};
  if (fault_code == vmf::kOom) return fail(err::kNoMem, "no frame for a page table");
  return fail(err::kFault, "the address is outside of the area");
}

}  // namespace vmsim::kern
