// SPDX-License-Identifier: MIT
// The platform bus: devices that cannot be discovered, and drivers that name them. Counterpart:
// drivers/base/platform.c. Leaves out device trees, ACPI, DMA masks and power management. Called by
// abi and by the machine (hardware that the user plugs in), on a task inside the kernel.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "vmsim/platform.hpp"

#include "vmsim/kapi/vmsim/platform_types.h"

#include "kern/driver_core.hpp"
#include "kern/io_resources.hpp"
#include "kern/slab.hpp"

namespace vmsim::kern {

class Platform final : public BusHooks {
 public:
  struct Parts {
    DriverCore& core;
    DeviceModel& devices;
    IoResources& resources;
    SysFiles& sysfs;
    Slab& slab;
    Log& log;
    base::Probe& probe;
    KernelVersion kernel;
  };

  static constexpr int kIdNone = -1, kIdAuto = -2;

  explicit Platform(const Parts& parts);
  ~Platform() override;
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  /// Registers the bus and /sys/devices/platform.
  Result<void> start();

  ::bus_type& bus() { return bus_; }

  ::device& root() { return root_; }

  // Devices. Those of alloc() are slab memory, which the last reference frees.

  Result<::platform_device*> alloc(const char* name, int id, u32 owner = 0);
  /// A copy is made. ENOMEM.
  Result<void> add_resources(::platform_device& dev, const ::resource* resources, unsigned count);
  Result<void> add_data(::platform_device& dev, const void* data, u64 bytes);
  /// EINVAL (no name), EEXIST, EBUSY (a resource is taken). Probes.
  Result<void> add(::platform_device& dev);
  /// platform_device_register(): for a device that the driver allocated.
  Result<void> register_device(::platform_device& dev);
  void del(::platform_device& dev);
  void put(::platform_device* dev);
  void unregister_device(::platform_device* dev);
  /// alloc, add_resources, add_data and add in one.
  Result<::platform_device*> register_full(const ::platform_device_info& info, u32 owner = 0);

  // Drivers.

  Result<void> register_driver(::platform_driver& driver, ::module* owner);
  void unregister_driver(::platform_driver& driver);
  /// platform_driver_probe(): ENODEV if nothing was bound; no later device is.
  Result<void> probe_once(::platform_driver& driver, int (*probe)(::platform_device*),
                          ::module* owner);

  // What a driver asks of its device.

  static ::resource* resource_of(const ::platform_device& dev, unsigned type, unsigned index);
  ::resource* resource_by_name(const ::platform_device& dev, unsigned type, const char* name) const;
  /// The line, or -ENXIO.
  static int irq_of(const ::platform_device& dev, unsigned index);
  /// of_device_get_match_data(), device_get_match_data(): nullptr if nothing fits.
  static const void* match_data(const ::device& dev);

  // Hardware that the user plugs in; see vmsim/platform.hpp.

  /// The full name.
  Result<std::string> plug(const PlatformDevice& spec);
  /// ENODEV.
  Result<void> unplug(std::string_view name);

  bool match(::device& dev, ::device_driver& driver) override;
  Result<int> probe(::device& dev, ::device_driver& driver) override;
  void remove(::device& dev, ::device_driver& driver) override;

  /// A device's last reference has gone.
  void released(::device& dev);
  /// Drivers and devices inside are forgotten.
  void module_gone(const GoneModule& gone);

 private:
  Result<void> claim_resources(::platform_device& dev);
  void release_resources(::platform_device& dev, unsigned count);
  Result<void> choose_name(::platform_device& dev);
  static const ::of_device_id* compatible_entry(const char* compatible,
                                                const ::of_device_id* table);
  static const ::platform_device_id* id_entry(const char* name, const ::platform_device_id* table);
  ::platform_driver* driver_of(const ::device_driver& driver) const;

  Parts parts_;
  ::bus_type bus_{};
  ::device root_{};
  bool started_ = false;
  std::unordered_map<const ::device_driver*, ::platform_driver*> drivers_;
  std::unordered_set<const ::device_driver*> closed_;  ///< of probe_once(): take no more devices
  std::unordered_set<int> auto_ids_;
  std::map<std::string, ::platform_device*, std::less<>> plugged_;
  std::unordered_map<const ::device*, std::string> compatibles_;
};

}  // namespace vmsim::kern
