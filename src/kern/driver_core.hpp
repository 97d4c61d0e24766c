// SPDX-License-Identifier: MIT
// Buses, their drivers, and who is bound to whom. Counterpart: drivers/base/{bus,driver,dd}.c.
// Leaves out asynchronous probing, device links, power management and uevents. Called by abi, by
// DeviceModel (BusSide) and by the buses of the kernel itself, on a task inside the kernel;
// callbacks of drivers run behind DriverCall.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/config.hpp"

#include "kern/device_model.hpp"
#include "kern/devres.hpp"
#include "kern/log.hpp"
#include "kern/sys_files.hpp"

namespace vmsim::kern {

/// A bus whose functions are the core's own and not a driver's.
class BusHooks {
 public:
  virtual ~BusHooks() = default;
  virtual bool match(::device& dev, ::device_driver& driver) = 0;
  /// 0 or a negative errno; an Error only for an oops.
  virtual Result<int> probe(::device& dev, ::device_driver& driver) = 0;
  virtual void remove(::device& dev, ::device_driver& driver) = 0;
};

/// A bus NAME appears as /sys/bus/NAME with devices/ (links) and drivers/; a driver's folder there
/// has bind, unbind and links to its devices. Devices and drivers are tried in the order in which
/// they came. Differs: a probe that was deferred is tried again at the end of the outermost call
/// that bound some other device; Linux does so on a work queue.
class DriverCore final : public BusSide {
 public:
  struct Parts {
    DeviceModel& devices;
    Devres& devres;
    SysFiles& sysfs;
    NodeTable& nodes;
    Log& log;
    base::Probe& probe;
    KernelVersion kernel;
  };

  explicit DriverCore(const Parts& parts);
  ~DriverCore() override;
  DriverCore(const DriverCore&) = delete;
  DriverCore& operator=(const DriverCore&) = delete;

  /// EEXIST, EINVAL (no name). `hooks` nullptr: the functions of `bus`.
  Result<void> bus_register(const ::bus_type& bus, BusHooks* hooks = nullptr);
  /// Finding "bus-not-registered"; "bus-has-users" if devices or drivers are left, which are let
  /// go.
  void bus_unregister(const ::bus_type& bus);

  /// Probes every device that fits. EINVAL (no such bus), EBUSY (a driver of this name exists).
  Result<void> driver_register(::device_driver& driver);
  /// Unbinds its devices, newest first. Finding "driver-not-registered".
  void driver_unregister(::device_driver& driver);
  ::device_driver* driver_find(std::string_view name, const ::bus_type& bus) const;

  /// device_attach(): whether a driver took the device.
  Result<bool> attach(::device& dev);
  /// device_release_driver(): does nothing for a device without a driver.
  void detach(::device& dev);

  /// Walks: the device after `before`, the first for nullptr; nullptr at the end.
  ::device* next_device(const ::bus_type& bus, const ::device* before) const;
  ::device* next_bound(const ::device_driver& driver, const ::device* before) const;

  /// Attributes that drivers hang below buses and drivers.
  Result<void> create_bus_file(const ::bus_type& bus, const ::bus_attribute& attribute);
  void remove_bus_file(const ::bus_type& bus, const ::bus_attribute& attribute);
  Result<void> create_driver_file(const ::device_driver& driver,
                                  const ::driver_attribute& attribute);
  void remove_driver_file(const ::device_driver& driver, const ::driver_attribute& attribute);

  Result<void> device_added(::device& dev) override;
  void device_leaving(::device& dev) override;
  void device_lost(::device& dev) override;

  /// Findings "driver-left-registered" and "bus-left-registered"; they are removed without
  /// callbacks.
  void module_gone(const GoneModule& gone);

  std::size_t deferred() const { return deferred_.size(); }

 private:
  struct Driver {
    ::device_driver* driver = nullptr;
    std::string name;
    std::string folder;
    std::vector<::device*> bound;
  };

  struct Bus {
    const ::bus_type* bus = nullptr;
    BusHooks* hooks = nullptr;
    std::string name;
    std::string folder;
    std::vector<::device*> devices;
    std::vector<std::unique_ptr<Driver>> drivers;
  };

  enum class Bound : u8 { kNo, kYes, kDeferred };

  Bus* find(const ::bus_type* bus) const;
  static Driver* find(const Bus& bus, const ::device_driver* driver);
  static bool is_on(const Bus& bus, const ::device* dev);
  Result<bool> matches(const Bus& bus, ::device& dev, Driver& driver);
  Result<Bound> bind(Bus& bus, Driver& driver, ::device& dev);
  Result<int> call_probe(const Bus& bus, Driver& driver, ::device& dev);
  void call_remove(const Bus& bus, Driver& driver, ::device& dev);
  void bound(Driver& driver, ::device& dev);
  void report_failure(const Driver& driver, const ::device& dev, int error);
  Result<void> attach_all(Bus& bus, ::device_driver& driver);
  void retry_deferred();
  void unlink(Driver& driver, ::device& dev);
  Result<void> add_driver_files(Bus& bus, Driver& driver);
  Result<u64> bind_by_name(const ::bus_type* bus, const ::device_driver* driver,
                           std::string_view name);
  Result<u64> unbind_by_name(const ::bus_type* bus, const ::device_driver* driver,
                             std::string_view name);
  void forget_driver(Bus& bus, Driver& driver);
  void forget_bus(Bus& bus);

  Parts parts_;
  std::vector<std::unique_ptr<Bus>> buses_;
  std::vector<::device*> deferred_;
  bool something_bound_ = false;
  int depth_ = 0;  ///< nested calls that may probe
};

}  // namespace vmsim::kern
