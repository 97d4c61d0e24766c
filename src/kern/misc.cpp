// SPDX-License-Identifier: MIT
// Misc devices; see misc.hpp.
#include "kern/misc.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

std::string node_name(std::string name) {
  std::replace(name.begin(), name.end(), '!', '/');
  return "/dev/" + name;
}

}  // namespace

MiscDevices::MiscDevices(const Parts& parts) : parts_(parts) {
  parts_.chrdevs.add_backend(mkdev(kMiscMajor, 0), kMinorMask + 1, this);
  class_ = parts_.devices.class_create(nullptr, "misc").value();
}

MiscDevices::~MiscDevices() = default;

bool MiscDevices::taken(unsigned minor) const {
  return std::any_of(devices_.begin(), devices_.end(),
                     [minor](const Registered& r) { return r.minor == minor; });
}

/// From the top of the low dynamic range downwards; since 6.2 also above 255.
Result<unsigned> MiscDevices::dynamic_minor() const {
  const bool wide = parts_.kernel >= KernelVersion{5, 12, 0};
  const unsigned low = wide ? 128 : 64;
  for (unsigned minor = low; minor-- > 0;) {
    if (!taken(minor)) return minor;
  }
  if (parts_.kernel >= KernelVersion{6, 2, 0}) {
    for (unsigned minor = kMiscDynamicMinor + 1; minor <= kMinorMask; ++minor) {
      if (!taken(minor)) return minor;
    }
  }
  return fail(EBUSY, "no dynamic minor is left");
}

Result<void> MiscDevices::register_device(::miscdevice& misc) {
  const std::string name = driver_text(misc.name);
  if (name.empty()) return fail(EINVAL, "a misc device needs a name");
  for (const Registered& r : devices_) {
    if (r.misc != &misc) continue;
    parts_.probe.finding("misc-registered-twice",
                         fmt::format("misc device '{}' is registered already", name));
    return fail(EBUSY, "this miscdevice is registered already");
  }
  const bool dynamic = misc.minor == kMiscDynamicMinor;
  if (!dynamic && (misc.minor < 0 || misc.minor > static_cast<int>(kMinorMask)))
    return fail(EINVAL, "no such minor");
  if (!dynamic && taken(static_cast<unsigned>(misc.minor))) {
    return fail(EBUSY, fmt::format("misc minor {} is taken", misc.minor));
  }
  const unsigned minor = dynamic ? VMSIM_TRY(dynamic_minor()) : static_cast<unsigned>(misc.minor);
  const std::string node = node_name(misc.nodename ? driver_text(misc.nodename) : name);
  const auto mode = static_cast<vmsim_umode_t>(misc.mode != 0 ? misc.mode : 0600);
  misc.this_device = VMSIM_TRY(parts_.devices.device_create_node(
      class_, misc.parent, mkdev(kMiscMajor, minor), &misc, name, node, mode));
  misc.minor = static_cast<int>(minor);
  devices_.insert(devices_.begin(), Registered{&misc, minor, name, misc.fops, dynamic});
  return {};
}

void MiscDevices::drop(std::size_t index) {
  parts_.devices.device_destroy(class_, mkdev(kMiscMajor, devices_[index].minor));
  devices_.erase(devices_.begin() + static_cast<std::ptrdiff_t>(index));
}

Result<void> MiscDevices::deregister(::miscdevice& misc) {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i].misc != &misc) continue;
    const bool above = devices_[i].minor > static_cast<unsigned>(kMiscDynamicMinor);
    drop(i);
    misc.this_device = nullptr;
    if (above) misc.minor = kMiscDynamicMinor;
    return {};
  }
  parts_.probe.finding(
      "misc-not-registered",
      "misc_deregister() of a device that is not registered: its registration failed, or it was "
      "taken back before. Linux corrupts its list.");
  return fail(EINVAL, "the miscdevice is not registered");
}

Result<const ::file_operations*> MiscDevices::open_char(vfs::Inode& node, vfs::File& file) {
  const unsigned minor = minor_of(node.i_rdev);
  for (const Registered& r : devices_) {
    if (r.minor != minor) continue;
    ::file_operations ops;
    if (!r.fops || !sched::DriverCall::try_copy(&ops, r.fops, sizeof(ops))) {
      return fail(ENODEV, "the misc device has no operations");
    }
    file.private_data = r.misc;
    return r.fops;
  }
  return fail(ENODEV, fmt::format("no misc device has minor {}", minor));
}

std::string MiscDevices::misc_text() const {
  std::string text;
  for (const Registered& r : devices_) text += fmt::format("{:3} {}\n", r.minor, r.name);
  return text;
}

void MiscDevices::module_gone(const GoneModule& gone) {
  for (std::size_t i = devices_.size(); i-- > 0;) {
    const Registered& r = devices_[i];
    if (!gone.owns(r.misc) && !gone.owns(r.fops)) continue;
    parts_.probe.finding(
        "misc-left-registered",
        fmt::format("{} was unloaded without misc_deregister() of '{}'", gone.name, r.name));
    drop(i);
  }
}

void MiscDevices::memory_freed(const void* start, u64 bytes) {
  for (std::size_t i = devices_.size(); i-- > 0;) {
    const Registered& r = devices_[i];
    if (reinterpret_cast<u64>(r.misc) - reinterpret_cast<u64>(start) >= bytes) continue;
    parts_.probe.finding(
        "misc-freed-registered",
        fmt::format("memory that holds misc device '{}' is freed before misc_deregister()",
                    r.name));
    drop(i);
  }
}

}  // namespace vmsim::kern
