// SPDX-License-Identifier: MIT
// What goes when its device goes: devm_. Counterpart: drivers/base/devres.c, lib/devres.c,
// linux/{device,io,interrupt}.h. For drivers, through the table of exports.
#include "abi/devres.hpp"

#include <cerrno>
#include <cstring>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/print.hpp"
#include "kern/irq.hpp"

namespace vmsim::abi {

namespace {

void* devm_alloc(::device* dev, u64 size, vmsim_gfp_t gfp, u32 tag, Caller caller) {
  touch(dev, caller);
  return core([=] { return kernel().devres->alloc(*dev, size, gfp, tag); },
              caller.return_address);
}

}  // namespace

void* devm_kmalloc(::device* dev, size_t size, vmsim_gfp_t gfp) {
  return devm_alloc(dev, size, gfp, caller_tag(__builtin_return_address(0)), VMSIM_ABI_CALLER);
}

void* devm_kzalloc(::device* dev, size_t size, vmsim_gfp_t gfp) {
  return devm_alloc(dev, size, gfp | VMSIM_GFP_BIT_ZERO, caller_tag(__builtin_return_address(0)),
                    VMSIM_ABI_CALLER);
}

void* devm_kcalloc(::device* dev, size_t count, size_t size, vmsim_gfp_t gfp) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  return devm_alloc(dev, bytes, gfp | VMSIM_GFP_BIT_ZERO, caller_tag(__builtin_return_address(0)),
                    VMSIM_ABI_CALLER);
}

char* devm_kstrdup(::device* dev, const char* text, vmsim_gfp_t gfp) {
  if (text == nullptr) return nullptr;
  const std::size_t size = touch_text(text, ~std::size_t{0} - 1) + 1;
  auto* const copy = static_cast<char*>(
      devm_alloc(dev, size, gfp, caller_tag(__builtin_return_address(0)), VMSIM_ABI_CALLER));
  for (std::size_t i = 0; copy != nullptr && i < size; ++i) copy[i] = text[i];
  return copy;
}

void devm_kfree(::device* dev, const void* memory) {
  touch(dev);
  core([=] { kernel().devres->free(*dev, memory); });
}

void* devm_kmemdup(::device* dev, const void* from, size_t size, vmsim_gfp_t gfp) {
  touch_range(from, size);
  void* const copy =
      devm_alloc(dev, size, gfp, caller_tag(__builtin_return_address(0)), VMSIM_ABI_CALLER);
  if (copy != nullptr) std::memcpy(copy, from, size);
  return copy;
}

char* devm_kasprintf(::device* dev, vmsim_gfp_t gfp, const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  const std::size_t size = std::strlen(name) + 1;
  auto* const copy = static_cast<char*>(
      devm_alloc(dev, size, gfp, caller_tag(__builtin_return_address(0)), VMSIM_ABI_CALLER));
  if (copy != nullptr) std::memcpy(copy, name, size);
  return copy;
}

int devm_add_action_or_reset(::device* dev, void (*action)(void*), void* data) {
  touch(dev);
  core([=] {
    kernel().devres->add(
        *dev, [action, data] { static_cast<void>(sched::DriverCall::call(action, data)); });
  });
  return 0;
}

// --- windows and interrupts ---

namespace {

/// nullptr if there is no window.
void* devm_map(::device* dev, u64 start, u64 size, u32 tag,
               const void* caller = __builtin_return_address(0)) {
  return core([=]() -> void* {
    kern::IoremapTable& table = *memory().ioremap;
    void* const cookie = table.ioremap(PhysAddr(start), size, kern::IoCaching::kUncached, tag);
    if (cookie != nullptr)
      kernel().devres->add(
          *dev, [&table, cookie] { table.iounmap(cookie); }, cookie);
    return cookie;
  }, caller);
}

}  // namespace

void* devm_ioremap(::device* dev, u64 start, u64 size) {
  touch(dev);
  return devm_map(dev, start, size, caller_tag(__builtin_return_address(0)));
}

void devm_iounmap(::device* dev, volatile void* cookie) {
  touch(dev);
  core([=] { kernel().devres->end(*dev, const_cast<const void*>(cookie)); });
}

void* devm_map_resource(::device* dev, const ::resource* res, u32 tag) {
  constexpr unsigned long kMemoryType = 0x200;
  const auto error = [](int number) {
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(number));
  };
  if (res == nullptr || (res->flags & kMemoryType) == 0) {
    core([=] {
      kernel().log->print(
          kern::driver_text(kern::DeviceModel::name_of(*dev)) + ": invalid resource\n",
          kern::Log::kErr);
    });
    return error(-EINVAL);
  }
  const u64 start = res->start, size = res->end - res->start + 1;
  const bool claimed = core([=] {
    kern::IoResources& io = *kernel().io_resources;
    if (io.request_region(io.iomem(), start, size, kern::DeviceModel::name_of(*dev)) == nullptr)
      return false;
    kernel().devres->add(*dev, [&io, start, size] { io.release_region(io.iomem(), start, size); });
    return true;
  });
  if (!claimed) return error(-EBUSY);
  void* const cookie = devm_map(dev, start, size, tag);
  return cookie != nullptr ? cookie : error(-ENOMEM);
}

void* devm_ioremap_resource(::device* dev, const ::resource* res) {
  touch(dev);
  if (res != nullptr) touch(res);
  return devm_map_resource(dev, res, caller_tag(__builtin_return_address(0)));
}

::resource* __devm_request_region(::device* dev, ::resource* parent, u64 start, u64 size,
                                  const char* name) {
  touch(dev);
  touch(parent);
  return core([=]() -> ::resource* {
    kern::IoResources& io = *kernel().io_resources;
    ::resource* const region = io.request_region(parent, start, size, name);
    if (region != nullptr)
      kernel().devres->add(*dev,
                           [&io, parent, start, size] { io.release_region(parent, start, size); });
    return region;
  });
}

// --- interrupts ---

namespace {

/// What devm_free_irq() finds it by.
const void* irq_key(unsigned irq, const void* dev_id) {
  return static_cast<const char*>(dev_id) + irq;
}

void add_irq(::device* dev, unsigned irq, void* dev_id) {
  kern::ThreadedIrqs& irqs = *door().threaded_irqs;
  kernel().devres->add(
      *dev, [&irqs, irq, dev_id] { irqs.free(irq, dev_id); }, irq_key(irq, dev_id));
}

}  // namespace

int devm_request_irq(::device* dev, unsigned irq, kern::IrqHandler handler, unsigned long flags,
                     const char* name, void* dev_id) {
  touch(dev);
  return finish_int([&]() -> Result<void> {
    VMSIM_CHECK(kernel().irqs->request_irq(irq, handler, flags,
                                           name ? name : kern::DeviceModel::name_of(*dev), dev_id));
    add_irq(dev, irq, dev_id);
    return {};
  });
}

int devm_request_threaded_irq(::device* dev, unsigned irq, int (*handler)(int, void*),
                              int (*thread)(int, void*), unsigned long flags, const char* name,
                              void* dev_id) {
  touch(dev);
  return finish_int([&]() -> Result<void> {
    VMSIM_CHECK(door().threaded_irqs->request(
        irq, handler, thread, flags, name ? name : kern::DeviceModel::name_of(*dev), dev_id));
    add_irq(dev, irq, dev_id);
    return {};
  });
}

void devm_free_irq(::device* dev, unsigned irq, void* dev_id) {
  touch(dev);
  core([=] { kernel().devres->end(*dev, irq_key(irq, dev_id)); });
}

std::span<const Export> devres_exports() {
  static const Export table[] = {
      exported("__devm_request_region", &__devm_request_region, kernel(3, 11)),
      exported("devm_add_action", &devm_add_action_or_reset, kernel(3, 14)),
      exported("devm_add_action_or_reset", &devm_add_action_or_reset, kernel(4, 3)),
      exported("devm_free_irq", &devm_free_irq, kernel(2, 6, 30)),
      exported("devm_ioremap", &devm_ioremap, kernel(2, 6, 22)),
      exported("devm_ioremap_resource", &devm_ioremap_resource, kernel(3, 9)),
      exported("devm_iounmap", &devm_iounmap, kernel(2, 6, 22)),
      exported("devm_kasprintf", &devm_kasprintf, kernel(3, 14)),
      exported("devm_kcalloc", &devm_kcalloc, kernel(2, 6, 21)),
      exported("devm_kfree", &devm_kfree, kernel(2, 6, 21)),
      exported("devm_kmalloc", &devm_kmalloc, kernel(2, 6, 21)),
      exported("devm_kmemdup", &devm_kmemdup, kernel(3, 14)),
      exported("devm_kstrdup", &devm_kstrdup, kernel(2, 6, 21)),
      exported("devm_kzalloc", &devm_kzalloc, kernel(2, 6, 21)),
      exported("devm_request_irq", &devm_request_irq, kernel(2, 6, 30)),
      exported("devm_request_threaded_irq", &devm_request_threaded_irq, kernel(2, 6, 30)),
  };
  return table;
}

}  // namespace vmsim::abi
