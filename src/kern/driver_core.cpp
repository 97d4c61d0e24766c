// SPDX-License-Identifier: MIT
// Buses and drivers and their registration; see driver_core.hpp. Binding is in driver_bind.cpp.
#include "kern/driver_core.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

DriverCore::DriverCore(const Parts& parts) : parts_(parts) {
  parts_.devices.set_buses(this);
}

DriverCore::~DriverCore() {
  parts_.devices.set_buses(nullptr);
}

DriverCore::Bus* DriverCore::find(const ::bus_type* bus) const {
  for (const auto& b : buses_)
    if (b->bus == bus) return b.get();
  return nullptr;
}

DriverCore::Driver* DriverCore::find(const Bus& bus, const ::device_driver* driver) {
  for (const auto& d : bus.drivers)
    if (d->driver == driver) return d.get();
  return nullptr;
}

bool DriverCore::is_on(const Bus& bus, const ::device* dev) {
  return std::find(bus.devices.begin(), bus.devices.end(), dev) != bus.devices.end();
}

// --- buses ---

Result<void> DriverCore::bus_register(const ::bus_type& bus, BusHooks* hooks) {
  auto added = std::make_unique<Bus>();
  added->bus = &bus;
  added->hooks = hooks;
  added->name = driver_text(bus.name);
  if (added->name.empty()) return fail(EINVAL, "a bus needs a name");
  added->folder = "/sys/bus/" + added->name;
  VMSIM_CHECK(parts_.sysfs.add_folder(added->folder));
  for (const char* below : {"/devices", "/drivers"})
    VMSIM_CHECK(parts_.sysfs.add_folder(added->folder + below));
  buses_.push_back(std::move(added));
  for (auto groups = bus.bus_groups; groups && *groups; ++groups)
    for (::attribute* const* at = (*groups)->attrs; at && *at; ++at)
      VMSIM_CHECK(create_bus_file(bus, *reinterpret_cast<const ::bus_attribute*>(*at)));
  return {};
}

void DriverCore::forget_bus(Bus& bus) {
  while (!bus.devices.empty()) {
    ::device* const dev = bus.devices.back();
    device_lost(*dev);
    dev->driver = nullptr;
  }
  while (!bus.drivers.empty()) forget_driver(bus, *bus.drivers.back());
  parts_.sysfs.remove(bus.folder);
  std::erase_if(buses_, [&](const auto& b) { return b.get() == &bus; });
}

void DriverCore::bus_unregister(const ::bus_type& bus) {
  Bus* const known = find(&bus);
  if (!known) {
    parts_.probe.finding("bus-not-registered", "a bus is unregistered that is not registered");
    return;
  }
  if (!known->devices.empty() || !known->drivers.empty()) {
    parts_.probe.finding("bus-has-users",
                         fmt::format("bus '{}' goes with {} devices and {} drivers on it; in Linux "
                                     "they keep pointing to it",
                                     known->name, known->devices.size(), known->drivers.size()));
  }
  forget_bus(*known);
}

::device* DriverCore::next_device(const ::bus_type& bus, const ::device* before) const {
  const Bus* const known = find(&bus);
  if (!known || known->devices.empty()) return nullptr;
  if (!before) return known->devices.front();
  const auto at = std::find(known->devices.begin(), known->devices.end(), before);
  return at == known->devices.end() || at + 1 == known->devices.end() ? nullptr : *(at + 1);
}

::device* DriverCore::next_bound(const ::device_driver& driver, const ::device* before) const {
  const Bus* const bus = find(driver.bus);
  const Driver* const known = bus ? find(*bus, &driver) : nullptr;
  if (!known || known->bound.empty()) return nullptr;
  if (!before) return known->bound.front();
  const auto at = std::find(known->bound.begin(), known->bound.end(), before);
  return at == known->bound.end() || at + 1 == known->bound.end() ? nullptr : *(at + 1);
}

// --- drivers ---

Result<u64> DriverCore::bind_by_name(const ::bus_type* bus, const ::device_driver* driver,
                                     std::string_view name) {
  Bus* const known = find(bus);
  Driver* const own = known ? find(*known, driver) : nullptr;
  if (!own) return fail(ENODEV, "the driver has gone");
  for (::device* dev : known->devices) {
    if (name != DeviceModel::name_of(*dev)) continue;
    if (dev->driver || !VMSIM_TRY(matches(*known, *dev, *own))) break;
    ++depth_;
    const Result<Bound> bound = bind(*known, *own, *dev);
    --depth_;
    if (!bound) return Failure(bound.error());
    if (*bound != Bound::kYes) break;
    retry_deferred();
    return u64{0};
  }
  return fail(ENODEV, "no such device, or it does not fit or is taken");
}

Result<u64> DriverCore::unbind_by_name(const ::bus_type* bus, const ::device_driver* driver,
                                       std::string_view name) {
  Bus* const known = find(bus);
  Driver* const own = known ? find(*known, driver) : nullptr;
  if (!own) return fail(ENODEV, "the driver has gone");
  for (::device* dev : own->bound) {
    if (name != DeviceModel::name_of(*dev)) continue;
    detach(*dev);
    return u64{0};
  }
  return fail(ENODEV, "the driver has no such device");
}

Result<void> DriverCore::add_driver_files(Bus& bus, Driver& driver) {
  VMSIM_CHECK(parts_.sysfs.add_folder(driver.folder));
  if (!driver.driver->suppress_bind_attrs) {
    using Command =
        Result<u64> (DriverCore::*)(const ::bus_type*, const ::device_driver*, std::string_view);
    const auto command = [&](const char* name, Command run) {
      SysFile file;
      file.store = [this, run, bus_type = bus.bus, own = driver.driver](const char* text,
                                                                        u64 length) -> Result<u64> {
        std::string_view device(text);
        if (device.ends_with('\n')) device.remove_suffix(1);
        VMSIM_TRY((this->*run)(bus_type, own, device));
        return length;
      };
      return parts_.sysfs.add_file(driver.folder + name, 0200, std::move(file));
    };
    VMSIM_CHECK(command("/bind", &DriverCore::bind_by_name));
    VMSIM_CHECK(command("/unbind", &DriverCore::unbind_by_name));
  }
  for (const auto* const* groups : {bus.bus->drv_groups, driver.driver->groups})
    for (; groups && *groups; ++groups)
      for (::attribute* const* at = (*groups)->attrs; at && *at; ++at)
        VMSIM_CHECK(
            create_driver_file(*driver.driver, *reinterpret_cast<const ::driver_attribute*>(*at)));
  return {};
}

Result<void> DriverCore::driver_register(::device_driver& driver) {
  Bus* const bus = find(driver.bus);
  const std::string name = driver_text(driver.name);
  if (!bus) {
    parts_.log.print(fmt::format("Driver '{}' was unable to register with its bus because the bus "
                                 "was not initialized.\n",
                                 name),
                     Log::kErr);
    return fail(EINVAL, "the driver's bus is not registered");
  }
  if (name.empty()) return fail(EINVAL, "a driver needs a name");
  if (driver_find(name, *bus->bus) || find(*bus, &driver)) {
    parts_.log.print(fmt::format("Error: Driver '{}' is already registered, aborting...\n", name),
                     Log::kErr);
    return fail(EBUSY, "a driver of this name is registered");
  }
  auto added = std::make_unique<Driver>();
  added->driver = &driver;
  added->name = name;
  added->folder = bus->folder + "/drivers/" + name;
  bus->drivers.push_back(std::move(added));
  Driver& own = *bus->drivers.back();
  if (const Result<void> files = add_driver_files(*bus, own); !files) {
    forget_driver(*bus, own);
    return files;
  }
  VMSIM_CHECK(attach_all(*bus, driver));
  retry_deferred();
  return {};
}

/// Without callbacks: its devices lose it.
void DriverCore::forget_driver(Bus& bus, Driver& driver) {
  while (!driver.bound.empty()) {
    ::device* const dev = driver.bound.back();
    unlink(driver, *dev);
    dev->driver = nullptr;
  }
  parts_.sysfs.remove(driver.folder);
  std::erase_if(bus.drivers, [&](const auto& d) { return d.get() == &driver; });
}

void DriverCore::driver_unregister(::device_driver& driver) {
  Bus* const bus = find(driver.bus);
  Driver* const own = bus ? find(*bus, &driver) : nullptr;
  if (!own) {
    parts_.probe.finding("driver-not-registered",
                         "a driver is unregistered that is not registered; Linux warns "
                         "\"Unexpected driver unregister!\"");
    return;
  }
  while (!own->bound.empty()) detach(*own->bound.back());
  forget_driver(*bus, *own);
}

::device_driver* DriverCore::driver_find(std::string_view name, const ::bus_type& bus) const {
  const Bus* const known = find(&bus);
  if (!known) return nullptr;
  for (const auto& d : known->drivers)
    if (d->name == name) return d->driver;
  return nullptr;
}

// --- attributes ---

Result<void> DriverCore::create_bus_file(const ::bus_type& bus, const ::bus_attribute& attribute) {
  const Bus* const known = find(&bus);
  if (!known) return fail(EINVAL, "the bus is not registered");
  return parts_.sysfs.add_attribute(known->folder, attribute.attr,
                                    {&bus, nullptr, reinterpret_cast<const void*>(attribute.show),
                                     reinterpret_cast<const void*>(attribute.store)});
}

void DriverCore::remove_bus_file(const ::bus_type& bus, const ::bus_attribute& attribute) {
  if (const Bus* const known = find(&bus))
    parts_.sysfs.remove(known->folder + "/" + driver_text(attribute.attr.name));
}

Result<void> DriverCore::create_driver_file(const ::device_driver& driver,
                                            const ::driver_attribute& attribute) {
  const Bus* const bus = find(driver.bus);
  const Driver* const own = bus ? find(*bus, &driver) : nullptr;
  if (!own) return fail(EINVAL, "the driver is not registered");
  return parts_.sysfs.add_attribute(
      own->folder, attribute.attr,
      {&driver, nullptr, reinterpret_cast<const void*>(attribute.show),
       reinterpret_cast<const void*>(attribute.store)});
}

void DriverCore::remove_driver_file(const ::device_driver& driver,
                                    const ::driver_attribute& attribute) {
  const Bus* const bus = find(driver.bus);
  const Driver* const own = bus ? find(*bus, &driver) : nullptr;
  if (own) parts_.sysfs.remove(own->folder + "/" + driver_text(attribute.attr.name));
}

// --- leftovers ---

void DriverCore::module_gone(const GoneModule& gone) {
  for (std::size_t b = buses_.size(); b-- > 0;) {
    Bus& bus = *buses_[b];
    for (std::size_t d = bus.drivers.size(); d-- > 0;) {
      Driver& driver = *bus.drivers[d];
      if (!gone.owns(driver.driver)) continue;
      parts_.probe.finding(
          "driver-left-registered",
          fmt::format("{} was unloaded without unregistering its driver '{}' of bus {}; Linux "
                      "would call freed code for the next device",
                      gone.name, driver.name, bus.name));
      for (const ::device* dev : driver.bound) parts_.devres.forget(*dev);
      forget_driver(bus, driver);
    }
    if (!gone.owns(bus.bus)) continue;
    parts_.probe.finding(
        "bus-left-registered",
        fmt::format("{} was unloaded without bus_unregister() of '{}'", gone.name, bus.name));
    forget_bus(bus);
  }
}

}  // namespace vmsim::kern
