// SPDX-License-Identifier: MIT
// vmalloc memory in user areas; see vmalloc_map.hpp.
#include "kern/vmalloc_map.hpp"

#include <fmt/format.h>

namespace vmsim::kern {

namespace {

/// The frames of the part, or why there are none.
Result<std::span<const Pfn>> frames_of(const mm::Vma& vma, const Vmalloc& vmalloc,
                                       const VmallocPart& part, u64 size) {
  using mm::err::kInval;
  const VmallocArea* const area = vmalloc.find_vm_area(part.address);
  if (area == nullptr) return fail(kInval, "no vmalloc area at this address");
  if ((area->flags & (kVmUserMap | kVmMap)) == 0) {
    vma.mm().env().probe.finding(
        "remap-vmalloc-not-user",
        "remap_vmalloc_range of memory that vmalloc_user() did not make: -EINVAL, because other "
        "vmalloc memory is not zeroed and not meant for programs");
    return fail(kInval, "the area is not VM_USERMAP: use vmalloc_user()");
  }
  const u64 skipped = host_value(part.address) - host_value(area->address);
  const u64 first = (skipped >> kPageShift) + part.pgoff;
  const u64 pages = size >> kPageShift;
  if (part.pgoff > area->frames.size() || first > area->frames.size() ||
      pages > area->frames.size() - first)
    return fail(kInval, "longer than the vmalloc area");
  return std::span(area->frames).subspan(first, pages);
}

}  // namespace

Result<void> remap_vmalloc_range_partial(mm::Vma& vma, u64 uaddr, Vmalloc& vmalloc,
                                         const VmallocPart& part) {
  const u64 size = (part.size_bytes + kPageSize - 1) & kPageMask;
  if (uaddr % kPageSize != 0 || host_value(part.address) % kPageSize != 0 || size < part.size_bytes)
    return fail(mm::err::kInval, "an address is not page aligned");
  const auto frames = VMSIM_TRY(frames_of(vma, vmalloc, part, size));
  for (const Pfn pfn : frames) {
    VMSIM_CHECK(mm::vm_insert_page(vma, uaddr, vma.mm().env().mem_map.page(pfn)));
    uaddr += kPageSize;
  }
  vma.__vm_flags |=
      vma.mm().rules().era26 ? mm::vm::kReserved26 : mm::vm::kDontExpand | mm::vm::kDontDump;
  return {};
}

Result<void> remap_vmalloc_range(mm::Vma& vma, Vmalloc& vmalloc, const void* address, u64 pgoff) {
  return remap_vmalloc_range_partial(vma, vma.vm_start, vmalloc,
                                     {address, pgoff, vma.vm_end - vma.vm_start});
}

}  // namespace vmsim::kern
