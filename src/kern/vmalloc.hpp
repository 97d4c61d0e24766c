// SPDX-License-Identifier: MIT
// vmalloc and vmap: scattered frames made contiguous in a window of kernel addresses, with a guard
// page behind each area. Counterpart: mm/vmalloc.c. Leaves out huge mappings, lazy unmapping and
// per-CPU vmap blocks; an area is unmapped at once. Called by abi (drivers) and by core rooms that
// model kernel allocations.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "kern/window.hpp"
#include "phys/zone.hpp"

namespace vmsim::sched {
class Scheduler;
}

namespace vmsim::kern {

class Slab;

/// Flags of an area, numbered as in linux/vmalloc.h.
inline constexpr u32 kVmAlloc = 2;    ///< VM_ALLOC: owns its frames
inline constexpr u32 kVmMap = 4;      ///< VM_MAP: made by vmap
inline constexpr u32 kVmUserMap = 8;  ///< VM_USERMAP: may be given to user space

/// One area (vm_struct).
struct VmallocArea {
  std::byte* address = nullptr;
  u64 size_bytes = 0;  ///< mapped, whole pages
  u64 requested_bytes = 0;
  u32 flags = 0;
  u32 owner = 0;     ///< the caller's tag (a module); 0: none
  u64 sequence = 0;  ///< the how-manieth area of this machine
  std::vector<Pfn> frames;

  /// vm_struct::size counts the guard page.
  u64 size_with_guard_bytes() const { return size_bytes + kPageSize; }
};

struct VmallocRequest {
  u64 size_bytes = 0;
  vmsim_gfp_t gfp = VMSIM_GFP_KERNEL;
  u32 flags = kVmAlloc;
  u32 owner = 0;
};

/// Differs: an area is unmapped at once and its addresses are used again as late as possible, so
/// that a stale pointer faults; Linux unmaps in batches.
///
/// Owns the window and every area in it. Thread safety: none; the caller holds the simulated CPU.
///
///   window | area A ... |guard| area B |guard|.......... free ..........|
class Vmalloc {
 public:
  /// All references must outlive it.
  static Result<std::unique_ptr<Vmalloc>> create(phys::Zones& zones, sched::Scheduler& scheduler,
                                                 base::Probe& probe, const WindowConfig& window);
  ~Vmalloc();
  Vmalloc(const Vmalloc&) = delete;
  Vmalloc& operator=(const Vmalloc&) = delete;

  /// nullptr: size 0, too large, no memory, or made to fail ("vmalloc"). Nothing is kept then.
  void* allocate(const VmallocRequest& request);

  void* vmalloc(u64 size_bytes, u32 owner = 0) {
    return allocate({size_bytes, VMSIM_GFP_KERNEL, kVmAlloc, owner});
  }

  void* vzalloc(u64 size_bytes, u32 owner = 0);
  /// Zeroed and marked VM_USERMAP, for remap_vmalloc_range().
  void* vmalloc_user(u64 size_bytes, u32 owner = 0);
  /// Frames below 4 GiB.
  void* vmalloc_32(u64 size_bytes, u32 owner = 0);
  /// Anything but the start of an area that vmalloc made is a Finding ("vfree-bad-pointer",
  /// "double-free").
  void vfree(const void* address);

  /// Maps pages that the caller owns and goes on owning.
  void* vmap(std::span<phys::Page* const> pages, u32 flags = kVmMap, u32 owner = 0);
  void vunmap(const void* address);

  /// For any byte of an area. nullptr, with a Finding if the address is not in the vmalloc range at
  /// all.
  phys::Page* vmalloc_to_page(const void* address);
  std::optional<Pfn> vmalloc_to_pfn(const void* address);

  bool is_vmalloc_addr(const void* p) const { return window_.contains(p); }

  /// The area around an address, guard excluded. nullptr if there is none. Valid until it is freed.
  const VmallocArea* find_vm_area(const void* p) const;

  const Window& window() const { return window_; }

  u64 live_areas() const { return areas_.size(); }

  u64 live_bytes() const { return live_bytes_; }

  /// Frames that areas own; those of vmap do not count.
  u64 frames_held() const { return frames_; }

  /// In order of allocation; of one owner, or of all.
  std::vector<const VmallocArea*> live_areas_of(std::optional<u32> owner = std::nullopt) const;
  /// True if an area lay here not long ago, and none does now.
  bool was_freed(const void* p) const;
  /// What the vfree of that area returns to; nullptr where none was.
  const void* freed_by(const void* p) const;

  /// Names strangers in reports. nullptr removes it.
  void set_describer(const Describer* describer) { describer_ = describer; }

 private:
  struct Departed {
    Range<KernelAddr> range;
    const void* call;  // the vfree or vunmap
  };
  using Areas = std::map<u64, VmallocArea>;  // by first page of the window

  Vmalloc(phys::Zones& zones, sched::Scheduler& scheduler, base::Probe& probe, Window window)
      : zones_(zones),
        scheduler_(scheduler),
        probe_(probe),
        window_(std::move(window)),
        ranges_(window_.pages()) {}

  bool request_refused(const VmallocRequest& request);
  bool take_frames(VmallocArea& area, const VmallocRequest& request);
  void free_frames(const VmallocArea& area);
  /// Finds room, maps area.frames there and enters the area. nullptr on failure; the frames stay
  /// the caller's.
  void* map_area(VmallocArea area);
  bool map_frames(std::byte* at, const std::vector<Pfn>& frames);
  void unmap_area(Areas::iterator at);
  Areas::iterator area_start(const void* address, const char* call);
  std::string describe(const void* p) const;

  phys::Zones& zones_;
  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  const Describer* describer_ = nullptr;
  Window window_;
  PageRanges ranges_;
  Areas areas_;
  std::deque<Departed> departed_;
  u64 sequence_ = 0;
  u64 live_bytes_ = 0;
  u64 frames_ = 0;
};

/// kvmalloc: kmalloc if it can be had, else vmalloc.
void* kvmalloc(Slab& slab, Vmalloc& vmalloc, u64 size_bytes, vmsim_gfp_t gfp, u32 owner = 0);
void kvfree(Slab& slab, Vmalloc& vmalloc, const void* p);

}  // namespace vmsim::kern
