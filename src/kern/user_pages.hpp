// SPDX-License-Identifier: MIT
// Pages of programs in the hands of drivers: pinning, remote access, write-protecting, and the
// variants of the insertion calls. Counterpart: mm/gup.c, access_process_vm() and
// generic_access_phys() of mm/memory.c, page_mkclean(). Leaves out large folios and FOLL_LONGTERM's
// migration. Called by abi on a task inside the kernel.
#pragma once

#include <span>

#include "mm/pfnmap.hpp"
#include "mm/pin.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

inline constexpr u32 kFollWrite = 0x01, kFollForce = 0x10;
using mm::kPinBias;

enum class PageHold : u8 { kGet, kPin };
enum class MmapLock : u8 {
  kHeld,  ///< by the caller; Finding "gup-unlocked" if it is not
  kTake,  ///< for reading, here
};

struct UserPagesRequest {
  u64 start = 0;
  u64 pages = 0;
  u32 flags = 0;  ///< FOLL_*
  PageHold hold = PageHold::kGet;
  MmapLock lock = MmapLock::kHeld;
  bool remote = false;  ///< on behalf of another task: the fault handler sees FAULT_FLAG_REMOTE
};

/// get_user_pages() and relatives: holds pages, faulting them in, and returns how many. An error
/// (EFAULT, ENOMEM, kErrOops) only if the first page fails. `out` and `areas` may be empty.
Result<u64> user_pages(mm::Mm& mm, const UserPagesRequest& request, std::span<::page*> out,
                       std::span<::vm_area_struct*> areas = {});
/// Ends a pin. Finding "unpin-not-pinned" if the page has none.
void unpin_user_page(mm::Env& env, ::page* page);

/// access_process_vm(): bytes done. `buffer` is a driver's: a bad one is an Error of kErrBug, with
/// the record in `fault`.
Result<u64> access_remote(mm::Mm& mm, u64 addr, std::span<std::byte> buffer, u32 flags,
                          sched::OopsRecord& fault);

/// Reads or writes what a VM_IO or VM_PFNMAP area maps; within one page. EINVAL: nothing mapped, or
/// not for writing. ENOMEM: memory of the kernel, which ioremap refuses.
Result<u64> access_phys(mm::Vma& vma, u64 addr, std::span<std::byte> buffer, bool write);

/// Takes write permission and the dirty bit from every shared mapping of a file's page. Returns the
/// number of entries that were changed.
u64 page_mkclean(mm::Env& env, ::page* page);

/// vmf_insert_mixed_mkwrite(): an entry that is there becomes writable and dirty.
Result<u32> insert_mixed_writable(mm::Vma& vma, u64 addr, Pfn pfn, bool is_device_pfn);

/// The errno values that the insertion calls had before they returned VM_FAULT_*.
Result<void> errno_of_insert(u32 fault_code);

template <class Insert>
Result<void> insert_errno(mm::Vma& vma, u64 addr, Insert&& insert) {
  const bool inside = vma.contains(addr);
  if (inside && !vma.mm().table().get(VirtAddr(addr & kPageMask)).none())
    return fail(mm::err::kBusy, "a page is mapped there already");
  return errno_of_insert(VMSIM_TRY(insert()));
}

}  // namespace vmsim::kern
