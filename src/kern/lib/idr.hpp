// SPDX-License-Identifier: MIT
// Small numbers for pointers (idr) and small numbers alone (ida). Counterpart: lib/idr.c of each
// era. An allocated id may hold NULL. Locking is the driver's. Called by abi, holding the CPU.
#pragma once

#include "vmsim/config.hpp"

#include "vmsim/kapi/vmsim/container_types.h"

#include "kern/lib/index.hpp"

namespace vmsim::kern {

class Idrs {
 public:
  Idrs(Indexes& indexes, KernelVersion version) : indexes_(indexes), version_(version) {}

  /// The id, or -ENOSPC, -ENOMEM, -EINVAL. `end` is exclusive; 0 or less is no limit.
  int alloc(::idr& idr, void* value, int start, int end);
  int alloc_cyclic(::idr& idr, void* value, int start, int end);
  /// idr_alloc_u32(): `*next` is the lowest id wanted and becomes the id.
  int alloc_u32(::idr& idr, void* value, u32* next, unsigned long max);
  /// idr_get_new_above(): 0, or -ENOSPC, -EAGAIN.
  int new_above(::idr& idr, void* value, int start, int* id);

  void* find(::idr& idr, unsigned long id);
  /// The value; NULL if the id was free, which kernels before 4.11 warn of.
  void* remove(::idr& idr, unsigned long id);
  /// The old value, or an error pointer.
  void* replace(::idr& idr, void* value, unsigned long id);
  /// The first value at or after *id that is not NULL; *id becomes its id.
  void* next(::idr& idr, unsigned long* id);
  void destroy(::idr& idr);

  /// The id, or -ENOSPC, -ENOMEM. Both ends inclusive.
  int ida_alloc(::ida& ida, u32 min, u32 max);
  /// An id that is not allocated is a Finding "ida-free-not-allocated".
  void ida_free(::ida& ida, u32 id, const char* call);
  /// -ENOENT if there is none.
  int ida_first(::ida& ida, u32 min, u32 max);
  void ida_destroy(::ida& ida);

 private:
  int allocate(void*& head, void* value, unsigned long min, unsigned long max, const char* call);

  Indexes& indexes_;
  KernelVersion version_;
};

}  // namespace vmsim::kern
