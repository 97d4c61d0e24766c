// SPDX-License-Identifier: MIT
// Platform devices and drivers. Counterpart: linux/platform_device.h, of.h, property.h. For
// drivers, through the table of exports.
#include <cerrno>

#include "abi/abi.hpp"
#include "abi/devres.hpp"

namespace vmsim::abi {

namespace {

constexpr unsigned kMem = 0x200, kIrq = 0x400;

kern::Platform& platform() {
  return *kernel().platform;
}

}  // namespace

// --- devices ---

::platform_device* platform_device_alloc(const char* name, int id) {
  touch_text(name);
  const u32 tag = caller_tag(__builtin_return_address(0));
  return core([=]() -> ::platform_device* {
    const Result<::platform_device*> made = platform().alloc(name, id, tag);
    return made ? *made : nullptr;
  });
}

int platform_device_add_resources(::platform_device* dev, const ::resource* resources,
                                  unsigned count) {
  touch(dev);
  if (resources != nullptr) touch_range(resources, count * sizeof(::resource));
  return finish_int([&] { return platform().add_resources(*dev, resources, count); });
}

int platform_device_add_data(::platform_device* dev, const void* data, size_t size) {
  touch(dev);
  if (data != nullptr) touch_range(data, size);
  return finish_int([&] { return platform().add_data(*dev, data, size); });
}

int platform_device_add(::platform_device* dev) {
  if (dev == nullptr) return -EINVAL;
  touch(dev);
  return finish_int([&] { return platform().add(*dev); });
}

void platform_device_del(::platform_device* dev) {
  if (dev == nullptr) return;
  touch(dev);
  core([=] { platform().del(*dev); });
}

void platform_device_put(::platform_device* dev) {
  if (dev == nullptr) return;
  touch(dev);
  core([=] { platform().put(dev); });
}

int platform_device_register(::platform_device* dev) {
  touch(dev);
  return finish_int([&] { return platform().register_device(*dev); });
}

void platform_device_unregister(::platform_device* dev) {
  if (dev == nullptr) return;
  touch(dev);
  core([=] { platform().unregister_device(dev); });
}

int platform_add_devices(::platform_device** devices, int count) {
  int error = 0;
  int added = 0;
  for (; added < count && error == 0; ++added) error = platform_device_register(devices[added]);
  if (error == 0) return 0;
  for (--added; added-- > 0;) platform_device_unregister(devices[added]);
  return error;
}

::platform_device* vmsim_platform_register(const ::platform_device_info* info) {
  touch(info);
  touch_text(info->name);
  if (info->res != nullptr) touch_range(info->res, info->num_res * sizeof(::resource));
  if (info->data != nullptr) touch_range(info->data, info->size_data);
  const u32 tag = caller_tag(__builtin_return_address(0));
  return reinterpret_cast<::platform_device*>(
      finish([&] { return platform().register_full(*info, tag); }));
}

// --- resources ---

::resource* platform_get_resource(::platform_device* dev, unsigned type, unsigned index) {
  touch(dev);
  return kern::Platform::resource_of(*dev, type, index);
}

::resource* platform_get_resource_byname(::platform_device* dev, unsigned type, const char* name) {
  touch(dev);
  touch_text(name);
  return core([=] { return platform().resource_by_name(*dev, type, name); });
}

int platform_get_irq_optional(::platform_device* dev, unsigned index) {
  touch(dev);
  return kern::Platform::irq_of(*dev, index);
}

/// Since 5.4 it says what is missing.
int platform_get_irq(::platform_device* dev, unsigned index) {
  touch(dev);
  const int irq = kern::Platform::irq_of(*dev, index);
  if (irq >= 0 || kernel().config.kernel < KernelVersion{5, 4, 0}) return irq;
  core([=] {
    kernel().log->print(kern::driver_text(kern::DeviceModel::name_of(dev->dev)) + ": IRQ index " +
                            std::to_string(index) + " not found\n",
                        kern::Log::kErr);
  });
  return irq;
}

int platform_get_irq_byname(::platform_device* dev, const char* name) {
  const ::resource* const res = platform_get_resource_byname(dev, kIrq, name);
  return res != nullptr ? static_cast<int>(res->start) : -ENXIO;
}

int platform_irq_count(::platform_device* dev) {
  touch(dev);
  int count = 0;
  while (kern::Platform::irq_of(*dev, static_cast<unsigned>(count)) >= 0) ++count;
  return count;
}

void* devm_platform_ioremap_resource(::platform_device* dev, unsigned index) {
  const u32 tag = caller_tag(__builtin_return_address(0));
  return devm_map_resource(&dev->dev, platform_get_resource(dev, kMem, index), tag);
}

void* devm_platform_ioremap_resource_byname(::platform_device* dev, const char* name) {
  const u32 tag = caller_tag(__builtin_return_address(0));
  return devm_map_resource(&dev->dev, platform_get_resource_byname(dev, kMem, name), tag);
}

void* devm_platform_get_and_ioremap_resource(::platform_device* dev, unsigned index,
                                             ::resource** found) {
  const u32 tag = caller_tag(__builtin_return_address(0));
  ::resource* const res = platform_get_resource(dev, kMem, index);
  if (found != nullptr) *found = res;
  return devm_map_resource(&dev->dev, res, tag);
}

const void* device_get_match_data(const ::device* dev) {
  touch(dev);
  return core([=] { return kern::Platform::match_data(*dev); });
}

// --- drivers ---

int __platform_driver_register(::platform_driver* driver, ::module* owner) {
  touch(driver);
  return finish_int([&] { return platform().register_driver(*driver, owner); });
}

int platform_driver_register(::platform_driver* driver) {
  touch(driver);
  return finish_int([&] { return platform().register_driver(*driver, nullptr); });
}

int __platform_driver_probe(::platform_driver* driver, int (*probe)(::platform_device*),
                            ::module* owner) {
  touch(driver);
  return finish_int([&] { return platform().probe_once(*driver, probe, owner); });
}

int platform_driver_probe(::platform_driver* driver, int (*probe)(::platform_device*)) {
  touch(driver);
  return finish_int([&] { return platform().probe_once(*driver, probe, nullptr); });
}

void platform_driver_unregister(::platform_driver* driver) {
  touch(driver);
  core([=] { platform().unregister_driver(*driver); });
}

namespace {

/// Stands in the table for objects, which the kernel of each machine resolves before it looks here.
void an_object() {}

}  // namespace

std::span<const Export> platform_exports() {
  constexpr unsigned k26 = kernel(2, 6, 0), k2615 = kernel(2, 6, 15);
  static const Export table[] = {
      exported("__platform_driver_probe", &__platform_driver_probe, kernel(3, 14)),
      exported("__platform_driver_register", &__platform_driver_register, kernel(3, 14)),
      exported("device_get_match_data", &device_get_match_data, kernel(4, 18)),
      exported("devm_platform_get_and_ioremap_resource", &devm_platform_get_and_ioremap_resource,
               kernel(5, 7)),
      exported("devm_platform_ioremap_resource", &devm_platform_ioremap_resource, kernel(5, 1)),
      exported("devm_platform_ioremap_resource_byname", &devm_platform_ioremap_resource_byname,
               kernel(5, 7)),
      exported("of_device_get_match_data", &device_get_match_data, kernel(3, 18)),
      exported("platform_add_devices", &platform_add_devices, k26),
      exported("platform_bus", &an_object, k26),
      exported("platform_bus_type", &an_object, k26),
      exported("platform_device_add", &platform_device_add, k2615),
      exported("platform_device_add_data", &platform_device_add_data, k2615),
      exported("platform_device_add_resources", &platform_device_add_resources, k2615),
      exported("platform_device_alloc", &platform_device_alloc, k2615),
      exported("platform_device_del", &platform_device_del, k2615),
      exported("platform_device_put", &platform_device_put, k2615),
      exported("platform_device_register", &platform_device_register, k26),
      exported("platform_device_unregister", &platform_device_unregister, k26),
      exported("platform_driver_probe", &platform_driver_probe, k2615, kernel(3, 14)),
      exported("platform_driver_register", &platform_driver_register, k2615, kernel(3, 14)),
      exported("platform_driver_unregister", &platform_driver_unregister, k2615),
      exported("platform_get_irq", &platform_get_irq, k26),
      exported("platform_get_irq_byname", &platform_get_irq_byname, k26),
      exported("platform_get_irq_optional", &platform_get_irq_optional, kernel(5, 5)),
      exported("platform_get_resource", &platform_get_resource, k26),
      exported("platform_get_resource_byname", &platform_get_resource_byname, k26),
      exported("platform_irq_count", &platform_irq_count, kernel(5, 5)),
      exported("vmsim_platform_register", &vmsim_platform_register, k26),
  };
  return table;
}

}  // namespace vmsim::abi
