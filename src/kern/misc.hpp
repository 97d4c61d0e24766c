// SPDX-License-Identifier: MIT
// Devices that share major 10, told apart by minor. Counterpart: drivers/char/misc.c. Leaves out
// request_module(). Called by abi and open(), on a task inside the kernel. The miscdevice is the
// driver's own.
#pragma once

#include <string>
#include <vector>

#include "vmsim/kapi/vmsim/fs_types.h"

#include "base/probe.hpp"
#include "kern/chrdev.hpp"
#include "kern/device_model.hpp"

namespace vmsim::kern {

inline constexpr unsigned kMiscMajor = 10;
inline constexpr int kMiscDynamicMinor = 255;

class MiscDevices final : public CharBackend {
 public:
  struct Parts {
    CharDevices& chrdevs;
    DeviceModel& devices;
    ModuleRefs& modules;
    base::Probe& probe;
    KernelVersion kernel;
  };

  explicit MiscDevices(const Parts& parts);
  ~MiscDevices() override;
  MiscDevices(const MiscDevices&) = delete;
  MiscDevices& operator=(const MiscDevices&) = delete;

  /// misc.minor is filled in where it was dynamic; misc.this_device is made. EBUSY (minor taken, or
  /// none left), EEXIST (name taken), EINVAL (no name).
  Result<void> register_device(::miscdevice& misc);
  /// Finding "misc-not-registered", and EINVAL, for a stranger.
  Result<void> deregister(::miscdevice& misc);

  /// Sets file->private_data to the miscdevice, as the kernel does before the driver's open.
  Result<const ::file_operations*> open_char(vfs::Inode& node, vfs::File& file) override;

  /// /proc/misc.
  std::string misc_text() const;
  /// Finding "misc-left-registered" for each device of the module; they are removed.
  void module_gone(const GoneModule& gone);
  /// Memory is freed: Finding "misc-freed-registered" for each miscdevice inside, which is removed.
  void memory_freed(const void* start, u64 bytes);

  std::size_t registered() const { return devices_.size(); }

 private:
  struct Registered {
    ::miscdevice* misc;
    unsigned minor;
    std::string name;
    const ::file_operations* fops;
    bool dynamic;
  };

  Result<unsigned> dynamic_minor() const;
  bool taken(unsigned minor) const;
  void drop(std::size_t index);

  Parts parts_;
  struct class_* class_ = nullptr;
  std::vector<Registered> devices_;  ///< newest first, as /proc/misc lists them
};

}  // namespace vmsim::kern
