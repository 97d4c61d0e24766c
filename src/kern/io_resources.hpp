// SPDX-License-Identifier: MIT
// The trees of claimed bus addresses, /proc/iomem and /proc/ioports. Counterpart:
// kernel/resource.c. Leaves out alignment, allocation of free ranges and the waiting of muxed
// regions. Called by abi on a task inside the kernel. A resource that a driver requests is its own
// memory; those made for regions are the kernel's.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "vmsim/config.hpp"

#include "vmsim/kapi/vmsim/device_types.h"

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "phys/layout.hpp"

namespace vmsim::kern {

namespace io_flag {
inline constexpr unsigned long kIo = 0x100, kMem = 0x200, kSystemRam = 0x01000000,
                               kBusy = 0x80000000;
}  // namespace io_flag

class IoResources {
 public:
  /// `regions` is the machine's memory map: RAM is busy, reserved ranges and devices can be
  /// claimed.
  IoResources(const std::vector<phys::Region>& regions, base::Probe& probe,
              const KernelVersion& kernel);
  ~IoResources();
  IoResources(const IoResources&) = delete;
  IoResources& operator=(const IoResources&) = delete;

  ::resource* iomem() { return &iomem_; }

  ::resource* ioport() { return &ioport_; }

  /// A device's range appears, named after it; nothing does where it crosses another resource.
  void add_device(PhysRange range, const std::string& name);
  /// The innermost device that holds the range; iomem where none does.
  ::resource* device_at(u64 start, u64 last);
  /// What drivers have claimed in it stays, one level up.
  void remove_device(PhysRange range);

  /// EBUSY: another resource or the root's end is in the way.
  Result<void> request_resource(::resource* root, ::resource* res);
  /// Like request_resource(), but may be put around or inside others. EBUSY where it crosses one.
  Result<void> insert_resource(::resource* root, ::resource* res);
  /// EINVAL, and Finding "resource-not-requested", for a stranger.
  Result<void> release_resource(::resource* res);
  /// request_region(), request_mem_region(): nullptr where something busy is in the way, as Linux.
  /// The result may only be passed back.
  ::resource* request_region(::resource* root, u64 start, u64 bytes, const char* name);
  /// Finding "release-region-not-requested" if no region has exactly this extent.
  void release_region(::resource* root, u64 start, u64 bytes);
  /// check_region(): EBUSY or nothing.
  Result<void> check_region(::resource* root, u64 start, u64 bytes);

  /// /proc/iomem and /proc/ioports, indented by depth.
  std::string text(const ::resource* root) const;
  /// Finding "region-left-requested" for each region or resource of the module; they are removed.
  void module_gone(const GoneModule& gone);
  /// Memory is freed: Finding "resource-freed-requested" for each resource inside, which is
  /// removed.
  void memory_freed(const void* start, u64 bytes);
  /// Regions that drivers hold.
  std::size_t regions() const;

 private:
  struct Claim {
    std::unique_ptr<::resource> own;  ///< nullptr: the driver's memory
    std::string name;
    const void* name_pointer = nullptr;
    bool is_region = false;  ///< from request_region()
    bool hardware = false;
  };

  ::resource* make(u64 start, u64 last, std::string name, unsigned long flags);
  void add_hardware(PhysRange range, const std::string& name, unsigned long flags);
  static ::resource* link(::resource* parent, ::resource* res);
  Result<void> claim(const ::resource& res, const ::resource* conflict);
  static ::resource* link_around(::resource* root, ::resource* res);
  enum class Children : u8 { kGoToo, kMoveUp };
  static bool unlink(::resource* res, Children children);
  void forget_below(const ::resource* res);
  void append(std::string& text, const ::resource* res, unsigned depth, int digits) const;

  base::Probe& probe_;
  ::resource iomem_{};
  ::resource ioport_{};
  std::unordered_map<const ::resource*, Claim> claims_;
};

}  // namespace vmsim::kern
