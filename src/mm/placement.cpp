// SPDX-License-Identifier: MIT
// Where a mapping goes. Counterpart: get_unmapped_area() of mm/mmap.c and arch/x86/kernel/sys_x86_64.c.
// Leaves out randomisation, the 32-bit compat layout and huge-page alignment of files. Part of Mm.
#include "mm/driver_ops.hpp"
#include "mm/mm.hpp"

namespace vmsim::mm {

namespace {
constexpr u64 kHugeAlign = u64{2} << 20;

/// Hints below mmap_min_addr move up to it; 0 stays "anywhere".
u64 round_hint_to_min(u64 hint, u64 min_addr) {
  hint &= kPageMask;
  return hint != 0 && hint < min_addr ? (min_addr + kPageSize - 1) & kPageMask : hint;
}
}  // namespace

Result<u64> Mm::default_unmapped_area(u64 addr, u64 len, u32 flags) const {
  if (len > task_size) return fail(err::kNoMem, "longer than the address space");
  if ((flags & map::kFixed) != 0) return addr;
  if (addr != 0) {
    const u64 hint = (addr + kPageSize - 1) & kPageMask;
    const Vma* const next = vmas_.find(hint);
    const Vma* const prev = vmas_.find_prev(hint);
    const bool above_prev = !prev || hint >= prev->vm_end;
    const bool below_next = !next || hint + len <= VmaTraits::gap_start(*next);
    if (hint <= task_size - len && hint >= env_.config.mmap_min_addr && above_prev && below_next) return hint;
  }
  GapRequest request;
  request.size = len;
  if (rules().topdown) {
    request.low = env_.config.mmap_min_addr > kPageSize ? env_.config.mmap_min_addr : kPageSize;
    request.high = mmap_base;
    if (const auto found = vmas_.find_gap_topdown(request)) return *found;
  }
  request.low = rules().topdown ? (task_size / 3 + kPageSize - 1) & kPageMask : mmap_base;
  request.high = task_size;
  if (const auto found = vmas_.find_gap_bottomup(request)) return *found;
  return fail(err::kNoMem, "no gap is large enough");
}

Result<u64> Mm::get_unmapped_area(vfs::File* file, u64 addr, u64 len, u64 pgoff, u32 flags) {
  if (len > task_size) return fail(err::kNoMem, "longer than the address space");
  if ((flags & map::kFixed) == 0) addr = round_hint_to_min(addr, env_.config.mmap_min_addr);
  u64 place = 0;
  if (file && file->f_op && file->f_op->get_unmapped_area) {
    MmapRequest request{addr, len, 0, flags, file, pgoff << kPageShift};
    place = VMSIM_TRY(driver_ops::get_unmapped_area(*file, request));
  } else if (!file && rules().align_anon_2m && len % kHugeAlign == 0 && (flags & map::kFixed) == 0 && addr == 0) {
    // Room for a huge page's alignment on top; where that is too much, an unaligned place will do.
    if (const auto padded = default_unmapped_area(0, len + kHugeAlign, flags)) {
      const u64 up = (kHugeAlign - (*padded & (kHugeAlign - 1))) & (kHugeAlign - 1);
      place = *padded + (up == 0 ? kHugeAlign : up);
    } else {
      place = VMSIM_TRY(default_unmapped_area(0, len, flags));
    }
  } else {
    place = VMSIM_TRY(default_unmapped_area(addr, len, flags));
  }
  if (place > task_size - len) return fail(err::kNoMem, "beyond the end of user space");
  if (place % kPageSize != 0) return fail(err::kInval, "the address is not page aligned");
  return place;
}

}  // namespace vmsim::mm
