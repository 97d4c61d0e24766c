// SPDX-License-Identifier: MIT
// What a kernel pointer is, and the conversions that only logical addresses have: __pa, __va,
// virt_to_page, page_address. Counterpart: asm/page.h, the layout table of
// Documentation/arch/x86/x86_64/mm.rst, and LDD3's kinds of address. Leaves out: per-CPU areas,
// kernel text, KASLR. Called by abi, by reports, and by everything that prints a pointer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vmsim/addr.hpp"

#include "base/probe.hpp"
#include "kern/ioremap.hpp"
#include "kern/kmap.hpp"
#include "kern/slab.hpp"
#include "kern/vmalloc.hpp"
#include "kern/window.hpp"
#include "phys/mem_map.hpp"
#include "phys/ram.hpp"

namespace vmsim::kern {

enum class AddressKind : u8 {
  kNull,     ///< the first page: NULL and small offsets from it
  kErrPtr,   ///< the last page: an ERR_PTR that was not checked
  kLogical,  ///< in the direct map: low memory, a constant away from its physical address
  kVmalloc,
  kKmap,
  kIoremap,
  kImage,   ///< code or static data of a driver
  kMemMap,  ///< a struct page
  kStack,   ///< a local variable of the call that is running
  kCore,    ///< an object that vmsim made for the driver: a file, an area, a task
  kUser,    ///< a user-space address
  kUnknown,
};
/// "logical address", "vmalloc address", …
const char* address_kind_name(AddressKind kind);

struct Where {
  AddressKind kind = AddressKind::kUnknown;
  u64 printed = 0;                   ///< as the simulated kernel would print it
  std::optional<PhysAddr> physical;  ///< if something is mapped there
  std::string text;  ///< "vmalloc address 0xf8800010, 16 bytes into an area of 8192 bytes, …"
};

/// Knows all windows; owns none. Thread safety: questions are const; user ranges change while no task
/// runs. Texts have no host addresses: those differ from run to run.
class KernelMemory final : public Describer {
 public:
  struct Parts {
    phys::Ram& ram;
    phys::MemMap& mem_map;
    Slab& slab;
    Vmalloc& vmalloc;
    KmapPool& kmap;
    IoremapTable& ioremap;
    base::Probe& probe;
  };

  /// Becomes the describer of the parts, which must outlive it.
  KernelMemory(const Parts& parts, KernelAddr page_offset);
  ~KernelMemory() override;
  KernelMemory(const KernelMemory&) = delete;
  KernelMemory& operator=(const KernelMemory&) = delete;

  Where what_is(const void* p) const;

  std::string describe(const void* p) const override { return what_is(p).text; }

  /// As the simulated kernel would print it; a pointer outside of its memory prints as it is.
  u64 printed(const void* p) const;

  /// nullptr, and a Finding "virt-to-page-not-logical" that names the right call, for any but a
  /// logical address.
  phys::Page* virt_to_page(const void* p);
  /// __pa, virt_to_phys. Anything but a logical address is a Finding "pa-not-logical"; the value is
  /// then the same meaningless difference that Linux computes.
  u64 pa(const void* p);
  /// __va, phys_to_virt. Beyond low memory: a Finding "va-not-low-memory" and the address that
  /// Linux computes, where nothing of vmsim is mapped on x86-64.
  void* va(PhysAddr physical);
  bool virt_addr_valid(const void* p) const;

  /// nullptr for a high page that is not kmapped.
  void* page_address(const phys::Page* page) const { return parts_.kmap.page_address(page); }

  /// PAGE_OFFSET, as drivers compute with it: the start of the direct map where the host has it.
  u64 page_offset() const { return host_value(parts_.ram.base()); }

  /// PAGE_OFFSET as Linux prints it.
  KernelAddr nominal_page_offset() const { return page_offset_; }

  /// One past the last byte of low memory.
  void* high_memory() const { return parts_.ram.base() + parts_.ram.direct_map_bytes(); }

  u64 low_memory_bytes() const { return parts_.ram.direct_map_bytes(); }

  /// What driver's code or data is at an address, in words, and how the kernel prints it. The
  /// loader knows.
  struct Images {
    std::function<std::string(u64)> describe;
    std::function<u64(u64)> printed;  ///< 0 outside of images
  };
  void set_images(Images images) { images_ = std::move(images); }

  /// Where user addresses lie (TASK_SIZE and below). Only asked after everything else.
  void add_user_range(VirtRange range) { user_ranges_.push_back(range); }

 private:
  Where logical(const void* p) const;
  Where in_vmalloc(const void* p) const;
  Where in_kmap(const void* p) const;
  Where in_ioremap(const void* p) const;
  Where elsewhere(const void* p) const;

  bool is_logical(const void* p) const {
    return host_value(p) - host_value(parts_.ram.base()) < parts_.ram.direct_map_bytes();
  }

  PhysAddr physical_of_logical(const void* p) const {
    return PhysAddr(host_value(p) - host_value(parts_.ram.base()));
  }

  Parts parts_;
  KernelAddr page_offset_;
  Images images_;
  std::vector<VirtRange> user_ranges_;
};

}  // namespace vmsim::kern
