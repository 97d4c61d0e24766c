// SPDX-License-Identifier: MIT
// Managed resources of devices; see devres.hpp.
#include "kern/devres.hpp"

#include <algorithm>

namespace vmsim::kern {

void* Devres::alloc(const ::device& dev, u64 bytes, vmsim_gfp_t gfp, u32 owner) {
  void* const memory = slab_.kmalloc(bytes, gfp, owner);
  if (memory != nullptr) resources_.push_back(Resource{&dev, memory, {}, nullptr});
  return memory;
}

void Devres::free(const ::device& dev, const void* memory) {
  const auto it = std::find_if(resources_.begin(), resources_.end(), [&](const Resource& r) {
    return r.dev == &dev && r.memory == memory && memory != nullptr;
  });
  if (it == resources_.end()) {
    probe_.finding("devm-kfree-stranger",
                   "devm_kfree() of memory that does not belong to the device; Linux warns.");
    return;
  }
  resources_.erase(it);
  slab_.kfree(memory);
}

void Devres::add(const ::device& dev, std::function<void()> call, const void* key) {
  resources_.push_back(Resource{&dev, nullptr, std::move(call), key});
}

void Devres::end(const ::device& dev, const void* key) {
  const auto it = std::find_if(resources_.begin(), resources_.end(), [&](const Resource& r) {
    return r.dev == &dev && r.key == key && key != nullptr;
  });
  if (it == resources_.end()) {
    probe_.finding("devm-not-there",
                   "a managed resource is given back that the device does not have; Linux warns.");
    return;
  }
  const std::function<void()> call = std::move(it->call);
  resources_.erase(it);
  call();
}

void Devres::release(const ::device* dev) {
  for (;;) {
    // A call may add or free others: the list is searched again each time.
    const auto it = std::find_if(resources_.rbegin(), resources_.rend(),
                                 [dev](const Resource& r) { return r.dev == dev; });
    if (it == resources_.rend()) return;
    const Resource resource = std::move(*it);
    resources_.erase(std::next(it).base());
    if (resource.memory != nullptr)
      slab_.kfree(resource.memory);
    else
      resource.call();
  }
}

bool Devres::has_any(const ::device& dev) const {
  return std::any_of(resources_.begin(), resources_.end(),
                     [&](const Resource& r) { return r.dev == &dev; });
}

void Devres::module_gone(const GoneModule& gone) {
  std::vector<const ::device*> left;
  for (const Resource& resource : resources_)
    if (gone.contains(resource.dev)) left.push_back(resource.dev);
  for (const ::device* dev : left) forget(*dev);
}

void Devres::forget(const ::device& dev) {
  std::erase_if(resources_,
                [&](const Resource& r) { return r.dev == &dev && r.memory == nullptr; });
  release(&dev);
}

}  // namespace vmsim::kern
