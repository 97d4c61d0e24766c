// SPDX-License-Identifier: MIT
// linux/slab.h: kmalloc and caches. Counterpart: mm/slab_common.c, mm/util.c. No logic: kern/slab
// has it, and looks for locks in what is freed. Leaves out destructors (until 2.6.23), which are
// not called. Called by drivers through the export table.
#include "kern/slab.hpp"

#include <memory>
#include <string>

#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

using kern::SlabCache;
using std::size_t;

#define VMSIM_ABI_OWNER caller_tag(__builtin_return_address(0))

kern::Slab& slab() {
  return *memory().slab;
}

/// 0 is a size that kmalloc answers by ZERO_SIZE_PTR; a product that overflows is too large.
size_t product(size_t n, size_t size) {
  size_t bytes = 0;
  return __builtin_mul_overflow(n, size, &bytes) ? ~size_t{0} : bytes;
}

void* kmalloc(size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return slab().kmalloc(size, gfp, owner); });
}

void* kzalloc(size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return slab().kzalloc(size, gfp, owner); });
}

void* kmalloc_array(size_t n, size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return slab().kmalloc(product(n, size), gfp, owner); });
}

void* kcalloc(size_t n, size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return slab().kzalloc(product(n, size), gfp, owner); });
}

void* krealloc(const void* p, size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return slab().krealloc(const_cast<void*>(p), size, gfp, owner); });
}

void* krealloc_array(void* p, size_t n, size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return slab().krealloc(p, product(n, size), gfp, owner); });
}

void kfree(const void* p) {
  core([&] { slab().kfree(p); });
}

void kfree_sensitive(const void* p) {
  core([&] {
    if (const u64 bytes = slab().ksize(p)) __builtin_memset(const_cast<void*>(p), 0, bytes);
    slab().kfree(p);
  });
}

size_t ksize(const void* p) {
  return core([&] { return slab().ksize(p); });
}

// Kernel or vmalloc memory.

void* kvmalloc(size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  return core([&] { return kern::kvmalloc(slab(), *memory().vmalloc, size, gfp, owner); });
}

void* kvzalloc(size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  gfp |= VMSIM_GFP_BIT_ZERO;
  return core([&] { return kern::kvmalloc(slab(), *memory().vmalloc, size, gfp, owner); });
}

void* kvmalloc_array(size_t n, size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  size = product(n, size);
  return core([&] { return kern::kvmalloc(slab(), *memory().vmalloc, size, gfp, owner); });
}

void* kvcalloc(size_t n, size_t size, vmsim_gfp_t gfp) {
  const u32 owner = VMSIM_ABI_OWNER;
  size = product(n, size);
  gfp |= VMSIM_GFP_BIT_ZERO;
  return core([&] { return kern::kvmalloc(slab(), *memory().vmalloc, size, gfp, owner); });
}

void kvfree(const void* p) {
  core([&] { kern::kvfree(slab(), *memory().vmalloc, p); });
}

// Caches. A struct kmem_cache* of a driver is a SlabCache*.

/// A constructor of the driver that ended in an oops: the allocation that ran it ends so too.
thread_local bool constructor_died = false;

template <class F>
bool construct(F&& call) {
  if (sched::DriverCall::run(call)) return true;
  constructor_died = true;
  return false;
}

SlabCache* create_cache(const char* name, kern::CacheSpec spec) {
  spec.name = name == nullptr ? "(null)" : name;
  return slab().create_cache(std::move(spec));
}

kern::CacheSpec cache_spec(u64 size, u64 align, u64 flags) {
  kern::CacheSpec spec;
  spec.object_bytes = size;
  spec.align = align;
  spec.flags = static_cast<u32>(flags);
  return spec;
}

SlabCache* kmem_cache_create(const char* name, unsigned size, unsigned align, unsigned flags,
                             void (*ctor)(void*)) {
  if (name != nullptr) touch_text(name);
  return core([&] {
    kern::CacheSpec spec = cache_spec(size, align, flags);
    if (ctor != nullptr)
      spec.constructor = [ctor](void* object) { return construct([&] { ctor(object); }); };
    return create_cache(name, std::move(spec));
  });
}

/// Until 2.6.23 a constructor is told its cache and that it constructs.
using OldConstructor = void(void*, SlabCache*, unsigned long);

SlabCache* kmem_cache_create_old(const char* name, size_t size, size_t align, unsigned long flags,
                                 OldConstructor* ctor, OldConstructor*) {
  constexpr unsigned long kConstructor = 1;
  if (name != nullptr) touch_text(name);
  return core([&] {
    kern::CacheSpec spec = cache_spec(size, align, flags);
    const auto cache = std::make_shared<SlabCache*>();
    if (ctor != nullptr)
      spec.constructor = [ctor, cache](void* object) {
        return construct([&] { ctor(object, *cache, kConstructor); });
      };
    return *cache = create_cache(name, std::move(spec));
  });
}

void kmem_cache_destroy(SlabCache* cache) {
  core([&] { slab().destroy_cache(cache); });
}

int kmem_cache_destroy_old(SlabCache* cache) {
  touch(cache);
  return core([&] {
    const int busy = cache->live_objects() != 0;
    slab().destroy_cache(cache);
    return busy;
  });
}

/// Leaves no C++ object behind when it leaves by the constructor's oops.
void* alloc_from(SlabCache* cache, vmsim_gfp_t gfp, u32 owner,
                 const void* caller = __builtin_return_address(0)) {
  constructor_died = false;
  void* const object = core([&] { return slab().alloc(cache, gfp, owner); }, caller);
  if (constructor_died) [[unlikely]]
    sched::DriverCall::leave_by_oops();
  return object;
}

void* kmem_cache_alloc(SlabCache* cache, vmsim_gfp_t gfp) {
  touch(cache);
  return alloc_from(cache, gfp, VMSIM_ABI_OWNER);
}

void* kmem_cache_zalloc(SlabCache* cache, vmsim_gfp_t gfp) {
  touch(cache);
  return alloc_from(cache, gfp | VMSIM_GFP_BIT_ZERO, VMSIM_ABI_OWNER);
}

void kmem_cache_free(SlabCache* cache, void* object) {
  touch(cache);
  core([&] { slab().free(cache, object); });
}

unsigned kmem_cache_size(SlabCache* cache) {
  touch(cache);
  return static_cast<unsigned>(cache->object_bytes());
}

}  // namespace

std::span<const Export> slab_exports() {
  static const Export table[] = {
      exported("kmalloc", &kmalloc),
      exported("kfree", &kfree),
      exported("ksize", &ksize),
      exported("kzalloc", &kzalloc, kernel(2, 6, 14)),
      exported("krealloc", &krealloc, kernel(2, 6, 22)),
      exported("kcalloc", &kcalloc, kernel(2, 6, 9)),
      exported("kmalloc_array", &kmalloc_array, kernel(3, 5)),
      exported("krealloc_array", &krealloc_array, kernel(5, 11)),
      exported("kvfree", &kvfree, kernel(3, 15)),
      exported("kvmalloc", &kvmalloc, kernel(4, 12)),
      exported("kvzalloc", &kvzalloc, kernel(4, 12)),
      exported("kvmalloc_array", &kvmalloc_array, kernel(4, 12)),
      exported("kvcalloc", &kvcalloc, kernel(4, 18)),
      exported("kfree_sensitive", &kfree_sensitive, kernel(5, 9)),
      exported("kzfree", &kfree_sensitive, kernel(2, 6, 30), kernel(5, 9)),
      exported("kmem_cache_create", &kmem_cache_create_old, 0, kernel(2, 6, 23)),
      exported("kmem_cache_create", &kmem_cache_create, kernel(2, 6, 23)),
      exported("kmem_cache_destroy", &kmem_cache_destroy_old, 0, kernel(2, 6, 23)),
      exported("kmem_cache_destroy", &kmem_cache_destroy, kernel(2, 6, 23)),
      exported("kmem_cache_alloc", &kmem_cache_alloc),
      exported("kmem_cache_zalloc", &kmem_cache_zalloc, kernel(2, 6, 17)),
      exported("kmem_cache_free", &kmem_cache_free),
      exported("kmem_cache_size", &kmem_cache_size),
  };
  return table;
}

}  // namespace vmsim::abi
