// SPDX-License-Identifier: MIT
// Devices of the platform bus; see platform.hpp. Drivers are in platform_driver.cpp.
#include "kern/platform.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "kern/kernel.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

constexpr u32 kGfpKernel = 0xcc0;
constexpr unsigned long kTypeMask = 0x1f00, kIo = 0x100, kMem = 0x200, kIrq = 0x400;

/// dev.release of devices that alloc() made. Drivers' code calls it, so to say.
void release_device(::device* dev) {
  const sched::CoreScope scope;
  current().platform->released(*dev);
}

::platform_device& platform_of(::device& dev) {
  constexpr std::size_t kOffset = offsetof(::platform_device, dev);
  return *reinterpret_cast<::platform_device*>(reinterpret_cast<char*>(&dev) - kOffset);
}

}  // namespace

Platform::Platform(const Parts& parts) : parts_(parts) {
  bus_.name = "platform";
  root_.init_name = "platform";
}

Platform::~Platform() = default;

Result<void> Platform::start() {
  if (parts_.kernel < KernelVersion{2, 6, 0}) return {};  // there is no driver model
  VMSIM_CHECK(parts_.devices.device_register(root_));
  VMSIM_CHECK(parts_.core.bus_register(bus_, this));
  started_ = true;
  return {};
}

// --- allocation ---

Result<::platform_device*> Platform::alloc(const char* name, int id, u32 owner) {
  const std::string text = driver_text(name);
  Slab& slab = parts_.slab;
  auto* const dev =
      static_cast<::platform_device*>(slab.kzalloc(sizeof(::platform_device), kGfpKernel, owner));
  auto* const copy = static_cast<char*>(slab.kmalloc(text.size() + 1, kGfpKernel, owner));
  if (dev == nullptr || copy == nullptr) {
    slab.kfree(dev);
    slab.kfree(copy);
    return fail(ENOMEM, "no memory for a platform device");
  }
  std::memcpy(copy, text.c_str(), text.size() + 1);
  dev->name = copy;
  dev->id = id;
  parts_.devices.device_initialize(dev->dev);
  dev->dev.release = &release_device;
  return dev;
}

void Platform::released(::device& dev) {
  ::platform_device& own = platform_of(dev);
  compatibles_.erase(&dev);
  parts_.slab.kfree(own.resource);
  parts_.slab.kfree(dev.platform_data);
  parts_.slab.kfree(own.name);
  parts_.slab.kfree(&own);
}

Result<void> Platform::add_resources(::platform_device& dev, const ::resource* resources,
                                     unsigned count) {
  ::resource* copy = nullptr;
  if (resources != nullptr && count != 0) {
    const u64 bytes = sizeof(::resource) * u64{count};
    copy = static_cast<::resource*>(parts_.slab.kmalloc(bytes, kGfpKernel, 0));
    if (copy == nullptr) return fail(ENOMEM, "no memory for resources");
    std::memcpy(copy, resources, bytes);
  }
  parts_.slab.kfree(dev.resource);
  dev.resource = copy;
  dev.num_resources = count;
  return {};
}

Result<void> Platform::add_data(::platform_device& dev, const void* data, u64 bytes) {
  void* copy = nullptr;
  if (data != nullptr) {
    copy = parts_.slab.kmalloc(bytes, kGfpKernel, 0);
    if (copy == nullptr) return fail(ENOMEM, "no memory for platform data");
    std::memcpy(copy, data, bytes);
  }
  parts_.slab.kfree(dev.dev.platform_data);
  dev.dev.platform_data = copy;
  return {};
}

// --- addition and removal ---

Result<void> Platform::choose_name(::platform_device& dev) {
  const std::string name = driver_text(dev.name);
  if (name.empty()) return fail(EINVAL, "a platform device needs a name");
  std::string full = name;
  if (dev.id == kIdAuto) {
    int id = 0;
    while (auto_ids_.contains(id)) ++id;
    auto_ids_.insert(id);
    dev.id = id;
    dev.id_auto = 1;
    full += fmt::format(".{}.auto", id);
  } else if (dev.id != kIdNone) {
    full += fmt::format(".{}", dev.id);
  }
  parts_.devices.set_name(dev.dev.kobj, full);
  return {};
}

Result<void> Platform::claim_resources(::platform_device& dev) {
  for (unsigned i = 0; i < dev.num_resources; ++i) {
    ::resource& res = dev.resource[i];
    if (!res.name) res.name = dev.dev.kobj.name;
    const unsigned long type = res.flags & kTypeMask;
    ::resource* root = res.parent;
    if (!root && type == kMem) root = parts_.resources.device_at(res.start, res.end);
    if (!root && type == kIo) root = parts_.resources.ioport();
    if (!root || parts_.resources.insert_resource(root, &res)) continue;
    parts_.log.print(
        fmt::format("{}: failed to claim resource {}\n", driver_text(dev.dev.kobj.name), i),
        Log::kErr);
    release_resources(dev, i);
    return fail(EBUSY, "a resource of the platform device is taken");
  }
  return {};
}

void Platform::release_resources(::platform_device& dev, unsigned count) {
  for (unsigned i = count; i-- > 0;)
    if (dev.resource[i].parent)
      static_cast<void>(parts_.resources.release_resource(&dev.resource[i]));
}

Result<void> Platform::add(::platform_device& dev) {
  if (!started_) return fail(ENODEV, "this kernel has no platform bus");
  if (!dev.dev.parent) dev.dev.parent = &root_;
  dev.dev.bus = &bus_;
  const int asked = dev.id;
  VMSIM_CHECK(choose_name(dev));
  Result<void> added = claim_resources(dev);
  if (added) {
    added = parts_.devices.device_add(dev.dev);
    if (!added) release_resources(dev, dev.num_resources);
  }
  if (!added) {
    if (asked == kIdAuto) {
      auto_ids_.erase(dev.id);
      dev.id = asked;
    }
    return added;
  }
  // A module that went without a word may have left a file of this name.
  const std::string path = parts_.devices.folder_of(&dev.dev) + "/modalias";
  parts_.sysfs.remove(path);
  SysFile modalias;
  modalias.show = [text = "platform:" + driver_text(dev.name) + "\n"]() -> Result<std::string> {
    return text;
  };
  return parts_.sysfs.add_file(path, 0444, std::move(modalias));
}

Result<void> Platform::register_device(::platform_device& dev) {
  parts_.devices.device_initialize(dev.dev);
  return add(dev);
}

void Platform::del(::platform_device& dev) {
  const std::string folder = parts_.devices.folder_of(&dev.dev);
  if (!folder.empty()) parts_.sysfs.remove(folder + "/modalias");
  parts_.devices.device_del(dev.dev);
  if (folder.empty()) return;
  if (dev.id_auto) {
    auto_ids_.erase(dev.id);
    dev.id = kIdAuto;
  }
  release_resources(dev, dev.num_resources);
}

void Platform::put(::platform_device* dev) {
  if (dev) parts_.devices.put_device(&dev->dev);
}

void Platform::unregister_device(::platform_device* dev) {
  if (!dev) return;
  del(*dev);
  put(dev);
}

Result<::platform_device*> Platform::register_full(const ::platform_device_info& info, u32 owner) {
  ::platform_device* const dev = VMSIM_TRY(alloc(info.name, info.id, owner));
  dev->dev.parent = info.parent;
  dev->dev.fwnode = info.fwnode;
  dev->platform_dma_mask = info.dma_mask;
  Result<void> done = add_resources(*dev, info.res, info.num_res);
  if (done) done = add_data(*dev, info.data, info.size_data);
  if (done) done = add(*dev);
  if (done) return dev;
  put(dev);
  return Failure(done.error());
}

// --- resources ---

::resource* Platform::resource_of(const ::platform_device& dev, unsigned type, unsigned index) {
  for (unsigned i = 0; i < dev.num_resources; ++i) {
    if ((dev.resource[i].flags & kTypeMask) == type && index-- == 0) return &dev.resource[i];
  }
  return nullptr;
}

::resource* Platform::resource_by_name(const ::platform_device& dev, unsigned type,
                                       const char* name) const {
  const std::string wanted = driver_text(name);
  for (unsigned i = 0; i < dev.num_resources; ++i) {
    ::resource& res = dev.resource[i];
    if (res.name && (res.flags & kTypeMask) == type && driver_text(res.name) == wanted) return &res;
  }
  return nullptr;
}

int Platform::irq_of(const ::platform_device& dev, unsigned index) {
  const ::resource* const res = resource_of(dev, kIrq, index);
  return res ? static_cast<int>(res->start) : -ENXIO;
}

// --- hardware of the user's ---

Result<std::string> Platform::plug(const PlatformDevice& spec) {
  std::vector<::resource> resources;
  u64 name_bytes = 0;
  for (const PlatformResource& r : spec.resources) name_bytes += r.name.size() + 1;
  ::platform_device* const dev = VMSIM_TRY(alloc(spec.name.c_str(), spec.id));
  // The names lie behind each other in the platform data, which goes with the device.
  if (name_bytes != 0) {
    const std::string zeroes(name_bytes, '\0');
    if (const auto done = add_data(*dev, zeroes.data(), name_bytes); !done) {
      put(dev);
      return Failure(done.error());
    }
  }
  auto* at = static_cast<char*>(dev->dev.platform_data);
  for (const PlatformResource& r : spec.resources) {
    ::resource res{};
    const bool registers = r.kind == PlatformResource::Kind::kRegisters;
    res.start = registers ? r.start.value : r.line;
    res.end = registers ? r.start.value + r.size_bytes - 1 : r.line;
    res.flags = registers ? kMem : kIrq;
    if (!r.name.empty()) {
      std::memcpy(at, r.name.c_str(), r.name.size() + 1);
      res.name = at;
      at += r.name.size() + 1;
    }
    resources.push_back(res);
  }
  if (!spec.compatible.empty())
    dev->dev.compatible = (compatibles_[&dev->dev] = spec.compatible).c_str();
  Result<void> done =
      add_resources(*dev, resources.data(), static_cast<unsigned>(resources.size()));
  if (done) done = add(*dev);
  if (!done) {
    put(dev);
    return Failure(done.error());
  }
  const std::string full = driver_text(dev->dev.kobj.name);
  plugged_[full] = dev;
  return full;
}

Result<void> Platform::unplug(std::string_view name) {
  const auto it = plugged_.find(name);
  if (it == plugged_.end())
    return fail(ENODEV, fmt::format("no platform device '{}' was plugged in", name));
  ::platform_device* const dev = it->second;
  plugged_.erase(it);
  unregister_device(dev);
  return {};
}

}  // namespace vmsim::kern
