// SPDX-License-Identifier: MIT
// Buses, drivers and walks over devices. Counterpart: linux/device/{bus,driver}.h. For drivers,
// through the table of exports.
#include "abi/abi.hpp"
#include "abi/driver_door.hpp"

namespace vmsim::abi {

namespace {

kern::DriverCore& drivers() {
  return *kernel().driver_core;
}

}  // namespace

// --- buses ---

int bus_register(const ::bus_type* bus) {
  touch(bus);
  return finish_int([&] { return drivers().bus_register(*bus); });
}

void bus_unregister(const ::bus_type* bus) {
  touch(bus);
  core([=] { drivers().bus_unregister(*bus); });
}

/// The next device is looked up before the function runs, which may remove the one it gets.
int bus_for_each_dev(const ::bus_type* bus, ::device* start, void* data,
                     int (*function)(::device*, void*)) {
  touch(bus);
  ::device* dev = core([=] { return drivers().next_device(*bus, start); });
  int result = 0;
  while (dev != nullptr && result == 0) {
    ::device* const now = dev;
    dev = core([=] { return drivers().next_device(*bus, now); });
    result = function(now, data);
  }
  return result;
}

/// With a reference.
::device* bus_find_device(const ::bus_type* bus, ::device* start, const void* data,
                          int (*match)(::device*, const void*)) {
  touch(bus);
  for (::device* dev = start;;) {
    dev = core([=] { return drivers().next_device(*bus, dev); });
    if (dev == nullptr) return nullptr;
    if (match(dev, data) != 0) return core([=] { return kernel().devices->get_device(dev); });
  }
}

int bus_create_file(const ::bus_type* bus, const ::bus_attribute* attribute) {
  touch(bus);
  touch(attribute);
  return finish_int([&] { return drivers().create_bus_file(*bus, *attribute); });
}

void bus_remove_file(const ::bus_type* bus, const ::bus_attribute* attribute) {
  touch(bus);
  touch(attribute);
  core([=] { drivers().remove_bus_file(*bus, *attribute); });
}

// --- drivers ---

int driver_register(::device_driver* driver) {
  touch(driver);
  return finish_int([&] { return drivers().driver_register(*driver); });
}

void driver_unregister(::device_driver* driver) {
  touch(driver);
  core([=] { drivers().driver_unregister(*driver); });
}

::device_driver* driver_find(const char* name, const ::bus_type* bus) {
  touch_text(name);
  touch(bus);
  return core([=] { return drivers().driver_find(name, *bus); });
}

int driver_for_each_device(::device_driver* driver, ::device* start, void* data,
                           int (*function)(::device*, void*)) {
  touch(driver);
  ::device* dev = core([=] { return drivers().next_bound(*driver, start); });
  int result = 0;
  while (dev != nullptr && result == 0) {
    ::device* const now = dev;
    dev = core([=] { return drivers().next_bound(*driver, now); });
    result = function(now, data);
  }
  return result;
}

int driver_create_file(::device_driver* driver, const ::driver_attribute* attribute) {
  touch(driver);
  touch(attribute);
  return finish_int([&] { return drivers().create_driver_file(*driver, *attribute); });
}

void driver_remove_file(::device_driver* driver, const ::driver_attribute* attribute) {
  touch(driver);
  touch(attribute);
  core([=] { drivers().remove_driver_file(*driver, *attribute); });
}

// --- devices ---

int device_attach(::device* dev) {
  touch(dev);
  return finish_int([&] { return drivers().attach(*dev); });
}

void device_release_driver(::device* dev) {
  touch(dev);
  core([=] { drivers().detach(*dev); });
}

int device_for_each_child(::device* parent, void* data, int (*function)(::device*, void*)) {
  touch(parent);
  ::device* dev = core([=] { return kernel().devices->next_child(*parent, nullptr); });
  int result = 0;
  while (dev != nullptr && result == 0) {
    ::device* const now = dev;
    dev = core([=] { return kernel().devices->next_child(*parent, now); });
    result = function(now, data);
  }
  return result;
}

/// With a reference.
::device* device_find_child(::device* parent, const void* data,
                            int (*match)(::device*, const void*)) {
  if (parent == nullptr) return nullptr;
  touch(parent);
  for (::device* dev = nullptr;;) {
    dev = core([=] { return kernel().devices->next_child(*parent, dev); });
    if (dev == nullptr) return nullptr;
    if (match(dev, data) != 0) return core([=] { return kernel().devices->get_device(dev); });
  }
}

std::span<const Export> driver_exports() {
  static const Export table[] = {
      exported("bus_create_file", &bus_create_file),
      exported("bus_find_device", &bus_find_device),
      exported("bus_for_each_dev", &bus_for_each_dev),
      exported("bus_register", &bus_register),
      exported("bus_remove_file", &bus_remove_file),
      exported("bus_unregister", &bus_unregister),
      exported("device_attach", &device_attach),
      exported("device_find_child", &device_find_child),
      exported("device_for_each_child", &device_for_each_child),
      exported("device_release_driver", &device_release_driver),
      exported("driver_create_file", &driver_create_file),
      exported("driver_find", &driver_find),
      exported("driver_for_each_device", &driver_for_each_device),
      exported("driver_register", &driver_register),
      exported("driver_remove_file", &driver_remove_file),
      exported("driver_unregister", &driver_unregister),
  };
  return table;
}

}  // namespace vmsim::abi
