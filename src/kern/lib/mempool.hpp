// SPDX-License-Identifier: MIT
// Pools that keep a reserve of elements so that an allocation which may wait always ends.
// Counterpart: mm/mempool.c. Runs in the driver's context, where the pool's own alloc and free are
// called. Leaves out: the poisoning of reserved elements, the 5 s after which Linux tries again.
// Called by abi, which gives the services.
#pragma once

#include "vmsim/kapi/vmsim/container_types.h"
#include "vmsim/kapi/vmsim/gfp_types.h"

namespace vmsim::kern {

/// What a pool needs of the machine. `user` is whoever pays for the array of the reserve.
struct PoolServices {
  void* (*allocate)(unsigned long bytes, vmsim_gfp_t gfp, unsigned user);
  void (*release)(const void* memory);
  /// Until mempool_free() has been called. Does not come back if nobody ever can.
  void (*wait)(::mempool_s& pool);
  void (*wake)(::mempool_s& pool);
  unsigned user = 0;
};

/// 0 or -ENOMEM, -EINVAL; the pool is full or has nothing.
int mempool_init(::mempool_s& pool, int min_nr, vmsim_mempool_alloc_t alloc,
                 vmsim_mempool_free_t free, void* pool_data, const PoolServices& services);
/// Gives the reserve back. The pool is zeroed then; zeroed already, nothing happens.
void mempool_exit(::mempool_s& pool, const PoolServices& services);
int mempool_resize(::mempool_s& pool, int min_nr, const PoolServices& services);
/// nullptr only without __GFP_DIRECT_RECLAIM.
void* mempool_alloc(::mempool_s& pool, vmsim_gfp_t gfp, const PoolServices& services);
void mempool_free(void* element, ::mempool_s& pool, const PoolServices& services);

}  // namespace vmsim::kern
