// SPDX-License-Identifier: MIT
// Binding of drivers to devices: match, probe, deferral, remove. Counterpart: drivers/base/dd.c.
// Part of DriverCore.
#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "kern/driver_core.hpp"
#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr int kProbeDefer = 517;

}  // namespace

Result<bool> DriverCore::matches(const Bus& bus, ::device& dev, Driver& driver) {
  if (bus.hooks) return bus.hooks->match(dev, *driver.driver);
  if (!bus.bus->match) return true;
  const auto result = DriverCall::call(bus.bus->match, &dev, driver.driver);
  if (!result) return task_oopsed();
  return *result > 0;
}

Result<int> DriverCore::call_probe(const Bus& bus, Driver& driver, ::device& dev) {
  if (bus.hooks) return bus.hooks->probe(dev, *driver.driver);
  auto* const probe = bus.bus->probe ? bus.bus->probe : driver.driver->probe;
  if (!probe) return 0;
  const auto result = DriverCall::call(probe, &dev);
  if (!result) return task_oopsed();
  return *result;
}

void DriverCore::call_remove(const Bus& bus, Driver& driver, ::device& dev) {
  if (bus.hooks) return bus.hooks->remove(dev, *driver.driver);
  sched::Outcome<void> done(true);
  if (bus.bus->remove) {
    // Until 5.15 it returned a number that nobody looked at.
    done = DriverCall::call(bus.bus->remove, &dev);
  } else if (driver.driver->remove) {
    done = sched::Outcome<void>(DriverCall::call(driver.driver->remove, &dev).has_value());
  }
  if (!done) static_cast<void>(task_oopsed());
}

void DriverCore::report_failure(const Driver& driver, const ::device& dev, int error) {
  if (error == -ENODEV || error == -ENXIO) return;  // "not mine": no word about it
  const std::string name = driver_text(DeviceModel::name_of(dev));
  const std::string text =
      parts_.kernel >= KernelVersion{6, 9, 0}
          ? fmt::format("{} {}: probe with driver {} failed with error {}\n", driver.name, name,
                        driver.name, error)
          : fmt::format("{}: probe of {} failed with error {}\n", driver.name, name, error);
  parts_.log.print(text, parts_.kernel >= KernelVersion{6, 9, 0} ? Log::kErr : Log::kWarning);
}

/// really_probe(). Pre: they match.
Result<DriverCore::Bound> DriverCore::bind(Bus& bus, Driver& driver, ::device& dev) {
  if (parts_.devres.has_any(dev)) {
    parts_.log.print(
        driver_text(DeviceModel::name_of(dev)) + ": Resources present before probing\n",
        Log::kCrit);
    return Bound::kNo;
  }
  ::device_driver* const claimed = driver.driver;
  dev.driver = claimed;
  const Result<int> result = call_probe(bus, driver, dev);
  if (!result) {
    dev.driver = nullptr;
    return Failure(result.error());
  }
  if (*result == 0 && is_on(bus, &dev) && find(bus, claimed)) {
    bound(driver, dev);
    return Bound::kYes;
  }
  parts_.devres.release(&dev);
  dev.driver = nullptr;
  if (parts_.kernel >= KernelVersion{3, 6, 0}) dev.driver_data = nullptr;
  if (*result == -kProbeDefer && parts_.kernel >= KernelVersion{3, 4, 0}) {
    if (std::find(deferred_.begin(), deferred_.end(), &dev) == deferred_.end())
      deferred_.push_back(&dev);
    return Bound::kDeferred;
  }
  report_failure(driver, dev, *result);
  return Bound::kNo;
}

void DriverCore::bound(Driver& driver, ::device& dev) {
  driver.bound.push_back(&dev);
  const std::string folder = parts_.devices.folder_of(&dev);
  const std::string name = driver_text(DeviceModel::name_of(dev));
  static_cast<void>(parts_.nodes.add_link(folder + "/driver", driver.folder));
  static_cast<void>(parts_.nodes.add_link(driver.folder + "/" + name, folder));
  if (const Result<void> files = parts_.devices.add_groups(dev, driver.driver->dev_groups); !files)
    parts_.log.print(fmt::format("{} {}: its attributes cannot be made: {}\n", driver.name, name,
                                 files.error().to_string()),
                     Log::kErr);
  std::erase(deferred_, &dev);
  something_bound_ = true;
}

void DriverCore::unlink(Driver& driver, ::device& dev) {
  std::erase(driver.bound, &dev);
  parts_.nodes.remove_link(parts_.devices.folder_of(&dev) + "/driver");
  parts_.nodes.remove_link(driver.folder + "/" + driver_text(DeviceModel::name_of(dev)));
}

void DriverCore::detach(::device& dev) {
  Bus* const bus = find(dev.bus);
  Driver* const driver = bus && dev.driver ? find(*bus, dev.driver) : nullptr;
  if (!driver || std::find(driver->bound.begin(), driver->bound.end(), &dev) == driver->bound.end())
    return;
  parts_.devices.remove_groups(dev, driver->driver->dev_groups);
  unlink(*driver, dev);
  call_remove(*bus, *driver, dev);
  parts_.devres.release(&dev);
  dev.driver = nullptr;
  if (parts_.kernel >= KernelVersion{3, 6, 0}) dev.driver_data = nullptr;
}

Result<bool> DriverCore::attach(::device& dev) {
  Bus* const bus = find(dev.bus);
  if (!bus) return fail(EINVAL, "the device's bus is not registered");
  ++depth_;
  Result<bool> taken = dev.driver != nullptr;
  for (std::size_t i = 0; i < bus->drivers.size() && taken && !*taken; ++i) {
    Driver& driver = *bus->drivers[i];
    const Result<bool> fits = matches(*bus, dev, driver);
    if (!fits) {
      taken = Failure(fits.error());
    } else if (*fits) {
      const Result<Bound> result = bind(*bus, driver, dev);
      if (!result)
        taken = Failure(result.error());
      else if (*result == Bound::kDeferred)
        break;
      else
        taken = *result == Bound::kYes;
    }
  }
  --depth_;
  return taken;
}

/// A new driver tries every device of its bus.
Result<void> DriverCore::attach_all(Bus& bus, ::device_driver& driver) {
  const std::vector<::device*> candidates = bus.devices;
  ++depth_;
  Result<void> outcome;
  for (::device* dev : candidates) {
    Driver* const own = find(bus, &driver);
    if (!own) break;
    if (!is_on(bus, dev) || dev->driver) continue;
    const Result<bool> fits = matches(bus, *dev, *own);
    if (fits && !*fits) continue;
    const Result<Bound> result = fits ? bind(bus, *own, *dev) : Failure(fits.error());
    if (result) continue;
    outcome = Failure(result.error());
    break;
  }
  --depth_;
  return outcome;
}

void DriverCore::retry_deferred() {
  if (depth_ != 0) return;
  while (std::exchange(something_bound_, false) && !deferred_.empty()) {
    const std::vector<::device*> waiting = std::exchange(deferred_, {});
    for (::device* dev : waiting) {
      const bool there = std::any_of(buses_.begin(), buses_.end(),
                                     [&](const auto& bus) { return is_on(*bus, dev); });
      if (there && !dev->driver) static_cast<void>(attach(*dev));
    }
  }
}

// --- what DeviceModel tells ---

Result<void> DriverCore::device_added(::device& dev) {
  Bus* const bus = find(dev.bus);
  if (!bus) return fail(EINVAL, "the device's bus is not registered");
  const std::string name = driver_text(DeviceModel::name_of(dev));
  VMSIM_CHECK(
      parts_.nodes.add_link(bus->folder + "/devices/" + name, parts_.devices.folder_of(&dev)));
  bus->devices.push_back(&dev);
  VMSIM_CHECK(parts_.devices.add_groups(dev, bus->bus->dev_groups));
  const Result<bool> taken = attach(dev);
  retry_deferred();
  if (!taken && sched::is_oops(taken.error())) return Failure(taken.error());
  return {};
}

void DriverCore::device_leaving(::device& dev) {
  detach(dev);
  device_lost(dev);
}

void DriverCore::device_lost(::device& dev) {
  std::erase(deferred_, &dev);
  Bus* const bus = find(dev.bus);
  if (!bus || std::erase(bus->devices, &dev) == 0) return;
  parts_.nodes.remove_link(bus->folder + "/devices/" + driver_text(DeviceModel::name_of(dev)));
  for (const auto& driver : bus->drivers)
    if (std::find(driver->bound.begin(), driver->bound.end(), &dev) != driver->bound.end())
      unlink(*driver, dev);
}

}  // namespace vmsim::kern
