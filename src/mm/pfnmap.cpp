// SPDX-License-Identifier: MIT
// Frames without reference counts in user areas; see pfnmap.hpp.
#include "mm/pfnmap.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "mm/bug.hpp"
#include "mm/prot.hpp"

namespace vmsim::mm {

using mmu::Pte;
namespace vmf = vm_fault_code;

namespace {

/// x86-64 keeps 40 bits of a frame number; Linux drops the rest without a word.
constexpr u64 kPfnBits = (u64{1} << 40) - 1;

constexpr const char* kShared =
    "; Linux maps it all the same, and whoever gets the frame next shares it with the program";

/// Linux looks at no reference here; the frame is another owner's soon.
bool is_free_frame(const Env& env, Pfn pfn) {
  if (pfn >= env.mem_map.end() || env.mem_map.state(pfn).kind() != phys::PageKind::kFree) [[likely]]
    return false;
  return env.mem_map.pfn_valid(pfn) && env.zones.page_count(env.mem_map.page(pfn)) == 0;
}

/// One remap_pfn_range(): refusals, then what the area becomes, then the entries.
struct RemapState {
  Vma& vma;
  Env& env;
  u64 start;
  u64 end;
  Pfn pfn;
  u64 prot;

  Result<void> check(u64 size);
  void settle_cache_type();
  Result<void> mark_area();
  Result<void> map();
  Result<void> map_reserved_only();
  void note_freed() const;
};

Result<void> RemapState::check(u64 size) {
  if (start % kPageSize != 0) {
    env.probe.finding(
        "remap-unaligned",
        fmt::format("remap_pfn_range at {:#x}: the address is not page aligned", start));
    return fail(err::kInval, "the address is not page aligned");
  }
  if (size == 0 || end <= start) {
    return kernel_bug(
        env, "remap-empty",
        fmt::format("remap_pfn_range at {:#x}: size {:#x} is empty or wraps", start, size));
  }
  if (end > vma.mm().task_size) {
    env.probe.finding("remap-outside-user",
                      fmt::format("remap_pfn_range up to {:#x}: that is not user space", end));
    return fail(err::kInval, "beyond the end of user space");
  }
  if (start < vma.vm_start || end > vma.vm_end) {
    env.probe.finding(
        "remap-outside-vma",
        fmt::format(
            "remap_pfn_range [{:#x}, {:#x}) leaves its area [{:#x}, {:#x}); Linux maps it all the "
            "same, and munmap will not remove it",
            start, end, vma.vm_start, vma.vm_end));
  }
  if (pfn.value > kPfnBits) {
    env.probe.finding("pfn-truncated", fmt::format("remap_pfn_range with pfn {:#x}: more than 40 "
                                                   "bits; was a physical address meant? pfn is "
                                                   "address >> PAGE_SHIFT",
                                                   pfn.value));
    pfn = Pfn(pfn.value & kPfnBits);
  }
  return {};
}

Result<void> RemapState::mark_area() {
  if (vma.mm().rules().era26) {
    vma.__vm_flags |= vm::kIo | vm::kReserved26;
    return {};
  }
  if (vma.is_cow()) {
    if (start != vma.vm_start || end != vma.vm_end) {
      return fail(err::kInval, "a private mapping is remapped whole or not at all");
    }
    vma.vm_pgoff = pfn.value;  // so that copies can be told from the original
  }
  vma.__vm_flags |= vm::kIo | vm::kPfnMap | vm::kDontExpand | vm::kDontDump;
  return {};
}

void RemapState::settle_cache_type() {
  if (!vma.mm().rules().memtypes) return;
  const u64 wanted = prot & kCacheMask;
  const bool whole = start == vma.vm_start && end == vma.vm_end;
  u64 granted = 0;
  if (whole) {
    granted = env.memtypes.reserve(pfn, (end - start) >> kPageShift, wanted);
    vma.__vm_flags |= vm::kPat;
  } else {
    granted = env.memtypes.lookup(pfn);
  }
  if (granted != wanted && env.memtypes.is_ram(pfn)) {
    env.probe.finding(
        "pat-ram",
        fmt::format("remap_pfn_range of RAM pfn {:#x} with another cache type than write-back: "
                    "the entry is write-back",
                    pfn.value));
  }
  prot = (prot & ~kCacheMask) | granted;
}

/// RAM that nobody owns may be meant (/dev/mem); what a driver has just freed is not. The ends stand for the rest.
void RemapState::note_freed() const {
  const u64 last = pfn.value + ((end - start) >> kPageShift) - 1;
  for (const Pfn at : {pfn, Pfn(last)}) {
    if (!is_free_frame(env, at) || !env.zones.freed_by_driver(at)) continue;
    env.probe.finding("remap-freed-page", "remap_pfn_range of " + env.zones.free_page_text(at) + kShared);
    return;
  }
}

Result<void> RemapState::map() {
  const u64 flags = (prot & ~Pte::kPfnMask) | (vma.mm().rules().era26 ? 0 : Pte::kSpecial);
  mmu::Affected affected;
  const mmu::MapOutcome outcome =
      vma.mm().table().map_contiguous({VirtAddr(start), VirtAddr(end)}, pfn, flags, affected);
  env.probe.emit(EventKind::kPteRange, start, affected.pages_mapped, pfn.value,
                 Pte::make(pfn, flags).bits);
  switch (outcome.status) {
    case mmu::MapStatus::kOk:
      return {};
    case mmu::MapStatus::kNoMemory:
      vma.mm().zap_range(vma, {VirtAddr(start), outcome.at});
      return fail(err::kNoMem, "no frame for a page table");
    case mmu::MapStatus::kOccupied:
      return kernel_bug(env, "remap-twice",
                        fmt::format("remap_pfn_range over a page that is mapped already, at {:#x}",
                                    outcome.at.value));
    case mmu::MapStatus::kUnencodable:
      env.probe.finding(
          "pfn-unencodable",
          fmt::format("pfn {:#x} does not fit this machine's page tables", pfn.value));
      return fail(err::kInval, "the frame number does not fit the page tables");
  }
  return {};
}

/// 2.6: frames of RAM that are not reserved get no entry; touching them later shows zeroes.
Result<void> RemapState::map_reserved_only() {
  u64 skipped = 0;
  for (u64 va = start; va < end; va += kPageSize, pfn = pfn + 1) {
    if (!vma.mm().table().get(VirtAddr(va)).none()) {
      return kernel_bug(
          env, "remap-twice",
          fmt::format("remap_pfn_range over a page that is mapped already, at {:#x}", va));
    }
    if (env.mem_map.pfn_valid(pfn) && !phys::is_reserved(env.mem_map.page(pfn))) {
      ++skipped;
      continue;
    }
    if (!vma.mm().table().set(VirtAddr(va), Pte::make(pfn, prot & ~Pte::kPfnMask)))
      return fail(err::kNoMem);
    env.probe.emit(EventKind::kPteSet, va, pfn.value, prot);
  }
  if (skipped != 0) {
    env.probe.finding(
        "remap-unreserved-ram",
        fmt::format(
            "remap_pfn_range of {} pages of RAM that are not reserved: this kernel shows the zero "
            "page instead (SetPageReserved, or a nopage handler, is the way)",
            skipped));
  }
  return {};
}

}  // namespace

Result<void> remap_pfn_range(Vma& vma, u64 addr, Pfn pfn, u64 size, u64 prot) {
  RemapState state{vma, vma.mm().env(), addr, addr + ((size + kPageSize - 1) & kPageMask), pfn,
                   prot};
  VMSIM_CHECK(state.check(size));
  VMSIM_CHECK(state.mark_area());
  if (vma.mm().rules().era26) return state.map_reserved_only();
  state.settle_cache_type();
  state.note_freed();
  return state.map();
}

Result<void> vm_iomap_memory(Vma& vma, PhysAddr start, u64 len) {
  if (start.value + len < start.value) return fail(err::kInval, "the physical range wraps");
  const u64 bytes = len + start.page_offset();
  const Pfn first(start);
  const u64 pages = (bytes + kPageSize - 1) >> kPageShift;
  if (first.value + pages < first.value) return fail(err::kInval, "the physical range wraps");
  if (vma.vm_pgoff > pages) return fail(err::kInval, "the offset lies beyond the device's memory");
  if (vma.pages() > pages - vma.vm_pgoff)
    return fail(err::kInval, "the mapping is larger than the device's memory");
  return remap_pfn_range(vma, vma.vm_start, first + vma.vm_pgoff, vma.vm_end - vma.vm_start,
                         vma.vm_page_prot.pgprot);
}

namespace {

/// Stores an entry for a frame that is not counted. An entry that is there already stays.
Result<u32> insert_special(Vma& vma, u64 addr, Pfn pfn, u64 prot) {
  Env& env = vma.mm().env();
  if (addr < vma.vm_start || addr >= vma.vm_end) return u32{vmf::kSigBus};
  if (vma.mm().rules().memtypes) prot = (prot & ~kCacheMask) | env.memtypes.lookup(pfn);
  const VirtAddr va(addr & kPageMask);
  const Pte pte = Pte::make(Pfn(pfn.value & kPfnBits), (prot & ~Pte::kPfnMask) | Pte::kSpecial);
  mmu::PageTable::Cursor cursor(vma.mm().table(), va);
  if (!cursor.get().none()) return u32{vmf::kNoPage};
  if (is_free_frame(env, pfn)) [[unlikely]]
    env.probe.finding("insert-pfn-free", "vmf_insert_pfn of " + env.zones.free_page_text(pfn) + kShared);
  if (!vma.mm().table().encodable(pte)) {
    env.probe.finding("pfn-unencodable",
                      fmt::format("pfn {:#x} does not fit this machine's page tables", pfn.value));
    return u32{vmf::kSigBus};
  }
  if (!cursor.map(pte)) return u32{vmf::kOom};
  env.probe.emit(EventKind::kPteSet, va.value, pte.pfn().value, pte.bits);
  return u32{vmf::kNoPage};
}

}  // namespace

Result<u32> vmf_insert_pfn_prot(Vma& vma, u64 addr, Pfn pfn, u64 prot) {
  Env& env = vma.mm().env();
  const bool pfn_map = vma.has(vm::kPfnMap);
  const bool mixed = vma.has(vm::kMixedMap);
  if (!pfn_map && !mixed) {
    return kernel_bug(env, "insert-pfn-flags",
                      "vmf_insert_pfn into an area with neither VM_PFNMAP nor VM_MIXEDMAP");
  }
  if (pfn_map && mixed)
    return kernel_bug(env, "insert-pfn-flags",
                      "vmf_insert_pfn into an area that is both VM_PFNMAP and VM_MIXEDMAP");
  if (pfn_map && vma.is_cow()) {
    return kernel_bug(env, "insert-pfn-private",
                      "vmf_insert_pfn into a private (copy-on-write) VM_PFNMAP area");
  }
  if (mixed && env.mem_map.pfn_valid(pfn)) {
    return kernel_bug(env, "insert-pfn-mixed-ram", "vmf_insert_pfn of RAM into a VM_MIXEDMAP area");
  }
  return insert_special(vma, addr, pfn, prot);
}

Result<u32> vmf_insert_mixed(Vma& vma, u64 addr, Pfn pfn, bool is_device_pfn) {
  const bool allowed = vma.has(vm::kMixedMap) || is_device_pfn || pfn == vma.mm().env().zero_pfn();
  if (!allowed) return u32{vmf::kSigBus};
  return insert_special(vma, addr, pfn, vma.vm_page_prot.pgprot);
}

void zap_vma_ptes(Vma& vma, u64 addr, u64 size) {
  if (addr < vma.vm_start || addr + size > vma.vm_end || addr + size < addr ||
      !vma.has(vm::kPfnMap))
    return;
  if (size == 0) return;
  vma.mm().zap_range(
      vma, {VirtAddr(addr & kPageMask), VirtAddr((addr + size + kPageSize - 1) & kPageMask)});
}

void unmap_mapping_range(Env&, ::address_space& mapping, u64 start, u64 len, Mm::Cows cows) {
  const u64 first = start >> kPageShift;
  u64 pages = (len + kPageSize - 1) >> kPageShift;
  if (len == 0 || first + pages < first) pages = ~u64{0} - first;
  for (vfs::MappingLink& link : vfs::Inode::of(&mapping)->areas()) {
    Vma& vma = static_cast<Vma&>(link);
    const u64 low = std::max<u64>(first, vma.vm_pgoff);
    const u64 high = std::min<u64>(first + pages, vma.vm_pgoff + vma.pages());
    if (low >= high) continue;
    const u64 from = vma.vm_start + ((low - vma.vm_pgoff) << kPageShift);
    vma.mm().zap_range(vma, {VirtAddr(from), VirtAddr(from + ((high - low) << kPageShift))}, cows);
  }
}

}  // namespace vmsim::mm
