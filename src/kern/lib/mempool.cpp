// SPDX-License-Identifier: MIT
// See mempool.hpp.
#include "kern/lib/mempool.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vmsim::kern {

namespace {

unsigned long array_bytes(int elements) {
  return static_cast<unsigned long>(std::max(elements, 1)) * sizeof(void*);
}

void* take(::mempool_s& pool) {
  return pool.curr_nr > 0 ? pool.elements[--pool.curr_nr] : nullptr;
}

/// False when there was not enough memory for a full reserve.
bool fill(::mempool_s& pool) {
  while (pool.curr_nr < pool.min_nr) {
    void* const element = pool.alloc(VMSIM_GFP_KERNEL, pool.pool_data);
    if (element == nullptr) return false;
    pool.elements[pool.curr_nr++] = element;
  }
  return true;
}

}  // namespace

int mempool_init(::mempool_s& pool, int min_nr, vmsim_mempool_alloc_t alloc,
                 vmsim_mempool_free_t free, void* pool_data, const PoolServices& services) {
  if (min_nr < 0) return -EINVAL;
  pool = ::mempool_s{};
  pool.min_nr = min_nr;
  pool.pool_data = pool_data;
  pool.alloc = alloc;
  pool.free = free;
  pool.elements =
      static_cast<void**>(services.allocate(array_bytes(min_nr), VMSIM_GFP_KERNEL, services.user));
  if (pool.elements == nullptr) return -ENOMEM;
  if (fill(pool)) return 0;
  mempool_exit(pool, services);
  return -ENOMEM;
}

void mempool_exit(::mempool_s& pool, const PoolServices& services) {
  while (void* const element = take(pool)) pool.free(element, pool.pool_data);
  if (pool.elements != nullptr) services.release(pool.elements);
  pool.elements = nullptr;
  pool.min_nr = 0;
}

int mempool_resize(::mempool_s& pool, int min_nr, const PoolServices& services) {
  if (min_nr <= 0) return -EINVAL;
  if (min_nr <= pool.min_nr) {
    while (pool.curr_nr > min_nr) pool.free(take(pool), pool.pool_data);
    pool.min_nr = min_nr;
    return 0;
  }
  auto* const larger =
      static_cast<void**>(services.allocate(array_bytes(min_nr), VMSIM_GFP_KERNEL, services.user));
  if (larger == nullptr) return -ENOMEM;
  std::memcpy(larger, pool.elements, static_cast<unsigned long>(pool.curr_nr) * sizeof(void*));
  services.release(pool.elements);
  pool.elements = larger;
  pool.min_nr = min_nr;
  // Elements that come back fill what there is no memory for now.
  static_cast<void>(fill(pool));
  return 0;
}

void* mempool_alloc(::mempool_s& pool, vmsim_gfp_t gfp, const PoolServices& services) {
  constexpr vmsim_gfp_t kFailSoon =
      vmsim_gfp_t{VMSIM_GFP_BIT_NOMEMALLOC} | VMSIM_GFP_BIT_NORETRY | VMSIM_GFP_BIT_NOWARN;
  constexpr vmsim_gfp_t kPatient = vmsim_gfp_t{VMSIM_GFP_BIT_DIRECT_RECLAIM} | VMSIM_GFP_BIT_IO;
  vmsim_gfp_t attempt = (gfp | kFailSoon) & ~kPatient;
  for (;;) {
    if (void* const element = pool.alloc(attempt, pool.pool_data)) return element;
    if (void* const element = take(pool)) return element;
    if ((gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) == 0) return nullptr;
    services.wait(pool);
    attempt = gfp | kFailSoon;
  }
}

void mempool_free(void* element, ::mempool_s& pool, const PoolServices& services) {
  if (element == nullptr) return;
  if (pool.curr_nr >= pool.min_nr) return pool.free(element, pool.pool_data);
  pool.elements[pool.curr_nr++] = element;
  services.wake(pool);
}

}  // namespace vmsim::kern
