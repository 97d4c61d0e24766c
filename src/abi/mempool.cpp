// SPDX-License-Identifier: MIT
// linux/mempool.h. Counterpart: mm/mempool.c. No logic: kern/lib/mempool has it, and runs here, in
// the driver's context, because it calls the pool's own functions. Called by drivers through the
// export table.
#include "kern/lib/mempool.hpp"

#include <cerrno>

#include "abi/abi.hpp"
#include "abi/wait_end.hpp"
#include "sched/wait.hpp"

namespace vmsim::abi {

namespace {

using std::size_t;

void* pool_memory(unsigned long bytes, vmsim_gfp_t gfp, unsigned owner) {
  return core([=] { return memory().slab->kmalloc(bytes, gfp, owner); });
}

void pool_release(const void* p) {
  core([=] { memory().slab->kfree(p); });
}

/// Differs: waits until an element comes back; Linux also tries the allocator again every 5 s. A
/// pool to which nothing can come back is a Finding "deadlock" and ends the caller.
void pool_wait(::mempool_s& pool) {
  const Caller caller = VMSIM_ABI_CALLER;
  ::mempool_s* const waited = &pool;
  require_woken(core([=] {
                  return sched::wait_event(
                      waited->wait, sched::State::kUninterruptible, sched::Deadline::never(),
                      [=] { return waited->curr_nr > 0; }, {"an element of a mempool"});
                }),
                caller);
}

void pool_wake(::mempool_s& pool) {
  ::mempool_s* const woken = &pool;
  core([=] { sched::wake_up(woken->wait); });
}

kern::PoolServices services(u32 owner) {
  return {&pool_memory, &pool_release, &pool_wait, &pool_wake, owner};
}

#define VMSIM_ABI_POOL_SERVICES services(caller_tag(__builtin_return_address(0)))

int mempool_init(::mempool_s* pool, int min_nr, vmsim_mempool_alloc_t alloc,
                 vmsim_mempool_free_t free, void* pool_data) {
  touch(pool);
  return kern::mempool_init(*pool, min_nr, alloc, free, pool_data, VMSIM_ABI_POOL_SERVICES);
}

void mempool_exit(::mempool_s* pool) {
  touch(pool);
  kern::mempool_exit(*pool, services(0));
}

::mempool_s* mempool_create(int min_nr, vmsim_mempool_alloc_t alloc, vmsim_mempool_free_t free,
                            void* pool_data) {
  const kern::PoolServices with = VMSIM_ABI_POOL_SERVICES;
  auto* const pool =
      static_cast<::mempool_s*>(pool_memory(sizeof(::mempool_s), VMSIM_GFP_KERNEL, with.user));
  if (pool == nullptr) return nullptr;
  if (kern::mempool_init(*pool, min_nr, alloc, free, pool_data, with) == 0) return pool;
  pool_release(pool);
  return nullptr;
}

void mempool_destroy(::mempool_s* pool) {
  const KernelVersion version = kernel().config.kernel;
  if (pool == nullptr && !(version < KernelVersion{4, 3, 0})) return;
  touch(pool);
  if (version < KernelVersion{3, 3, 0} && pool->curr_nr != pool->min_nr)
    leave_by_bug("kernel BUG: mempool_destroy of a pool with elements outstanding",
                 VMSIM_ABI_CALLER);
  kern::mempool_exit(*pool, services(0));
  pool_release(pool);
}

int mempool_resize(::mempool_s* pool, int min_nr) {
  touch(pool);
  return kern::mempool_resize(*pool, min_nr, VMSIM_ABI_POOL_SERVICES);
}

void* mempool_alloc(::mempool_s* pool, vmsim_gfp_t gfp) {
  touch(pool);
  core([=] {
    if ((gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) != 0) scheduler().check_may_sleep("mempool_alloc");
  });
  return kern::mempool_alloc(*pool, gfp, services(0));
}

void mempool_free(void* element, ::mempool_s* pool) {
  if (element != nullptr) touch(pool);
  if (element != nullptr) kern::mempool_free(element, *pool, services(0));
}

// --- ready-made kinds of pools ---

void* mempool_alloc_slab(vmsim_gfp_t gfp, void* cache) {
  touch(cache);
  return core([=] { return memory().slab->alloc(static_cast<kern::SlabCache*>(cache), gfp); });
}

void mempool_free_slab(void* element, void* cache) {
  touch(cache);
  core([=] { memory().slab->free(static_cast<kern::SlabCache*>(cache), element); });
}

void* mempool_kmalloc(vmsim_gfp_t gfp, void* bytes) {
  return pool_memory(reinterpret_cast<size_t>(bytes), gfp, 0);
}

void mempool_kfree(void* element, void*) {
  pool_release(element);
}

void* mempool_alloc_pages(vmsim_gfp_t gfp, void* order) {
  const auto pages = static_cast<unsigned>(reinterpret_cast<size_t>(order));
  return core([=] { return static_cast<void*>(memory().zones->alloc_pages(gfp, pages)); });
}

void mempool_free_pages(void* element, void* order) {
  const auto pages = static_cast<unsigned>(reinterpret_cast<size_t>(order));
  auto* const page = static_cast<::page*>(element);
  if (page_ok(page, "mempool_free")) core([=] { memory().zones->free_pages(page, pages); });
}

}  // namespace

std::span<const Export> mempool_exports() {
  static const Export table[] = {
      exported("mempool_create", &mempool_create),
      exported("mempool_destroy", &mempool_destroy),
      exported("vmsim_mempool_resize", &mempool_resize),
      exported("mempool_alloc", &mempool_alloc),
      exported("mempool_free", &mempool_free),
      exported("mempool_alloc_slab", &mempool_alloc_slab),
      exported("mempool_free_slab", &mempool_free_slab),
      exported("mempool_kmalloc", &mempool_kmalloc, kernel(2, 6, 17)),
      exported("mempool_kfree", &mempool_kfree, kernel(2, 6, 17)),
      exported("mempool_alloc_pages", &mempool_alloc_pages, kernel(2, 6, 17)),
      exported("mempool_free_pages", &mempool_free_pages, kernel(2, 6, 17)),
      exported("mempool_init", &mempool_init, kernel(4, 18)),
      exported("mempool_exit", &mempool_exit, kernel(4, 18)),
  };
  return table;
}

}  // namespace vmsim::abi
