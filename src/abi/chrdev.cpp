// SPDX-License-Identifier: MIT
// Character devices and misc devices. Counterpart: fs/char_dev.c, drivers/char/misc.c,
// linux/{fs,cdev,miscdevice}.h. For drivers, through the table of exports.
#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

kern::CharDevices& chrdevs() {
  return *kernel().char_devices;
}

}  // namespace

int alloc_chrdev_region(vmsim_dev_t* dev, unsigned first, unsigned count, const char* name) {
  touch(dev);
  const void* const caller = __builtin_return_address(0);
  vmsim_dev_t number = 0;
  const int error = finish_int([&]() -> Result<void> {
    number = VMSIM_TRY(chrdevs().alloc_region(first, count, name, caller));
    return {};
  });
  if (error == 0) *dev = number;
  return error;
}

int register_chrdev_region(vmsim_dev_t first, unsigned count, const char* name) {
  const void* const caller = __builtin_return_address(0);
  return finish_int([&] { return chrdevs().register_region(first, count, name, caller); });
}

void unregister_chrdev_region(vmsim_dev_t first, unsigned count) {
  core([=] { chrdevs().unregister_region(first, count); });
}

int register_chrdev(unsigned major, const char* name, const ::file_operations* ops) {
  const void* const caller = __builtin_return_address(0);
  if (ops != nullptr) touch(ops);
  return finish_int([&] { return chrdevs().register_chrdev(major, name, ops, caller); });
}

int unregister_chrdev(unsigned major, const char* name) {
  constexpr unsigned kMinors = 256;
  core([=] { chrdevs().unregister_chrdev(major, 0, kMinors, name); });
  return 0;
}

// --- cdevs ---

void cdev_init(::cdev* cdev, const ::file_operations* ops) {
  touch(cdev);
  core([=] { kern::CharDevices::cdev_init(*cdev, ops); });
}

::cdev* cdev_alloc() {
  return core([] { return chrdevs().cdev_alloc(); });
}

int cdev_add(::cdev* cdev, vmsim_dev_t dev, unsigned count) {
  touch(cdev);
  return finish_int([&] { return chrdevs().cdev_add(*cdev, dev, count); });
}

void cdev_del(::cdev* cdev) {
  touch(cdev);
  core([=] { chrdevs().cdev_del(cdev); });
}

void cdev_put(::cdev* cdev) {
  if (cdev == nullptr) return;
  touch(cdev);
  core([=] { chrdevs().cdev_put(cdev); });
}

int cdev_device_add(::cdev* cdev, ::device* dev) {
  touch(cdev);
  touch(dev);
  return finish_int([&]() -> Result<void> {
    if (dev->devt != 0) VMSIM_CHECK(chrdevs().cdev_add(*cdev, dev->devt, 1));
    Result<void> added = kernel().devices->device_add(*dev);
    if (!added && dev->devt != 0) chrdevs().cdev_del(cdev);
    return added;
  });
}

void cdev_device_del(::cdev* cdev, ::device* dev) {
  touch(cdev);
  touch(dev);
  core([=] {
    kernel().devices->device_del(*dev);
    if (dev->devt != 0) chrdevs().cdev_del(cdev);
  });
}

// --- misc ---

int misc_register(::miscdevice* misc) {
  touch(misc);
  return finish_int([&] { return kernel().misc_devices->register_device(*misc); });
}

int misc_deregister(::miscdevice* misc) {
  touch(misc);
  return finish_int([&] { return kernel().misc_devices->deregister(*misc); });
}

std::span<const Export> chrdev_exports() {
  static const Export table[] = {
      exported("alloc_chrdev_region", &alloc_chrdev_region),
      exported("cdev_add", &cdev_add),
      exported("cdev_alloc", &cdev_alloc),
      exported("cdev_del", &cdev_del),
      exported("cdev_device_add", &cdev_device_add, kernel(4, 12)),
      exported("cdev_device_del", &cdev_device_del, kernel(4, 12)),
      exported("cdev_init", &cdev_init),
      exported("cdev_put", &cdev_put),
      exported("misc_deregister", &misc_deregister),
      exported("misc_register", &misc_register),
      exported("register_chrdev", &register_chrdev),
      exported("register_chrdev_region", &register_chrdev_region),
      exported("unregister_chrdev", &unregister_chrdev),
      exported("unregister_chrdev_region", &unregister_chrdev_region),
  };
  return table;
}

}  // namespace vmsim::abi
