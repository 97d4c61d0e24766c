// SPDX-License-Identifier: MIT
// linux/vmalloc.h. Counterpart: mm/vmalloc.c. No logic: kern/vmalloc has it; remap_vmalloc_range is
// in mm.cpp. Called by drivers through the export table.
#include "kern/vmalloc.hpp"

#include "vmsim/kapi/vmsim/pgtable_types.h"

#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

using Ulong = unsigned long;

kern::Vmalloc& areas() {
  return *memory().vmalloc;
}

void* allocate(Ulong size, vmsim_gfp_t gfp, u32 flags, const void* return_address) {
  const u32 owner = caller_tag(return_address);
  return core([&] { return areas().allocate({size, gfp, flags, owner}); }, return_address);
}

constexpr vmsim_gfp_t kZeroed = vmsim_gfp_t{VMSIM_GFP_KERNEL} | VMSIM_GFP_BIT_ZERO;
constexpr vmsim_gfp_t kLow = VMSIM_GFP_BIT_DMA32;

void* vmalloc(Ulong size) {
  return allocate(size, VMSIM_GFP_KERNEL, kern::kVmAlloc, __builtin_return_address(0));
}

void* vmalloc_node(Ulong size, int) {
  return allocate(size, VMSIM_GFP_KERNEL, kern::kVmAlloc, __builtin_return_address(0));
}

void* vzalloc(Ulong size) {
  return allocate(size, kZeroed, kern::kVmAlloc, __builtin_return_address(0));
}

void* vmalloc_user(Ulong size) {
  return allocate(size, kZeroed, kern::kVmAlloc | kern::kVmUserMap, __builtin_return_address(0));
}

void* vmalloc_32(Ulong size) {
  return allocate(size, VMSIM_GFP_KERNEL | kLow, kern::kVmAlloc, __builtin_return_address(0));
}

void* vmalloc_32_user(Ulong size) {
  return allocate(size, kZeroed | kLow, kern::kVmAlloc | kern::kVmUserMap,
                  __builtin_return_address(0));
}

void* vmalloc_gfp(Ulong size, vmsim_gfp_t gfp) {
  return allocate(size, gfp, kern::kVmAlloc, __builtin_return_address(0));
}

void vfree(const void* addr) {
  core([&] {
    const kern::VmallocArea* const area = areas().find_vm_area(addr);
    if (area != nullptr) {
      kernel().leftovers->memory_freed(area->address, area->size_bytes);
      kernel().containers->indexes.memory_freed(area->address, area->size_bytes);
    }
    areas().vfree(addr);
  });
}

void* vmap(::page** pages, unsigned count, Ulong flags, vmsim_pgprot_t) {
  const u32 owner = caller_tag(__builtin_return_address(0));
  touch_range(pages, u64{count} * sizeof(pages[0]));
  for (unsigned i = 0; i < count; ++i)
    if (!page_ok(pages[i], "vmap")) return nullptr;
  constexpr u32 kKept = kern::kVmMap | kern::kVmUserMap;
  return core([&] {
    return areas().vmap({pages, count}, kern::kVmMap | (static_cast<u32>(flags) & kKept), owner);
  });
}

void vunmap(const void* addr) {
  core([&] { areas().vunmap(addr); });
}

::page* vmalloc_to_page(const void* addr) {
  return core([&] { return areas().vmalloc_to_page(addr); });
}

/// Linux makes a number even of no page.
Ulong vmalloc_to_pfn(const void* addr) {
  return core([&]() -> Ulong {
    const auto pfn = areas().vmalloc_to_pfn(addr);
    return pfn ? pfn->value : 0;
  });
}

bool is_vmalloc_addr(const void* addr) {
  return areas().is_vmalloc_addr(addr);
}

}  // namespace

std::span<const Export> vmalloc_exports() {
  static const Export table[] = {
      exported("vmalloc", &vmalloc),
      exported("vmalloc_32", &vmalloc_32),
      exported("vfree", &vfree),
      exported("vmap", &vmap),
      exported("vunmap", &vunmap),
      exported("vmalloc_to_page", &vmalloc_to_page),
      exported("vmalloc_to_pfn", &vmalloc_to_pfn),
      exported("vmalloc_user", &vmalloc_user, kernel(2, 6, 18)),
      exported("vmalloc_32_user", &vmalloc_32_user, kernel(2, 6, 18)),
      exported("vzalloc", &vzalloc, kernel(2, 6, 38)),
      exported("vmalloc_node", &vmalloc_node, kernel(2, 6, 38)),
      exported("vmsim_vmalloc_gfp", &vmalloc_gfp, 0, kernel(5, 8)),
      exported("__vmalloc", &vmalloc_gfp, kernel(5, 8)),
      exported("is_vmalloc_addr", &is_vmalloc_addr, kernel(2, 6, 25)),
  };
  return table;
}

}  // namespace vmsim::abi
