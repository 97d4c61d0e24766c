// SPDX-License-Identifier: MIT
// Classes, devices and their nodes; see device_model.hpp. Attribute files are in
// device_attribute.cpp.
#include "kern/device_model.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

DeviceModel::DeviceModel(const Parts& parts) : parts_(parts) {}

DeviceModel::~DeviceModel() {
  while (!devices_.empty()) {
    take_down(*devices_.back());
    devices_.pop_back();
  }
}

// --- classes ---

DeviceModel::Class* DeviceModel::find_class(const struct class_* cls) {
  for (const auto& c : classes_) {
    if (c->cls == cls) return c.get();
  }
  return nullptr;
}

Result<DeviceModel::Class*> DeviceModel::add_class(struct class_& cls,
                                                   std::unique_ptr<struct class_> own,
                                                   ::module* owner) {
  const std::string name = driver_text(cls.name);
  if (name.empty()) return fail(EINVAL, "a class needs a name");
  for (const auto& c : classes_) {
    if (c->name == name || c->cls == &cls) return fail(EEXIST, "class '" + name + "' exists");
  }
  auto added = std::make_unique<Class>();
  added->cls = &cls;
  added->own = std::move(own);
  added->name = name;
  added->owner = owner;
  added->name_pointer = cls.name;
  cls.core = added.get();
  classes_.push_back(std::move(added));
  return classes_.back().get();
}

Result<struct class_*> DeviceModel::class_create(::module* owner, const char* name) {
  if (parts_.probe.should_fail("class_create")) return fail(ENOMEM, "made to fail");
  auto own = std::make_unique<struct class_>();
  struct class_& cls = *own;
  cls.name = name;
  cls.owner = owner;
  Class* const added = VMSIM_TRY(add_class(cls, std::move(own), owner));
  cls.name = added->name.c_str();
  return &cls;
}

Result<void> DeviceModel::class_register(struct class_& cls) {
  VMSIM_TRY(add_class(cls, nullptr, cls.owner));
  for (auto groups = cls.class_groups; groups && *groups; ++groups)
    for (::attribute* const* at = (*groups)->attrs; at && *at; ++at)
      VMSIM_CHECK(create_class_file(cls, *reinterpret_cast<const ::class_attribute*>(*at)));
  return {};
}

Result<void> DeviceModel::create_class_file(const struct class_& cls,
                                            const ::class_attribute& attribute) {
  const Class* const known = find_class(&cls);
  if (!known || !parts_.sysfs) return fail(EINVAL, "the class is not registered");
  const bool attribute_is_passed = parts_.kernel >= KernelVersion{2, 6, 34};
  return parts_.sysfs->add_attribute("/sys/class/" + known->name, attribute.attr,
                                     {&cls, attribute_is_passed ? &attribute : nullptr,
                                      reinterpret_cast<const void*>(attribute.show),
                                      reinterpret_cast<const void*>(attribute.store)});
}

void DeviceModel::remove_class_file(const struct class_& cls,
                                    const ::class_attribute& attribute) {
  const Class* const known = find_class(&cls);
  if (known && parts_.sysfs)
    parts_.sysfs->remove("/sys/class/" + known->name + "/" + driver_text(attribute.attr.name));
}

void DeviceModel::class_unregister(const struct class_* cls) {
  const auto it = std::find_if(classes_.begin(), classes_.end(),
                               [cls](const auto& c) { return c->cls == cls; });
  if (it == classes_.end()) {
    parts_.probe.finding("class-not-registered", "a class is unregistered that is not registered");
    return;
  }
  for (const auto& r : devices_) {
    if (r->cls != cls) continue;
    parts_.probe.finding(
        "class-has-devices",
        fmt::format("class '{}' goes while its device '{}' exists", (*it)->name, r->name));
    break;
  }
  if (parts_.sysfs) parts_.sysfs->remove("/sys/class/" + (*it)->name);
  if (!(*it)->own) {
    (*it)->cls->core = nullptr;
    if ((*it)->cls->class_release && !DriverCall::call((*it)->cls->class_release, (*it)->cls)) {
      static_cast<void>(task_oopsed());
    }
  }
  classes_.erase(it);
}

void DeviceModel::class_destroy(const struct class_* cls) {
  const u64 value = reinterpret_cast<u64>(cls);
  if (value == 0 || value >= ~u64{4095}) return;  // NULL and ERR_PTR are ignored, as in Linux
  class_unregister(cls);
}

// --- names and references ---

void DeviceModel::set_name(::kobject& object, std::string_view name) {
  auto text = std::make_unique<char[]>(name.size() + 1);
  std::memcpy(text.get(), name.data(), name.size());
  object.name = text.get();
  names_[&object] = std::move(text);
}

const char* DeviceModel::name_of(const ::device& dev) {
  if (dev.init_name) return dev.init_name;
  return dev.kobj.name ? dev.kobj.name : "";
}

::device* DeviceModel::get_device(::device* dev) {
  if (dev) ++dev->kobj.refs.counter;
  return dev;
}

void DeviceModel::put_device(::device* dev) {
  if (!dev) return;
  if (dev->kobj.refs.counter <= 0) {
    parts_.probe.finding("device-put-too-often", fmt::format("put_device('{}') without a reference",
                                                             driver_text(name_of(*dev))));
    return;
  }
  if (--dev->kobj.refs.counter == 0) release(*dev);
}

void DeviceModel::release(::device& dev) {
  // The name must live until the release function has run, which may free the device.
  const auto named = names_.find(&dev.kobj);
  const auto name = named == names_.end() ? nullptr : std::move(named->second);
  if (named != names_.end()) names_.erase(named);
  const auto own = own_.find(&dev);
  // A class may have gone before the last reference to its device.
  auto* const from_class = find_class(dev.class_) ? dev.class_->dev_release : nullptr;
  if (auto* const function = dev.release ? dev.release : from_class) {
    if (!DriverCall::call(function, &dev)) static_cast<void>(task_oopsed());
  } else if (own == own_.end()) {
    parts_.probe.finding(
        "device-no-release",
        fmt::format(
            "Device '{}' does not have a release() function, it is broken and must be fixed.",
            driver_text(name_of(dev))));
  }
  if (own != own_.end()) own_.erase(own);
}

// --- devices ---

DeviceModel::Registereds::iterator DeviceModel::find(const ::device* dev) {
  return std::find_if(devices_.begin(), devices_.end(),
                      [dev](const auto& r) { return r->dev == dev; });
}

void DeviceModel::device_initialize(::device& dev) {
  dev.kobj.refs.counter = 1;
  dev.devres_head.next = dev.devres_head.prev = &dev.devres_head;
}

std::string DeviceModel::choose_folder(const ::device& dev, const Class* cls,
                                       const std::string& name) {
  if (cls) return "/sys/class/" + cls->name + "/" + name;
  const std::string above = folder_of(dev.parent);
  return (above.empty() ? "/sys/devices" : above) + "/" + name;
}

std::string DeviceModel::folder_of(const ::device* dev) const {
  for (const auto& r : devices_)
    if (dev && r->dev == dev) return r->folder;
  return {};
}

::device* DeviceModel::next_child(const ::device& parent, const ::device* before) const {
  bool passed = before == nullptr;
  for (const auto& r : devices_) {
    if (passed && r->dev->parent == &parent) return r->dev;
    if (r->dev == before) passed = true;
  }
  return nullptr;
}

Result<void> DeviceModel::add(::device& dev, NodeSpec spec) {
  if (parts_.probe.should_fail("device_add")) return fail(ENOMEM, "made to fail");
  auto registered = std::make_unique<Registered>();
  registered->dev = &dev;
  registered->name = driver_text(name_of(dev));
  registered->cls = dev.class_;
  registered->devt = dev.devt;
  if (registered->name.empty()) return fail(EINVAL, "a device needs a name");
  const Class* const cls = dev.class_ ? find_class(dev.class_) : nullptr;
  if (dev.class_ && !cls) return fail(EINVAL, "the device's class is not registered");
  registered->folder = choose_folder(dev, cls, registered->name);
  for (const auto& other : devices_) {
    if (other->dev == &dev || other->folder == registered->folder) {
      return fail(EEXIST, "device '" + registered->name + "' exists");
    }
  }
  if (dev.init_name) {
    set_name(dev.kobj, registered->name);
    dev.init_name = nullptr;
  }
  dev.core = registered.get();
  devices_.push_back(std::move(registered));
  Registered& added = *devices_.back();
  Result<void> outcome = add_node(added, std::move(spec));
  if (outcome) outcome = add_group_files(added, dev.groups);
  if (outcome && dev.class_) outcome = add_group_files(added, dev.class_->dev_groups);
  if (!outcome) {
    take_down(added);
    devices_.pop_back();
    return outcome;
  }
  get_device(&dev);
  if (!dev.bus || !buses_) return {};
  outcome = buses_->device_added(dev);
  if (!outcome) remove(dev);
  return outcome;
}

Result<void> DeviceModel::add_node(Registered& registered, NodeSpec spec) {
  if (registered.devt == 0) return {};
  if (spec.path.empty()) {
    std::string name = registered.name;
    std::replace(name.begin(), name.end(), '!', '/');
    spec.path = "/dev/" + name;
    VMSIM_CHECK(ask_class_for_node(registered, spec));
  }
  registered.node = VMSIM_TRY(parts_.chrdevs.add_node(spec.path, registered.devt, spec.mode));
  registered.node->hold();
  return {};
}

/// The class may choose another name and mode.
Result<void> DeviceModel::ask_class_for_node(const Registered& registered, NodeSpec& spec) {
  if (!registered.cls || !registered.cls->devnode) return {};
  vmsim_umode_t mode = 0;
  const auto text = DriverCall::call(registered.cls->devnode,
                                     static_cast<const ::device*>(registered.dev), &mode);
  if (!text) return task_oopsed();
  if (mode != 0) spec.mode = mode;
  if (*text) {
    spec.path = "/dev/" + driver_text(*text);
    parts_.slab.kfree(*text);
  }
  return {};
}

Result<void> DeviceModel::device_add(::device& dev) {
  return add(dev, {});
}

Result<void> DeviceModel::device_register(::device& dev) {
  device_initialize(dev);
  return add(dev, {});
}

void DeviceModel::take_down(Registered& registered) {
  for (const Attribute& attribute : registered.attributes) {
    attribute_files_.erase(attribute.node);
    parts_.nodes.remove_inode(attribute.node);
    attribute.node->put();
  }
  registered.attributes.clear();
  if (registered.node) {
    parts_.nodes.remove_inode(registered.node);
    registered.node->put();
    registered.node = nullptr;
  }
}

void DeviceModel::remove(::device& dev) {
  if (dev.bus && buses_) buses_->device_leaving(dev);
  if (parts_.devres) parts_.devres->release(&dev);
  const auto it = find(&dev);  // a driver's remove function may have changed the list
  if (it == devices_.end()) return;
  take_down(**it);
  devices_.erase(it);
  dev.core = nullptr;
  put_device(&dev);
}

void DeviceModel::device_del(::device& dev) {
  if (find(&dev) == devices_.end()) {
    parts_.probe.finding("device-not-registered", "a device is removed that is not registered");
    return;
  }
  remove(dev);
}

void DeviceModel::device_unregister(::device& dev) {
  device_del(dev);
  put_device(&dev);
}

Result<::device*> DeviceModel::create(struct class_* cls, ::device* parent, vmsim_dev_t devt,
                                      void* drvdata, std::string_view name, NodeSpec spec) {
  const u64 value = reinterpret_cast<u64>(cls);
  if (value == 0 || value >= ~u64{4095}) return fail(ENODEV, "device_create() without a class");
  auto own = std::make_unique<::device>();
  ::device& dev = *own;
  device_initialize(dev);
  dev.class_ = cls;
  dev.parent = parent;
  dev.devt = devt;
  dev.driver_data = drvdata;
  set_name(dev.kobj, name);
  own_.emplace(&dev, std::move(own));
  Result<void> added = add(dev, std::move(spec));
  if (!added) {
    names_.erase(&dev.kobj);
    own_.erase(&dev);
    return Failure(added.error());
  }
  return &dev;
}

Result<::device*> DeviceModel::device_create(struct class_* cls, ::device* parent, vmsim_dev_t devt,
                                             void* drvdata, std::string_view name) {
  return create(cls, parent, devt, drvdata, name, {});
}

Result<::device*> DeviceModel::device_create_node(struct class_* cls, ::device* parent,
                                                  vmsim_dev_t devt, void* drvdata,
                                                  std::string_view name,
                                                  const std::string& node_path,
                                                  vmsim_umode_t mode) {
  return create(cls, parent, devt, drvdata, name, NodeSpec{node_path, mode});
}

void DeviceModel::device_destroy(const struct class_* cls, vmsim_dev_t devt) {
  const auto it = std::find_if(devices_.begin(), devices_.end(),
                               [&](const auto& r) { return r->cls == cls && r->devt == devt; });
  if (it != devices_.end()) device_unregister(*(*it)->dev);
}

// --- leftovers ---

void DeviceModel::module_gone(const GoneModule& gone) {
  const auto is_left = [&](const Registered& r) {
    const Class* const cls = find_class(r.cls);
    return gone.owns(r.dev) ||
           (cls && (gone.owns(cls->cls) || gone.owns(cls->owner) || gone.owns(cls->name_pointer)));
  };
  for (std::size_t i = devices_.size(); i-- > 0;) {
    Registered& r = *devices_[i];
    if (!is_left(r)) continue;
    parts_.probe.finding(
        "device-left-registered",
        fmt::format("{} was unloaded without taking back device '{}'", gone.name, r.name));
    if (buses_) buses_->device_lost(*r.dev);
    take_down(r);
    names_.erase(&r.dev->kobj);
    own_.erase(r.dev);
    devices_.erase(devices_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = classes_.size(); i-- > 0;) {
    const Class& c = *classes_[i];
    if (!gone.owns(c.cls) && !gone.owns(c.owner) && !gone.owns(c.name_pointer)) continue;
    parts_.probe.finding(
        "device-left-registered",
        fmt::format("{} was unloaded without class_destroy() of '{}'", gone.name, c.name));
    classes_.erase(classes_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace vmsim::kern
