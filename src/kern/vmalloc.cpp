// SPDX-License-Identifier: MIT
// Areas of the vmalloc window: frames, mappings, and the refusal of pointers that name none; see
// vmalloc.hpp. Counterpart: mm/vmalloc.c, kvmalloc of mm/util.c.
#include "kern/vmalloc.hpp"

#include <algorithm>

#include "kern/slab.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

Result<std::unique_ptr<Vmalloc>> Vmalloc::create(phys::Zones& zones, sched::Scheduler& scheduler,
                                                 base::Probe& probe, const WindowConfig& window) {
  return std::unique_ptr<Vmalloc>(
      new Vmalloc(zones, scheduler, probe, VMSIM_TRY(Window::create(window))));
}

Vmalloc::~Vmalloc() = default;

std::string Vmalloc::describe(const void* p) const {
  if (window_.contains(p)) return hex_text(window_.nominal(p).value);
  return describer_ != nullptr ? describer_->describe(p)
                               : "an address outside of the vmalloc range";
}

// ---- Allocation ----

void* Vmalloc::vzalloc(u64 size_bytes, u32 owner) {
  return allocate(
      {size_bytes, vmsim_gfp_t{VMSIM_GFP_KERNEL} | VMSIM_GFP_BIT_ZERO, kVmAlloc, owner});
}

void* Vmalloc::vmalloc_user(u64 size_bytes, u32 owner) {
  return allocate({size_bytes, vmsim_gfp_t{VMSIM_GFP_KERNEL} | VMSIM_GFP_BIT_ZERO,
                   kVmAlloc | kVmUserMap, owner});
}

void* Vmalloc::vmalloc_32(u64 size_bytes, u32 owner) {
  return allocate(
      {size_bytes, vmsim_gfp_t{VMSIM_GFP_KERNEL} | VMSIM_GFP_BIT_DMA32, kVmAlloc, owner});
}

bool Vmalloc::request_refused(const VmallocRequest& request) {
  if (request.size_bytes == 0) {
    probe_.finding("vmalloc-size-0", "vmalloc of 0 bytes; Linux warns and returns NULL");
    return true;
  }
  const u64 pages =
      (request.size_bytes >> kPageShift) + (request.size_bytes % kPageSize != 0 ? 1 : 0);
  if (pages <= zones_.managed_pages() && pages < window_.pages()) return false;
  if ((request.gfp & VMSIM_GFP_BIT_NOWARN) == 0)
    probe_.finding("vmalloc-too-large", "vmalloc of " + count_text(request.size_bytes, "byte") +
                                            ": more than memory or the vmalloc range has (" +
                                            count_text(window_.pages(), "page") +
                                            "); Linux warns and returns NULL");
  return true;
}

void* Vmalloc::allocate(const VmallocRequest& request) {
  if ((request.gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) != 0 && sched::in_kernel())
    scheduler_.check_may_sleep("vmalloc");
  if (request_refused(request) || probe_.should_fail("vmalloc")) return nullptr;
  VmallocArea area;
  area.requested_bytes = request.size_bytes;
  area.flags = request.flags | kVmAlloc;
  area.owner = request.owner;
  if (!take_frames(area, request)) return nullptr;
  const std::vector<Pfn> frames = area.frames;
  void* const address = map_area(std::move(area));
  if (address == nullptr) {
    for (const Pfn pfn : frames) zones_.free_page(zones_.mem_map().page(pfn));
    return nullptr;
  }
  frames_ += frames.size();
  return address;
}

bool Vmalloc::take_frames(VmallocArea& area, const VmallocRequest& request) {
  constexpr vmsim_gfp_t kPlaced = VMSIM_GFP_BIT_DMA | VMSIM_GFP_BIT_DMA32;
  vmsim_gfp_t gfp = request.gfp;
  if ((gfp & kPlaced) == 0) gfp |= VMSIM_GFP_BIT_HIGHMEM;
  const u64 pages = pages_of(request.size_bytes);
  area.frames.reserve(pages);
  for (u64 i = 0; i < pages; ++i) {
    phys::Page* const page = zones_.alloc_page(gfp);
    if (page == nullptr) {
      free_frames(area);
      return false;
    }
    zones_.set_kind(page, phys::PageKind::kVmalloc);
    area.frames.push_back(zones_.mem_map().pfn(page));
  }
  return true;
}

void Vmalloc::free_frames(const VmallocArea& area) {
  for (const Pfn pfn : area.frames) zones_.free_page(zones_.mem_map().page(pfn));
}

void* Vmalloc::map_area(VmallocArea area) {
  const u64 pages = area.frames.size();
  const std::optional<u64> first = ranges_.take(pages);
  if (!first) {
    probe_.finding("vmalloc-full",
                   "no " + count_text(pages, "neighbouring page") +
                       " left in the vmalloc range; Linux says \"vmap allocation failed\"");
    return nullptr;
  }
  area.address = window_.page_at(*first);
  area.size_bytes = pages << kPageShift;
  area.sequence = ++sequence_;
  if (!map_frames(area.address, area.frames)) {
    ranges_.give_back(*first);
    return nullptr;
  }
  live_bytes_ += area.size_bytes;
  void* const address = area.address;
  const KernelAddr start = window_.nominal(address);
  const Range<KernelAddr> covered{start, start + area.size_bytes};
  std::erase_if(departed_, [&](const Departed& d) { return d.range.intersects(covered); });
  areas_.emplace(*first, std::move(area));
  return address;
}

/// Neighbouring frames share one host mapping.
bool Vmalloc::map_frames(std::byte* at, const std::vector<Pfn>& frames) {
  for (std::size_t i = 0; i < frames.size();) {
    std::size_t run = 1;
    while (i + run < frames.size() && frames[i + run] == frames[i] + run) ++run;
    const Result<void> mapped = zones_.ram().map_window(at + (i << kPageShift), frames[i], run);
    if (!mapped) {
      if (i > 0) (void)zones_.ram().unmap_window(at, i);
      probe_.finding("host-mapping-failed",
                     "the host refuses to map a vmalloc area: " + mapped.error().to_string());
      return false;
    }
    i += run;
  }
  return true;
}

// ---- Freeing ----

/// The area that starts at `address`; end() and a Finding for any other pointer.
Vmalloc::Areas::iterator Vmalloc::area_start(const void* address, const char* call) {
  if (window_.contains(address)) {
    const auto at = areas_.find(window_.page_index(address));
    if (at != areas_.end() && at->second.address == address) return at;
  }
  const std::string who = std::string(call) + " of " + describe(address);
  if (const VmallocArea* const around = find_vm_area(address)) {
    const u64 offset = host_value(address) - host_value(around->address);
    probe_.finding("vfree-bad-pointer", who + ": " + std::to_string(offset) +
                                            " bytes into an area; Linux warns "
                                            "\"Trying to vfree() bad address\" and does nothing");
  } else if (was_freed(address)) {
    const std::string place = probe_.places().of_call(freed_by(address));
    probe_.finding("double-free",
                   who + ": this area was freed already" + (place.empty() ? "" : ", at " + place) +
                       "; Linux warns \"Trying to vfree() "
                       "nonexistent vm area\"");
  } else {
    probe_.finding(
        "vfree-bad-pointer",
        who + ": no vmalloc area; Linux warns \"Trying to vfree() nonexistent vm area\"");
  }
  return areas_.end();
}

void Vmalloc::vfree(const void* address) {
  if (address == nullptr) return;
  const auto at = area_start(address, "vfree");
  if (at == areas_.end()) return;
  VmallocArea& area = at->second;
  if ((area.flags & kVmAlloc) == 0) {
    probe_.finding("vfree-of-vmap",
                   "vfree of " + describe(address) +
                       ", which vmap made; use vunmap, the pages stay yours. Linux unmaps it");
  } else {
    if (sched::in_kernel()) scheduler_.memory_freed(address, area.size_bytes);
    frames_ -= area.frames.size();
    free_frames(area);
  }
  unmap_area(at);
}

void Vmalloc::vunmap(const void* address) {
  if (address == nullptr) return;
  if (sched::in_kernel()) scheduler_.check_may_sleep("vunmap");
  const auto at = area_start(address, "vunmap");
  if (at == areas_.end()) return;
  if ((at->second.flags & kVmAlloc) != 0) {
    probe_.finding("vunmap-of-vmalloc", "vunmap of " + describe(address) +
                                            ", which vmalloc made: its frames are lost; use vfree");
    frames_ -= at->second.frames.size();
  }
  unmap_area(at);
}

void Vmalloc::unmap_area(Areas::iterator at) {
  constexpr std::size_t kRemembered = 64;
  const VmallocArea& area = at->second;
  const Result<void> unmapped = zones_.ram().unmap_window(area.address, area.frames.size());
  if (!unmapped)
    probe_.finding("host-mapping-failed",
                   "the host refuses to unmap a vmalloc area: " + unmapped.error().to_string());
  const KernelAddr start = window_.nominal(area.address);
  if (departed_.size() == kRemembered) departed_.pop_front();
  departed_.push_back({{start, start + area.size_bytes}, sched::DriverCall::caller()});
  live_bytes_ -= area.size_bytes;
  ranges_.give_back(at->first);
  areas_.erase(at);
}

// ---- Pages of a caller ----

void* Vmalloc::vmap(std::span<phys::Page* const> pages, u32 flags, u32 owner) {
  if (sched::in_kernel()) scheduler_.check_may_sleep("vmap");
  if (pages.empty() || pages.size() > zones_.managed_pages() || probe_.should_fail("vmap"))
    return nullptr;
  VmallocArea area;
  area.flags = (flags & ~kVmAlloc) | kVmMap;
  area.owner = owner;
  area.requested_bytes = pages.size() << kPageShift;
  area.frames.reserve(pages.size());
  for (phys::Page* const page : pages) {
    if (!zones_.mem_map().contains(page) ||
        !zones_.mem_map().pfn_valid(zones_.mem_map().pfn(page))) {
      probe_.finding("vmap-bad-page", "vmap of a pointer that is no struct page of RAM (entry " +
                                          std::to_string(area.frames.size()) +
                                          "); Linux warns and returns NULL");
      return nullptr;
    }
    area.frames.push_back(zones_.mem_map().pfn(page));
  }
  return map_area(std::move(area));
}

// ---- Questions ----

const VmallocArea* Vmalloc::find_vm_area(const void* p) const {
  if (!window_.contains(p)) return nullptr;
  auto at = areas_.upper_bound(window_.page_index(p));
  if (at == areas_.begin()) return nullptr;
  --at;
  const VmallocArea& area = at->second;
  return host_value(p) - host_value(area.address) < area.size_bytes ? &area : nullptr;
}

std::optional<Pfn> Vmalloc::vmalloc_to_pfn(const void* address) {
  if (const VmallocArea* const area = find_vm_area(address))
    return area->frames[(host_value(address) - host_value(area->address)) >> kPageShift];
  if (!window_.contains(address))
    probe_.finding("vmalloc-to-page-not-vmalloc",
                   "vmalloc_to_page of " + describe(address) +
                       "; for a logical address the call is virt_to_page");
  return std::nullopt;
}

phys::Page* Vmalloc::vmalloc_to_page(const void* address) {
  const std::optional<Pfn> pfn = vmalloc_to_pfn(address);
  return pfn ? zones_.mem_map().page(*pfn) : nullptr;
}

std::vector<const VmallocArea*> Vmalloc::live_areas_of(std::optional<u32> owner) const {
  std::vector<const VmallocArea*> found;
  for (const auto& [first, area] : areas_)
    if (!owner || area.owner == *owner) found.push_back(&area);
  std::sort(found.begin(), found.end(),
            [](const VmallocArea* a, const VmallocArea* b) { return a->sequence < b->sequence; });
  return found;
}

bool Vmalloc::was_freed(const void* p) const {
  if (!window_.contains(p)) return false;
  const KernelAddr at = window_.nominal(p);
  return std::any_of(departed_.begin(), departed_.end(),
                     [&](const Departed& d) { return d.range.contains(at); });
}

const void* Vmalloc::freed_by(const void* p) const {
  if (!window_.contains(p)) return nullptr;
  for (const Departed& d : departed_)
    if (d.range.contains(window_.nominal(p))) return d.call;
  return nullptr;
}

// ---- kvmalloc ----

void* kvmalloc(Slab& slab, Vmalloc& vmalloc, u64 size_bytes, vmsim_gfp_t gfp, u32 owner) {
  vmsim_gfp_t first = gfp;
  // Large blocks are not fought for: there is a second way. kvmalloc(0) is kmalloc(0).
  if (size_bytes > kPageSize) first |= VMSIM_GFP_BIT_NOWARN | VMSIM_GFP_BIT_NORETRY;
  void* const small = slab.kmalloc(size_bytes, first, owner);
  if (small != nullptr || size_bytes <= kPageSize) return small;
  return vmalloc.allocate({size_bytes, gfp, kVmAlloc, owner});
}

void kvfree(Slab& slab, Vmalloc& vmalloc, const void* p) {
  if (vmalloc.is_vmalloc_addr(p))
    vmalloc.vfree(p);
  else
    slab.kfree(p);
}

}  // namespace vmsim::kern
