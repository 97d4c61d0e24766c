// SPDX-License-Identifier: MIT
// linux/mm.h, first half: putting frames into areas and taking them out. Counterpart: the exported
// part of mm/memory.c. No logic: mm/pfnmap has it. Called by drivers through the export table.
#include "abi/abi.hpp"
#include "kern/user_pages.hpp"
#include "kern/vmalloc_map.hpp"
#include "mm/pfnmap.hpp"

namespace vmsim::abi {

namespace {

using mm::noted;
using mm::Vma;
using Ulong = unsigned long;
namespace vmf = mm::vm_fault_code;

/// pfn_t of [4.5, 6.17): a frame number with flags in the top bits.
struct FlaggedPfn {
  u64 val;

  static constexpr u64 kFlags = u64{0xfff} << 52;
  static constexpr u64 kDevice = u64{1} << 61, kMapped = u64{1} << 60, kSpecial = u64{1} << 59;

  Pfn pfn() const { return Pfn(val & ~kFlags); }

  bool device() const {
    return (val & (kDevice | kMapped)) == (kDevice | kMapped) || (val & kSpecial) != 0;
  }
};

/// The area behind a driver's pointer, looked at in the driver's context.
#define VMSIM_AREA_OF(vma) (touch(vma), touch((vma)->vm_mm), Vma::of(vma))

int remap_pfn_range(vm_area_struct* vma, Ulong addr, Ulong pfn, Ulong size, vmsim_pgprot_t prot) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return finish_int([&] {
    return noted(*area, "remap_pfn_range",
                 mm::remap_pfn_range(*area, addr, Pfn(pfn), size, prot.pgprot));
  });
}

int remap_page_range(vm_area_struct* vma, Ulong from, Ulong to, Ulong size, vmsim_pgprot_t prot) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return finish_int([&] {
    return noted(*area, "remap_page_range",
                 mm::remap_pfn_range(*area, from, Pfn(PhysAddr(to)), size, prot.pgprot));
  });
}

/// [, 2.5.3): the area is not among the arguments.
int remap_page_range_24(Ulong from, Ulong to, Ulong size, vmsim_pgprot_t prot) {
  mm_struct* const mm = sched::current_task().mm;
  if (mm == nullptr) return -mm::err::kNoMem;
  return finish_int(
      [&] { return mm::remap_page_range(*mm::Mm::of(mm), from, PhysAddr(to), size, prot.pgprot); });
}

int vm_iomap_memory(vm_area_struct* vma, vmsim_phys_addr_t start, Ulong len) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return finish_int([&] {
    return noted(*area, "vm_iomap_memory", mm::vm_iomap_memory(*area, PhysAddr(start), len));
  });
}

int vm_insert_page(vm_area_struct* vma, Ulong addr, ::page* page) {
  Vma* const area = VMSIM_AREA_OF(vma);
  touch(page);
  return finish_int(
      [&] { return noted(*area, "vm_insert_page", mm::vm_insert_page(*area, addr, page)); });
}

int vm_insert_pages(vm_area_struct* vma, Ulong addr, ::page** pages, Ulong* num) {
  Vma* const area = VMSIM_AREA_OF(vma);
  touch(num);
  const Ulong count = *num;
  touch_range(pages, count * sizeof(pages[0]));
  u64 left = count;
  const int code = finish_int([&] {
    return noted(*area, "vm_insert_pages", mm::vm_insert_pages(*area, addr, {pages, count}, left));
  });
  *num = left;
  return code;
}

int map_pages(vm_area_struct* vma, ::page** pages, Ulong num, mm::Offset offset, Caller caller) {
  Vma* const area = VMSIM_AREA_OF(vma);
  touch_range(pages, num * sizeof(pages[0]));
  return finish_int(
      [&] { return noted(*area, "vm_map_pages", mm::vm_map_pages(*area, {pages, num}, offset)); },
      caller);
}

int vm_map_pages(vm_area_struct* vma, ::page** pages, Ulong num) {
  return map_pages(vma, pages, num, mm::Offset::kVmPgoff, VMSIM_ABI_CALLER);
}

int vm_map_pages_zero(vm_area_struct* vma, ::page** pages, Ulong num) {
  return map_pages(vma, pages, num, mm::Offset::kZero, VMSIM_ABI_CALLER);
}

vmsim_fault_t vmf_insert_pfn_prot(vm_area_struct* vma, Ulong addr, Ulong pfn, vmsim_pgprot_t prot) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return static_cast<vmsim_fault_t>(
      finish([&] { return mm::vmf_insert_pfn_prot(*area, addr, Pfn(pfn), prot.pgprot); }));
}

vmsim_fault_t vmf_insert_pfn(vm_area_struct* vma, Ulong addr, Ulong pfn) {
  Vma* const area = VMSIM_AREA_OF(vma);
  const u64 prot = vma->vm_page_prot.pgprot;
  return static_cast<vmsim_fault_t>(
      finish([&] { return mm::vmf_insert_pfn_prot(*area, addr, Pfn(pfn), prot); }));
}

vmsim_fault_t vmf_insert_mixed(vm_area_struct* vma, Ulong addr, FlaggedPfn pfn) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return static_cast<vmsim_fault_t>(
      finish([&] { return mm::vmf_insert_mixed(*area, addr, pfn.pfn(), pfn.device()); }));
}

vmsim_fault_t vmf_insert_mixed_plain(vm_area_struct* vma, Ulong addr, Ulong pfn) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return static_cast<vmsim_fault_t>(
      finish([&] { return mm::vmf_insert_mixed(*area, addr, Pfn(pfn), false); }));
}

vmsim_fault_t vmf_insert_mixed_mkwrite(vm_area_struct* vma, Ulong addr, FlaggedPfn pfn) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return static_cast<vmsim_fault_t>(
      finish([&] { return kern::insert_mixed_writable(*area, addr, pfn.pfn(), pfn.device()); }));
}

/// Differs: large entries are not modelled; the driver is told to fall back to small ones.
vmsim_fault_t vmf_insert_pfn_huge(::vm_fault*, FlaggedPfn, bool) {
  return vmf::kFallback;
}

vmsim_fault_t vmf_error(int err) {
  return err == -mm::err::kNoMem ? vmf::kOom : vmf::kSigBus;
}

int vm_insert_pfn_prot(vm_area_struct* vma, Ulong addr, Ulong pfn, vmsim_pgprot_t prot) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return finish_int([&] {
    return noted(*area, "vm_insert_pfn_prot", kern::insert_errno(*area, addr, [&] {
                   return mm::vmf_insert_pfn_prot(*area, addr, Pfn(pfn), prot.pgprot);
                 }));
  });
}

int vm_insert_pfn(vm_area_struct* vma, Ulong addr, Ulong pfn) {
  Vma* const area = VMSIM_AREA_OF(vma);
  const u64 prot = vma->vm_page_prot.pgprot;
  return finish_int([&] {
    return noted(*area, "vm_insert_pfn", kern::insert_errno(*area, addr, [&] {
                   return mm::vmf_insert_pfn_prot(*area, addr, Pfn(pfn), prot);
                 }));
  });
}

int vm_insert_mixed(vm_area_struct* vma, Ulong addr, FlaggedPfn pfn) {
  Vma* const area = VMSIM_AREA_OF(vma);
  if ((vma->vm_flags & mm::vm::kMixedMap) == 0)
    leave_by_bug("kernel BUG: vm_insert_mixed into an area without VM_MIXEDMAP", VMSIM_ABI_CALLER);
  return finish_int([&] {
    return noted(*area, "vm_insert_mixed", kern::insert_errno(*area, addr, [&] {
                   return mm::vmf_insert_mixed(*area, addr, pfn.pfn(), pfn.device());
                 }));
  });
}

int zap_vma_ptes(vm_area_struct* vma, Ulong addr, Ulong size) {
  Vma* const area = VMSIM_AREA_OF(vma);
  if (addr < vma->vm_start || addr + size > vma->vm_end || addr + size < addr ||
      (vma->vm_flags & mm::vm::kPfnMap) == 0)
    return -1;
  core([&] { mm::zap_vma_ptes(*area, addr, size); });
  return 0;
}

/// A mapping that vmsim made; drivers may embed their own, which no area can map.
bool mapping_ok(const ::address_space* mapping, const char* call,
                const void* caller = __builtin_return_address(0)) {
  touch(mapping);
  if (mapping->host == nullptr) return false;
  touch(mapping->host);
  if (&mapping->host->i_data == mapping) return true;
  core([&] {
    kernel().probe.finding("unmap-foreign-mapping",
                           std::string(call) + " of an address_space that no inode owns");
  }, caller);
  return false;
}

void unmap_mapping_range(::address_space* mapping, vmsim_loff_t start, vmsim_loff_t len,
                         int even_cows) {
  if (!mapping_ok(mapping, "unmap_mapping_range")) return;
  core([&] {
    mm::unmap_mapping_range(*memory().env, *mapping, static_cast<u64>(start), static_cast<u64>(len),
                            even_cows != 0 ? mm::Mm::Cows::kZapToo : mm::Mm::Cows::kKeep);
  });
}

void unmap_mapping_pages(::address_space* mapping, Ulong start, Ulong count, bool even_cows) {
  if (!mapping_ok(mapping, "unmap_mapping_pages")) return;
  // Counts that no byte offset can express mean: to the end.
  const u64 bytes = count > (~u64{0} >> kPageShift) ? 0 : count << kPageShift;
  core([&] {
    mm::unmap_mapping_range(*memory().env, *mapping, start << kPageShift, bytes,
                            even_cows ? mm::Mm::Cows::kZapToo : mm::Mm::Cows::kKeep);
  });
}

int remap_vmalloc_range(vm_area_struct* vma, void* addr, Ulong pgoff) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return finish_int(
      [&] {
        return noted(*area, "remap_vmalloc_range",
                     kern::remap_vmalloc_range(*area, *memory().vmalloc, addr, pgoff));
      });
}

int remap_vmalloc_range_partial(vm_area_struct* vma, Ulong uaddr, void* kaddr, Ulong pgoff,
                                Ulong size) {
  Vma* const area = VMSIM_AREA_OF(vma);
  return finish_int([&] {
    return noted(*area, "remap_vmalloc_range_partial",
                 kern::remap_vmalloc_range_partial(*area, uaddr, *memory().vmalloc,
                                                   {kaddr, pgoff, size}));
  });
}

}  // namespace

std::span<const Export> mm_exports() {
  static const Export table[] = {
      exported("remap_pfn_range", &remap_pfn_range, kernel(2, 6, 10)),
      exported("remap_page_range", &remap_page_range_24, 0, kernel(2, 5, 3)),
      exported("remap_page_range", &remap_page_range, kernel(2, 5, 3), kernel(2, 6, 12)),
      exported("io_remap_page_range", &remap_page_range, kernel(2, 5, 3), kernel(2, 6, 12)),
      exported("io_remap_pfn_range", &remap_pfn_range, kernel(2, 6, 12)),
      exported("vm_insert_page", &vm_insert_page, kernel(2, 6, 15)),
      exported("vm_insert_pfn", &vm_insert_pfn, kernel(2, 6, 20), kernel(4, 20)),
      exported("vm_insert_pfn_prot", &vm_insert_pfn_prot, kernel(4, 4), kernel(4, 20)),
      // Before 4.5 the frame number came without flags, in the same register.
      exported("vm_insert_mixed", &vm_insert_mixed, kernel(2, 6, 26), kernel(4, 20)),
      exported("vm_iomap_memory", &vm_iomap_memory, kernel(3, 9)),
      exported("vmf_insert_pfn", &vmf_insert_pfn, kernel(4, 17)),
      exported("vmf_insert_pfn_prot", &vmf_insert_pfn_prot, kernel(4, 20)),
      exported("vmf_insert_mixed", &vmf_insert_mixed, kernel(4, 17), kernel(6, 17)),
      exported("vmf_insert_mixed", &vmf_insert_mixed_plain, kernel(6, 17)),
      exported("vmf_insert_mixed_mkwrite", &vmf_insert_mixed_mkwrite, kernel(4, 18), kernel(6, 17)),
      exported("vmf_insert_pfn_pmd", &vmf_insert_pfn_huge, kernel(5, 3), kernel(6, 17)),
      exported("vmf_insert_pfn_pud", &vmf_insert_pfn_huge, kernel(5, 3), kernel(6, 17)),
      exported("vmf_error", &vmf_error, kernel(4, 18)),
      exported("vm_map_pages", &vm_map_pages, kernel(5, 2)),
      exported("vm_map_pages_zero", &vm_map_pages_zero, kernel(5, 2)),
      exported("vm_insert_pages", &vm_insert_pages, kernel(5, 8)),
      exported("zap_vma_ptes", &zap_vma_ptes, kernel(2, 6, 27)),
      exported("unmap_mapping_range", &unmap_mapping_range),
      exported("unmap_mapping_pages", &unmap_mapping_pages, kernel(4, 16)),
      exported("remap_vmalloc_range", &remap_vmalloc_range, kernel(2, 6, 18)),
      exported("remap_vmalloc_range_partial", &remap_vmalloc_range_partial, kernel(3, 10)),
  };
  return table;
}

}  // namespace vmsim::abi
