// SPDX-License-Identifier: MIT
// Classes, devices and their attributes. Counterpart: drivers/base,
// linux/{device,kobject,sysfs}.h. For drivers, through the table of exports. Leaves out kobjects
// that are no device's: they have a name and a count.
#include <cerrno>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/print.hpp"

namespace vmsim::abi {

namespace {

using Class = struct class_;

kern::DeviceModel& model() {
  return *kernel().devices;
}

}  // namespace

// --- classes ---

Class* class_create_owned(::module* owner, const char* name) {
  return reinterpret_cast<Class*>(finish([&] { return model().class_create(owner, name); }));
}

Class* class_create(const char* name) {
  const void* const caller = __builtin_return_address(0);
  return reinterpret_cast<Class*>(finish([&] {
    return model().class_create(kernel().modules->owner_of(reinterpret_cast<u64>(caller)), name);
  }));
}

int class_register(Class* cls) {
  touch(cls);
  return finish_int([&] { return model().class_register(*cls); });
}

void class_unregister(const Class* cls) {
  touch(cls);
  core([=] { model().class_unregister(cls); });
}

void class_destroy(const Class* cls) {
  // NULL and error pointers are fine.
  if (cls == nullptr || reinterpret_cast<u64>(cls) > ~u64{4095}) return;
  core([=] { model().class_destroy(cls); });
}

int class_create_file(const Class* cls, const ::class_attribute* attribute) {
  touch(cls);
  touch(attribute);
  return finish_int([&] { return model().create_class_file(*cls, *attribute); });
}

void class_remove_file(const Class* cls, const ::class_attribute* attribute) {
  touch(cls);
  touch(attribute);
  core([=] { model().remove_class_file(*cls, *attribute); });
}

// --- devices that the kernel makes ---

::device* device_create(const Class* cls, ::device* parent, vmsim_dev_t devt, void* data,
                        const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  return reinterpret_cast<::device*>(finish(
      [&] { return model().device_create(const_cast<Class*>(cls), parent, devt, data, name); }));
}

/// Until 2.6.27.
::device* device_create_plain(Class* cls, ::device* parent, vmsim_dev_t devt, const char* format,
                              ...) {
  VMSIM_ABI_TEXT(name, format, format);
  return reinterpret_cast<::device*>(
      finish([&] { return model().device_create(cls, parent, devt, nullptr, name); }));
}

void device_destroy(const Class* cls, vmsim_dev_t devt) {
  core([=] { model().device_destroy(cls, devt); });
}

/// Until 2.6.13 a class of its own kind; it is a class here.
Class* class_simple_create(::module* owner, char* name) {
  return class_create_owned(owner, name);
}

void class_simple_destroy(Class* cls) {
  class_destroy(cls);
}

::device* class_simple_device_add(Class* cls, vmsim_dev_t devt, ::device* parent,
                                  const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  return reinterpret_cast<::device*>(finish([&] {
    Result<::device*> made = model().device_create(cls, parent, devt, nullptr, name);
    if (made) door().simple_devices.push_back({cls, devt});
    return made;
  }));
}

void class_simple_device_remove(vmsim_dev_t devt) {
  core([=] {
    std::vector<DriverDoor::SimpleDevice>& all = door().simple_devices;
    for (auto it = all.begin(); it != all.end(); ++it) {
      if (it->devt != devt) continue;
      model().device_destroy(it->cls, devt);
      all.erase(it);
      return;
    }
  });
}

// --- devices that drivers allocate ---

void device_initialize(::device* dev) {
  touch(dev);
  core([=] { model().device_initialize(*dev); });
}

int device_add(::device* dev) {
  touch(dev);
  return finish_int([&] { return model().device_add(*dev); });
}

int device_register(::device* dev) {
  touch(dev);
  return finish_int([&] { return model().device_register(*dev); });
}

void device_del(::device* dev) {
  touch(dev);
  core([=] { model().device_del(*dev); });
}

void device_unregister(::device* dev) {
  touch(dev);
  core([=] { model().device_unregister(*dev); });
}

::device* get_device(::device* dev) {
  if (dev == nullptr) return nullptr;
  touch(dev);
  return core([=] { return model().get_device(dev); });
}

void put_device(::device* dev) {
  if (dev == nullptr) return;
  touch(dev);
  core([=] { model().put_device(dev); });
}

int dev_set_name(::device* dev, const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  touch(dev);
  core([&] { model().set_name(dev->kobj, name); });
  return 0;
}

// --- attributes ---

int device_create_file(::device* dev, const ::device_attribute* attribute) {
  if (dev == nullptr) return 0;
  touch(dev);
  touch(attribute);
  return finish_int([&] { return model().create_file(*dev, *attribute); });
}

void device_remove_file(::device* dev, const ::device_attribute* attribute) {
  if (dev == nullptr) return;
  touch(dev);
  touch(attribute);
  core([=] { model().remove_file(*dev, *attribute); });
}

namespace {

/// A device begins with its kobject, and a device_attribute with its attribute.
::device& device_of(::kobject* object) {
  return *reinterpret_cast<::device*>(object);
}

const ::device_attribute& attribute_of(const ::attribute* attribute) {
  return *reinterpret_cast<const ::device_attribute*>(attribute);
}

}  // namespace

int sysfs_create_file(::kobject* object, const ::attribute* attribute) {
  touch(object);
  touch(attribute);
  return finish_int(
      [&] { return model().create_file(device_of(object), attribute_of(attribute)); });
}

void sysfs_remove_file(::kobject* object, const ::attribute* attribute) {
  touch(object);
  touch(attribute);
  core([=] { model().remove_file(device_of(object), attribute_of(attribute)); });
}

void sysfs_remove_group(::kobject* object, const ::attribute_group* group) {
  touch(object);
  touch(group);
  core([=] {
    const ::attribute_group* const groups[] = {group, nullptr};
    model().remove_groups(device_of(object), groups);
  });
}

int sysfs_create_group(::kobject* object, const ::attribute_group* group) {
  touch(object);
  touch(group);
  return finish_int([&] {
    const ::attribute_group* const groups[] = {group, nullptr};
    return model().add_groups(device_of(object), groups);
  });
}

int device_add_groups(::device* dev, const ::attribute_group** groups) {
  touch(dev);
  return finish_int([&] { return model().add_groups(*dev, groups); });
}

void device_remove_groups(::device* dev, const ::attribute_group** groups) {
  touch(dev);
  core([=] { model().remove_groups(*dev, groups); });
}

// --- kobjects ---

int kobject_set_name(::kobject* object, const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  touch(object);
  core([&] { model().set_name(*object, name); });
  return 0;
}

::kobject* kobject_get(::kobject* object) {
  if (object != nullptr) ++object->refs.counter;
  return object;
}

namespace {

/// Marks those of kobject_create_and_add(), which the last reference frees.
constexpr unsigned kOwnKobject = 0x6b6f626a;

}  // namespace

void kobject_put(::kobject* object) {
  if (object == nullptr || --object->refs.counter > 0 || object->state != kOwnKobject) return;
  core([=] { memory().slab->kfree(object); });
}

::kobject* kobject_create_and_add(const char* name, ::kobject* parent) {
  touch_text(name);
  const u32 tag = caller_tag(__builtin_return_address(0));
  return core([=]() -> ::kobject* {
    auto* const object =
        static_cast<::kobject*>(memory().slab->kzalloc(sizeof(::kobject), VMSIM_GFP_KERNEL, tag));
    if (object == nullptr) return nullptr;
    model().set_name(*object, name);
    object->parent = parent;
    object->refs.counter = 1;
    object->state = kOwnKobject;
    object->entry.next = object->entry.prev = &object->entry;
    return object;
  });
}

std::span<const Export> device_exports() {
  static const Export table[] = {
      exported("class_create", &class_create, kernel(6, 4)),
      exported("class_create", &class_create_owned, kernel(2, 6, 13), kernel(6, 4)),
      exported("class_create_file", &class_create_file, kernel(2, 6, 13)),
      exported("class_destroy", &class_destroy, kernel(2, 6, 13)),
      exported("class_register", &class_register, kernel(2, 6, 13)),
      exported("class_remove_file", &class_remove_file, kernel(2, 6, 13)),
      exported("class_simple_create", &class_simple_create, 0, kernel(2, 6, 13)),
      exported("class_simple_destroy", &class_simple_destroy, 0, kernel(2, 6, 13)),
      exported("class_simple_device_add", &class_simple_device_add, 0, kernel(2, 6, 13)),
      exported("class_simple_device_remove", &class_simple_device_remove, 0, kernel(2, 6, 13)),
      exported("class_unregister", &class_unregister, kernel(2, 6, 13)),
      exported("dev_set_name", &dev_set_name, kernel(2, 6, 26)),
      exported("device_add", &device_add),
      exported("device_add_groups", &device_add_groups, kernel(4, 13)),
      exported("device_create", &device_create, kernel(2, 6, 27)),
      exported("device_create", &device_create_plain, kernel(2, 6, 18), kernel(2, 6, 27)),
      exported("device_create_file", &device_create_file),
      exported("device_del", &device_del),
      exported("device_destroy", &device_destroy, kernel(2, 6, 18)),
      exported("device_initialize", &device_initialize),
      exported("device_register", &device_register),
      exported("device_remove_file", &device_remove_file),
      exported("device_remove_groups", &device_remove_groups, kernel(4, 13)),
      exported("device_unregister", &device_unregister),
      exported("get_device", &get_device),
      exported("kobject_create_and_add", &kobject_create_and_add),
      exported("kobject_get", &kobject_get),
      exported("kobject_put", &kobject_put),
      exported("kobject_set_name", &kobject_set_name),
      exported("put_device", &put_device),
      exported("sysfs_create_file", &sysfs_create_file),
      exported("sysfs_create_group", &sysfs_create_group),
      exported("sysfs_remove_file", &sysfs_remove_file),
      exported("sysfs_remove_group", &sysfs_remove_group),
  };
  return table;
}

}  // namespace vmsim::abi
