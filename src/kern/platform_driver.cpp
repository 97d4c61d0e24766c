// SPDX-License-Identifier: MIT
// Drivers of the platform bus: which device is theirs, and the calls to them. Counterpart:
// drivers/base/platform.c. Part of Platform.
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "kern/platform.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr int kProbeDefer = 517;
constexpr unsigned kTableMax = 4096;  ///< entries; a table without an end is a driver's mistake

::platform_device& platform_of(::device& dev) {
  constexpr std::size_t kOffset = offsetof(::platform_device, dev);
  return *reinterpret_cast<::platform_device*>(reinterpret_cast<char*>(&dev) - kOffset);
}

template <std::size_t N>
std::string_view text_in(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

}  // namespace

::platform_driver* Platform::driver_of(const ::device_driver& driver) const {
  const auto it = drivers_.find(&driver);
  return it == drivers_.end() ? nullptr : it->second;
}

// --- registration ---

Result<void> Platform::register_driver(::platform_driver& driver, ::module* owner) {
  if (!started_) return fail(ENODEV, "this kernel has no platform bus");
  if (owner) driver.driver.owner = owner;
  driver.driver.bus = &bus_;
  const bool known = drivers_.contains(&driver.driver);
  drivers_[&driver.driver] = &driver;
  const Result<void> done = parts_.core.driver_register(driver.driver);
  if (!done && !known && !sched::is_oops(done.error())) drivers_.erase(&driver.driver);
  return done;
}

void Platform::unregister_driver(::platform_driver& driver) {
  parts_.core.driver_unregister(driver.driver);
  drivers_.erase(&driver.driver);
  closed_.erase(&driver.driver);
}

Result<void> Platform::probe_once(::platform_driver& driver,
                                  int (*probe_function)(::platform_device*), ::module* owner) {
  driver.prevent_deferred_probe = 1;
  driver.driver.suppress_bind_attrs = 1;
  driver.probe = probe_function;
  VMSIM_CHECK(register_driver(driver, owner));
  closed_.insert(&driver.driver);
  if (parts_.core.next_bound(driver.driver, nullptr) != nullptr) return {};
  unregister_driver(driver);
  return fail(ENODEV, "no device for this driver");
}

// --- matching ---

/// The table is the driver's memory, and ends with an entry of zeroes.
const ::of_device_id* Platform::compatible_entry(const char* compatible,
                                                 const ::of_device_id* table) {
  if (!compatible || !table) return nullptr;
  ::of_device_id entry;
  for (unsigned i = 0; i < kTableMax; ++i) {
    if (!DriverCall::try_copy(&entry, table + i, sizeof(entry))) return nullptr;
    if (entry.compatible[0] == '\0' && entry.name[0] == '\0' && entry.type[0] == '\0') break;
    if (text_in(entry.compatible) == compatible) return table + i;
  }
  return nullptr;
}

const ::platform_device_id* Platform::id_entry(const char* name,
                                               const ::platform_device_id* table) {
  const std::string wanted = driver_text(name);
  ::platform_device_id entry;
  for (unsigned i = 0; i < kTableMax; ++i) {
    if (!DriverCall::try_copy(&entry, table + i, sizeof(entry))) return nullptr;
    if (entry.name[0] == '\0') break;
    if (text_in(entry.name) == wanted) return table + i;
  }
  return nullptr;
}

const void* Platform::match_data(const ::device& dev) {
  if (!dev.driver) return nullptr;
  const ::of_device_id* const entry = compatible_entry(dev.compatible, dev.driver->of_match_table);
  return entry ? entry->data : nullptr;
}

bool Platform::match(::device& dev, ::device_driver& driver) {
  ::platform_device& pdev = platform_of(dev);
  const std::string driver_name = driver_text(driver.name);
  if (pdev.driver_override) return driver_text(pdev.driver_override) == driver_name;
  if (compatible_entry(dev.compatible, driver.of_match_table)) return true;
  const ::platform_driver* const own = driver_of(driver);
  if (own && own->id_table) {
    pdev.id_entry = id_entry(pdev.name, own->id_table);
    return pdev.id_entry != nullptr;
  }
  return driver_text(pdev.name) == driver_name;
}

// --- calls ---

Result<int> Platform::probe(::device& dev, ::device_driver& driver) {
  ::platform_driver* const own = driver_of(driver);
  if (!own) {
    // Until 2.6.15 every driver of this bus; later those that register a bare device_driver.
    if (!driver.probe) return 0;
    const auto result = DriverCall::call(driver.probe, &dev);
    if (!result) return task_oopsed();
    return *result;
  }
  if (closed_.contains(&driver)) return -ENXIO;
  if (!own->probe) return 0;
  const auto result = DriverCall::call(own->probe, &platform_of(dev));
  if (!result) return task_oopsed();
  if (*result == -kProbeDefer && own->prevent_deferred_probe) {
    parts_.log.print(fmt::format("{} {}: probe deferral not supported\n", driver_text(driver.name),
                                 driver_text(DeviceModel::name_of(dev))),
                     Log::kWarning);
    return -ENXIO;
  }
  return *result;
}

void Platform::remove(::device& dev, ::device_driver& driver) {
  ::platform_driver* const own = driver_of(driver);
  if (!own) {
    if (driver.remove && !DriverCall::call(driver.remove, &dev)) static_cast<void>(task_oopsed());
    return;
  }
  // 6.3 to 6.12 have a second function for it, without a result; it goes first.
  const bool has_new = parts_.kernel >= KernelVersion{6, 3, 0} &&
                       parts_.kernel < KernelVersion{6, 13, 0} && own->remove_new;
  if (has_new) {
    if (!DriverCall::call(own->remove_new, &platform_of(dev))) static_cast<void>(task_oopsed());
    return;
  }
  if (!own->remove) return;
  const auto result = DriverCall::call(own->remove, &platform_of(dev));
  if (!result) {
    static_cast<void>(task_oopsed());
    return;
  }
  const bool looked_at =
      parts_.kernel >= KernelVersion{5, 11, 0} && parts_.kernel < KernelVersion{6, 11, 0};
  if (looked_at && *result != 0) {
    parts_.log.print(
        fmt::format("{} {}: remove callback returned a non-zero value. This will be ignored.\n",
                    driver_text(driver.name), driver_text(DeviceModel::name_of(dev))),
        Log::kWarning);
  }
}

void Platform::module_gone(const GoneModule& gone) {
  std::erase_if(drivers_, [&](const auto& d) { return gone.owns(d.first); });
  std::erase_if(closed_, [&](const auto* d) { return gone.owns(d); });
}

}  // namespace vmsim::kern
