// SPDX-License-Identifier: MIT
// Classification of kernel pointers and the conversions of logical addresses; see
// kernel_memory.hpp. Counterpart: asm/page.h and arch/x86/mm/physaddr.c with CONFIG_DEBUG_VIRTUAL.
#include "kern/kernel_memory.hpp"

#include <sys/mman.h>

#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

constexpr u64 kMaxErrno = 4095;

/// The call that does for this kind of address what virt_to_page does for a logical one.
const char* page_advice(AddressKind kind) {
  switch (kind) {
    case AddressKind::kVmalloc:
      return "vmalloc_to_page() is the call for it";
    case AddressKind::kKmap:
      return "kmap_to_page() is the call for it, or the page that was kmapped";
    case AddressKind::kIoremap:
      return "device memory has no struct page; remap_pfn_range() takes the physical address";
    case AddressKind::kUser:
      return "get_user_pages() is the call for user memory";
    case AddressKind::kImage:
      return "a module lies in vmalloc space: vmalloc_to_page() is the call for its data";
    case AddressKind::kMemMap:
      return "this is a struct page already";
    default:
      return "only kmalloc'ed memory and pages in low memory have logical addresses";
  }
}

/// Simulated user addresses lie where the host has nothing, as a rule.
bool host_has(const void* p) {
#if defined(__SANITIZE_THREAD__)
  // Its shadow is mapped nearly everywhere.
  return p == nullptr;
#else
  unsigned char resident;
  void* const page = reinterpret_cast<void*>(host_value(p) & kPageMask);
  return ::mincore(page, 1, &resident) == 0;
#endif
}

}  // namespace

const char* address_kind_name(AddressKind kind) {
  switch (kind) {
    case AddressKind::kNull:
      return "null page";
    case AddressKind::kErrPtr:
      return "error pointer";
    case AddressKind::kLogical:
      return "logical address";
    case AddressKind::kVmalloc:
      return "vmalloc address";
    case AddressKind::kKmap:
      return "kmap address";
    case AddressKind::kIoremap:
      return "ioremap cookie";
    case AddressKind::kImage:
      return "driver image";
    case AddressKind::kMemMap:
      return "struct page";
    case AddressKind::kStack:
      return "local variable";
    case AddressKind::kCore:
      return "kernel object";
    case AddressKind::kUser:
      return "user-space address";
    case AddressKind::kUnknown:
      return "unknown address";
  }
  return "?";
}

KernelMemory::KernelMemory(const Parts& parts, KernelAddr page_offset)
    : parts_(parts), page_offset_(page_offset) {
  parts_.slab.set_describer(this);
  parts_.vmalloc.set_describer(this);
  parts_.kmap.set_describer(this);
  parts_.ioremap.set_describer(this);
}

KernelMemory::~KernelMemory() {
  parts_.slab.set_describer(nullptr);
  parts_.vmalloc.set_describer(nullptr);
  parts_.kmap.set_describer(nullptr);
  parts_.ioremap.set_describer(nullptr);
}

// ---- Classification ----

u64 KernelMemory::printed(const void* p) const {
  if (is_logical(p)) return (page_offset_ + physical_of_logical(p).value).value;
  if (parts_.vmalloc.is_vmalloc_addr(p)) return parts_.vmalloc.window().nominal(p).value;
  if (parts_.kmap.is_kmap_addr(p)) return parts_.kmap.window()->nominal(p).value;
  if (parts_.ioremap.is_cookie(p)) return parts_.ioremap.window().nominal(p).value;
  if (images_.printed)
    if (const u64 nominal = images_.printed(host_value(p)); nominal != 0) return nominal;
  return host_value(p);
}

Where KernelMemory::what_is(const void* p) const {
  if (is_logical(p)) return logical(p);
  if (parts_.vmalloc.is_vmalloc_addr(p)) return in_vmalloc(p);
  if (parts_.kmap.is_kmap_addr(p)) return in_kmap(p);
  if (parts_.ioremap.is_cookie(p)) return in_ioremap(p);
  return elsewhere(p);
}

Where KernelMemory::logical(const void* p) const {
  Where where{AddressKind::kLogical, printed(p), physical_of_logical(p), {}};
  where.text = "logical address " + hex_text(where.printed) + " (physical " +
               hex_text(where.physical->value) + ", ";
  const Pfn pfn(*where.physical);
  if (const std::optional<std::string> object = parts_.slab.describe_object(p)) {
    where.text += *object;
  } else if (!parts_.mem_map.pfn_valid(pfn)) {
    where.text += "no RAM of the kernel there";
  } else {
    where.text +=
        "page of kind " + std::string(phys::page_kind_name(parts_.mem_map.state(pfn).kind()));
  }
  where.text += ")";
  return where;
}

Where KernelMemory::in_vmalloc(const void* p) const {
  Where where{AddressKind::kVmalloc, printed(p), std::nullopt,
              "vmalloc address " + hex_text(printed(p))};
  if (const VmallocArea* const area = parts_.vmalloc.find_vm_area(p)) {
    const u64 offset = host_value(p) - host_value(area->address);
    where.physical = area->frames[offset >> kPageShift].addr() + (offset & ~kPageMask);
    where.text += ", " + count_text(offset, "byte") + " into an area of " +
                  count_text(area->requested_bytes, "byte") + " (physical " +
                  hex_text(where.physical->value) + ")";
  } else if (parts_.vmalloc.was_freed(p)) {
    where.text += ", in an area that was freed";
    const std::string place = parts_.probe.places().of_call(parts_.vmalloc.freed_by(p));
    if (!place.empty()) where.text += " at " + place;
  } else if (parts_.vmalloc.find_vm_area(static_cast<const std::byte*>(p) - kPageSize) != nullptr) {
    where.text += ", in the guard page behind an area";
  } else {
    where.text += ", where no area is";
  }
  return where;
}

Where KernelMemory::in_kmap(const void* p) const {
  Where where{AddressKind::kKmap, printed(p), std::nullopt, "kmap address " + hex_text(printed(p))};
  if (const std::optional<Pfn> pfn = parts_.kmap.mapped_at(p)) {
    where.physical = pfn->addr() + (host_value(p) & ~kPageMask);
    where.text += " of page frame " + hex_text(pfn->value);
  } else {
    where.text += ", where nothing is mapped (after kunmap, or beyond a page)";
  }
  return where;
}

Where KernelMemory::in_ioremap(const void* p) const {
  Where where{AddressKind::kIoremap, printed(p), parts_.ioremap.physical_of(p),
              "ioremap cookie " + hex_text(printed(p))};
  where.text += where.physical ? " for physical " + hex_text(where.physical->value) +
                                     "; it is for readl() and writel(), not to be dereferenced"
                               : ", which is not mapped (after iounmap, or beyond the area)";
  return where;
}

Where KernelMemory::elsewhere(const void* p) const {
  const u64 value = host_value(p);
  if (value < kPageSize)
    return {AddressKind::kNull, value, std::nullopt,
            value == 0    ? "NULL"
            : value == 16 ? "ZERO_SIZE_PTR (kmalloc of 0 bytes)"
                          : "NULL + " + hex_text(value)};
  if (value >= ~u64{0} - kMaxErrno + 1)
    return {AddressKind::kErrPtr, value, std::nullopt,
            "error pointer ERR_PTR(-" + errno_name(static_cast<int>(~value + 1)) + ")"};
  const u64 in_mem_map = value - host_value(parts_.mem_map.base());
  if (in_mem_map < parts_.mem_map.end().value * sizeof(phys::Page))
    return {AddressKind::kMemMap, value, std::nullopt,
            "struct page of frame " + hex_text(in_mem_map / sizeof(phys::Page))};
  if (images_.describe)
    if (std::string image = images_.describe(value); !image.empty())
      return {AddressKind::kImage, printed(p), std::nullopt, std::move(image)};
  if (sched::DriverCall::on_stack(p))
    return {AddressKind::kStack, value, std::nullopt, "a local variable (kernel stack)"};
  if (host_has(p))
    return {AddressKind::kCore, value, std::nullopt,
            "memory of the kernel that no driver allocated (a file, an area, a task, its stack)"};
  for (const VirtRange& range : user_ranges_)
    if (range.contains(VirtAddr(value)))
      return {AddressKind::kUser, value, std::nullopt,
              "user-space address " + hex_text(value) +
                  "; copy_from_user() and copy_to_user() go there"};
  return {AddressKind::kUnknown, value, std::nullopt,
          "an address that is neither the kernel's nor a program's (garbage)"};
}

// ---- Logical addresses ----

bool KernelMemory::virt_addr_valid(const void* p) const {
  return is_logical(p) && parts_.mem_map.pfn_valid(Pfn(physical_of_logical(p)));
}

phys::Page* KernelMemory::virt_to_page(const void* p) {
  if (virt_addr_valid(p)) [[likely]]
    return parts_.mem_map.page(Pfn(physical_of_logical(p)));
  const Where where = what_is(p);
  parts_.probe.finding("virt-to-page-not-logical",
                       "virt_to_page of " + where.text + ": " + page_advice(where.kind) +
                           ". Linux computes a wild struct page pointer");
  return nullptr;
}

u64 KernelMemory::pa(const void* p) {
  if (is_logical(p)) [[likely]]
    return physical_of_logical(p).value;
  const Where where = what_is(p);
  parts_.probe.finding("pa-not-logical",
                       "__pa or virt_to_phys of " + where.text +
                           ": only logical addresses lie a constant away from physical ones; " +
                           page_advice(where.kind));
  return where.printed - page_offset_.value;
}

void* KernelMemory::va(PhysAddr physical) {
  if (std::byte* const direct = parts_.ram.direct(physical)) [[likely]]
    return direct;
  const bool high = physical.value < parts_.ram.size_bytes();
  parts_.probe.finding("va-not-low-memory",
                       "__va or phys_to_virt of physical " + hex_text(physical.value) + ": " +
                           (high ? "high memory has no logical address; kmap() its page"
                                 : "no RAM is there; a device's registers need ioremap()"));
  return reinterpret_cast<void*>((page_offset_ + physical.value).value);
}

}  // namespace vmsim::kern
