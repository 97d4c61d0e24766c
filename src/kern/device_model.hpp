// SPDX-License-Identifier: MIT
// Classes and devices, as much as a character device needs: names, numbers, nodes, attributes,
// reference counts. Counterpart: drivers/base/{core,class,devtmpfs}.c. Leaves out uevents, power
// management and links between devices; buses and probing are in driver_core.hpp. Called by abi on
// a task inside the kernel; callbacks of drivers run behind DriverCall.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vmsim/kapi/vmsim/device_types.h"

#include "base/probe.hpp"
#include "kern/chrdev.hpp"
#include "kern/devres.hpp"
#include "kern/nodes.hpp"
#include "kern/slab.hpp"
#include "kern/sys_files.hpp"
#include "kern/user_copy.hpp"

namespace vmsim::kern {

/// Told about devices that are on a bus.
class BusSide {
 public:
  virtual ~BusSide() = default;
  /// The device is registered. EINVAL (no such bus): the registration is taken back.
  virtual Result<void> device_added(::device& dev) = 0;
  /// The device is about to go: its driver is unbound.
  virtual void device_leaving(::device& dev) = 0;
  /// The device has gone without a word, with its module.
  virtual void device_lost(::device& dev) = 0;
};

/// Attributes appear as files /sys/class/CLASS/DEVICE/ATTRIBUTE; without a class in a folder below
/// the parent's, or in /sys/devices.
class DeviceModel final : public vfs::NodeBackend {
 public:
  struct Parts {
    NodeTable& nodes;
    CharDevices& chrdevs;
    UserCopy& user;
    Slab& slab;  ///< takes back what a class's devnode function allocated
    base::Probe& probe;
    Devres* devres = nullptr;  ///< released when a device goes
    SysFiles* sysfs = nullptr;  ///< for the files of classes
    KernelVersion kernel{};
  };

  explicit DeviceModel(const Parts& parts);
  ~DeviceModel() override;
  DeviceModel(const DeviceModel&) = delete;
  DeviceModel& operator=(const DeviceModel&) = delete;

  /// The kernel's own memory. EEXIST (the name is taken), EINVAL (no name).
  Result<struct class_*> class_create(::module* owner, const char* name);
  /// Finding "class-not-registered" for a stranger.
  void class_destroy(const struct class_* cls);
  /// A class that the driver allocated.
  Result<void> class_register(struct class_& cls);
  void class_unregister(const struct class_* cls);

  /// A file /sys/class/CLASS/NAME. EINVAL (not registered), EEXIST.
  Result<void> create_class_file(const struct class_& cls, const ::class_attribute& attribute);
  void remove_class_file(const struct class_& cls, const ::class_attribute& attribute);

  /// A device and, where `devt` is not 0, its node /dev/name (a '!' in the name is a '/'). EEXIST,
  /// ENODEV (no class).
  Result<::device*> device_create(struct class_* cls, ::device* parent, vmsim_dev_t devt,
                                  void* drvdata, std::string_view name);
  /// The same with a node of another name and mode, as misc devices have.
  Result<::device*> device_create_node(struct class_* cls, ::device* parent, vmsim_dev_t devt,
                                       void* drvdata, std::string_view name,
                                       const std::string& node_path, vmsim_umode_t mode);
  /// Does nothing if there is none, as Linux.
  void device_destroy(const struct class_* cls, vmsim_dev_t devt);

  // Devices that drivers allocate.
  void device_initialize(::device& dev);
  /// EINVAL without a name, EEXIST.
  Result<void> device_add(::device& dev);
  void device_del(::device& dev);
  Result<void> device_register(::device& dev);
  void device_unregister(::device& dev);
  ::device* get_device(::device* dev);
  /// The last reference runs the release function; Finding "device-no-release" if there is none.
  void put_device(::device* dev);

  /// dev_set_name(), kobject_set_name() with the text ready; the name's memory is the kernel's.
  void set_name(::kobject& object, std::string_view name);
  /// init_name, or the name that was set; "" for neither.
  static const char* name_of(const ::device& dev);

  /// The child after `before`, in order of registration; the first for nullptr, nullptr at the end.
  ::device* next_child(const ::device& parent, const ::device* before) const;
  /// "/sys/devices/platform/uart.0"; empty for a device that is not registered.
  std::string folder_of(const ::device* dev) const;

  void set_buses(BusSide* buses) { buses_ = buses; }

  /// Attribute groups, NULL at their end. What was made is taken back on failure.
  Result<void> add_groups(::device& dev, const ::attribute_group* const* groups);
  void remove_groups(::device& dev, const ::attribute_group* const* groups);
  Result<void> create_file(::device& dev, const ::device_attribute& attribute);
  void remove_file(::device& dev, const ::device_attribute& attribute);

  // Attribute files.
  Result<const ::file_operations*> open(vfs::Inode& node, vfs::File& file) override;
  void released(vfs::File& file) override;
  Result<u64> read(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<u64> write(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<i64> llseek(vfs::File& file, i64 offset, int whence) override;

  /// Finding "device-left-registered" for each device and class of the module; they are removed
  /// without callbacks.
  void module_gone(const GoneModule& gone);

  std::size_t devices() const { return devices_.size(); }

  std::size_t classes() const { return classes_.size(); }

 private:
  struct Attribute {
    const ::device_attribute* attribute;
    vfs::Inode* node;
  };

  /// How the node is to be called; an empty path: by the device's name, or as its class says.
  struct NodeSpec {
    std::string path;
    vmsim_umode_t mode = 0600;
  };

  struct Registered {
    ::device* dev = nullptr;
    std::string name;
    std::string folder;
    const struct class_* cls = nullptr;
    vmsim_dev_t devt = 0;
    vfs::Inode* node = nullptr;
    std::vector<Attribute> attributes;
  };

  struct Class {
    struct class_* cls = nullptr;
    std::unique_ptr<struct class_> own;
    std::string name;
    ::module* owner = nullptr;
    const void* name_pointer = nullptr;  ///< the caller's text, which lies in its module
  };

  struct AttributeFile {
    ::device* dev;
    const ::device_attribute* attribute;
  };

  using Registereds = std::vector<std::unique_ptr<Registered>>;

  Result<Class*> add_class(struct class_& cls, std::unique_ptr<struct class_> own, ::module* owner);
  Result<::device*> create(struct class_* cls, ::device* parent, vmsim_dev_t devt, void* drvdata,
                           std::string_view name, NodeSpec spec);
  Result<void> add(::device& dev, NodeSpec spec);
  Result<void> add_node(Registered& registered, NodeSpec spec);
  Result<void> ask_class_for_node(const Registered& registered, NodeSpec& spec);
  Result<void> add_group_files(Registered& registered, const ::attribute_group* const* groups);
  Result<void> add_file(Registered& registered, const std::string& folder,
                        const ::device_attribute& attribute);
  Result<std::string> show(const AttributeFile& file);
  void take_down(Registered& registered);
  std::string choose_folder(const ::device& dev, const Class* cls, const std::string& name);
  void remove(::device& dev);
  Registereds::iterator find(const ::device* dev);
  Class* find_class(const struct class_* cls);
  void release(::device& dev);

  Parts parts_;
  BusSide* buses_ = nullptr;
  std::vector<std::unique_ptr<Class>> classes_;
  Registereds devices_;
  std::unordered_map<const ::device*, std::unique_ptr<::device>>
      own_;  ///< of device_create(), until the last put
  std::unordered_map<const ::kobject*, std::unique_ptr<char[]>> names_;
  std::unordered_map<const vfs::Inode*, AttributeFile> attribute_files_;
  std::unordered_map<const vfs::File*, std::string> shown_;  ///< what show() said at the first read
};

}  // namespace vmsim::kern
