// SPDX-License-Identifier: MIT
// What goes when its device goes. Counterpart: drivers/base/devres.c. Leaves out groups and lookup
// by release function. Called by abi (the devm_ functions), and by DeviceModel and DriverCore where
// a device or a binding ends, on a task inside the kernel.
#pragma once

#include <functional>
#include <vector>

#include "vmsim/kapi/vmsim/device_types.h"

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "kern/slab.hpp"

namespace vmsim::kern {

/// Resources are released newest first, as Linux does, when a driver is unbound from its device or
/// when the device is removed. Differs: in Linux those of a device without a driver stay until its
/// last reference goes.
class Devres {
 public:
  Devres(Slab& slab, base::Probe& probe) : slab_(slab), probe_(probe) {}

  Devres(const Devres&) = delete;
  Devres& operator=(const Devres&) = delete;

  /// devm_kmalloc(): nullptr without memory.
  void* alloc(const ::device& dev, u64 bytes, vmsim_gfp_t gfp, u32 owner);
  /// devm_kfree(). Finding "devm-kfree-stranger" for memory that is not this device's.
  void free(const ::device& dev, const void* memory);
  /// Runs `call` at the end; it may run driver code, behind DriverCall. `key` names it for end().
  void add(const ::device& dev, std::function<void()> call, const void* key = nullptr);
  /// Runs the call with this key now. Finding "devm-not-there" if the device has none.
  void end(const ::device& dev, const void* key);
  void release(const ::device* dev);
  bool has_any(const ::device& dev) const;
  /// Frees its memory; calls are dropped, because they would run code that has gone.
  void forget(const ::device& dev);
  /// Releases what devices inside the module have left.
  void module_gone(const GoneModule& gone);

 private:
  struct Resource {
    const ::device* dev;
    void* memory;  ///< nullptr: a call
    std::function<void()> call;
    const void* key;
  };

  Slab& slab_;
  base::Probe& probe_;
  std::vector<Resource> resources_;  ///< in order of addition
};

}  // namespace vmsim::kern
