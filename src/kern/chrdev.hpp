// SPDX-License-Identifier: MIT
// Character device numbers: who reserved which range, and which cdev answers for a number.
// Counterpart: fs/char_dev.c and drivers/base/map.c. Leaves out request_module() and the kobject
// hierarchy. Called by abi and open(), on a task inside the kernel. A cdev is the driver's memory
// and may be gone: it is only looked at through guarded copies.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vmsim/kapi/vmsim/fs_types.h"

#include "base/probe.hpp"
#include "kern/nodes.hpp"

namespace vmsim::kern {

/// A part of the kernel that answers for device numbers itself, as misc does for major 10.
class CharBackend {
 public:
  virtual ~CharBackend() = default;
  /// The operations for a file on `node`; ENODEV. References to modules go to file.held_modules.
  virtual Result<const ::file_operations*> open_char(vfs::Inode& node, vfs::File& file) = 0;
};

/// Nodes: udev's part is played here. A number of a region NAME that gets a cdev appears as
/// /dev/NAME<minor>, and the region's first minor also as /dev/NAME; at most 16 minors of one cdev.
/// A node that a driver names itself (device_create, misc_register, mknod) takes precedence.
class CharDevices final : public vfs::NodeBackend {
 public:
  struct Parts {
    NodeTable& nodes;
    ModuleRefs& modules;
    base::Probe& probe;
    KernelVersion kernel;
  };

  explicit CharDevices(const Parts& parts);
  CharDevices(const CharDevices&) = delete;
  CharDevices& operator=(const CharDevices&) = delete;

  // Regions. `caller` is an address in the module that asks, for the list of leftovers; may be
  // nullptr.

  /// EBUSY (overlap), EINVAL (major beyond 511, minors beyond 2^20).
  Result<void> register_region(vmsim_dev_t first, unsigned count, const char* name,
                               const void* caller = nullptr);
  /// The first number; the major is the highest free dynamic one. EBUSY, EINVAL.
  Result<vmsim_dev_t> alloc_region(unsigned first_minor, unsigned count, const char* name,
                                   const void* caller = nullptr);
  /// Finding "chrdev-not-registered" where no region has exactly this extent; Linux does nothing.
  void unregister_region(vmsim_dev_t first, unsigned count);

  /// __register_chrdev(): a region and a cdev in one. The major (as asked, or the dynamic one).
  Result<unsigned> register_chrdev(unsigned major, unsigned first_minor, unsigned count,
                                   const char* name, const ::file_operations* ops,
                                   const void* caller = nullptr);
  /// register_chrdev(): returns 0 for a given major and the new one for major 0, as the kernel
  /// does.
  Result<unsigned> register_chrdev(unsigned major, const char* name, const ::file_operations* ops,
                                   const void* caller = nullptr);
  void unregister_chrdev(unsigned major, unsigned first_minor, unsigned count, const char* name);

  // cdevs.

  static void cdev_init(::cdev& cdev, const ::file_operations* ops);
  /// The kernel's own memory: freed by cdev_put() or cdev_del() before it is added, else with the
  /// machine.
  ::cdev* cdev_alloc();
  /// EBUSY if this cdev is added already (Finding "cdev-added-twice").
  Result<void> cdev_add(::cdev& cdev, vmsim_dev_t first, unsigned count);
  /// Finding "cdev-not-added" for a cdev that is not there.
  void cdev_del(::cdev* cdev);
  void cdev_put(::cdev* cdev);
  /// The cdev that answers for a number: the one with the narrowest range. nullptr: ENXIO.
  ::cdev* lookup(vmsim_dev_t dev) const;

  /// A range that the kernel answers for.
  void add_backend(vmsim_dev_t first, unsigned count, CharBackend* backend);

  /// mknod(2): a node for any number. EEXIST.
  Result<vfs::Inode*> add_node(const std::string& path, vmsim_dev_t dev, vmsim_umode_t mode = 0600);

  Result<const ::file_operations*> open(vfs::Inode& node, vfs::File& file) override;

  /// The first half of /proc/devices.
  std::string devices_text() const;
  /// Finding "chrdev-left-registered" for each cdev and region of the module; they are removed, so
  /// that nothing dangles.
  void module_gone(const GoneModule& gone);
  /// Memory is freed: Finding "cdev-freed-registered" for each cdev inside, which is removed.
  void memory_freed(const void* start, u64 bytes);

  /// Registered cdevs and regions of drivers, for the ledger.
  std::size_t registrations() const { return cdevs_.size() + regions_.size() - builtin_regions_; }

 private:
  struct Region {
    unsigned major = 0, first_minor = 0, count = 0;
    std::string name;
    const void* caller = nullptr;
    ::cdev* own_cdev = nullptr;  ///< made by register_chrdev()
  };

  struct Added {
    ::cdev* cdev = nullptr;
    const ::file_operations* ops = nullptr;  ///< as they were at cdev_add()
    ::module* owner = nullptr;
    vmsim_dev_t first = 0;
    unsigned count = 0;
    std::vector<vfs::Inode*> nodes;
  };

  struct Backed {
    vmsim_dev_t first;
    unsigned count;
    CharBackend* backend;
  };

  Result<unsigned> find_dynamic_major() const;
  Result<void> check_region(unsigned major, unsigned first_minor, unsigned count,
                            const char* name) const;
  Result<void> add_region(unsigned major, unsigned first_minor, unsigned count, const char* name,
                          const void* caller);
  const Region* region_of(vmsim_dev_t dev) const;
  void make_nodes(Added& added);
  void make_node(Added& added, const std::string& path, vmsim_dev_t dev);
  void drop(std::vector<Added>::iterator added);
  std::vector<Added>::const_iterator find_added(vmsim_dev_t dev) const;

  Parts parts_;
  std::vector<Region> regions_;  ///< sorted by major and minor
  std::vector<Added> cdevs_;     ///< in order of addition
  std::vector<Backed> backends_;
  std::map<::cdev*, std::unique_ptr<::cdev>> own_;  ///< from cdev_alloc()
  std::size_t builtin_regions_ = 0;
};

}  // namespace vmsim::kern
