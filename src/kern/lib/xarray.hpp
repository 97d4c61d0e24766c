// SPDX-License-Identifier: MIT
// The rules of xarrays and radix trees over an Index. Counterpart: lib/xarray.c, lib/radix-tree.c.
// Locking is the C face's (xa_lock) or the driver's. Leaves out: xa_state, entries of several
// indices. Called by abi, holding the CPU; `call` is the kernel's name of the function, for
// reports.
#pragma once

#include <cstddef>

#include "vmsim/kapi/vmsim/container_types.h"

#include "kern/lib/index.hpp"

namespace vmsim::kern {

/// xa_flags, as the C face has them.
inline constexpr vmsim_gfp_t kXaTrackFree = 4;
inline constexpr vmsim_gfp_t kXaZeroBusy = 8;
inline constexpr vmsim_gfp_t kXaAllocWrapped = 16;
/// A filter that takes every entry; below it are marks.
inline constexpr unsigned kXaPresent = 8;

/// XA_ZERO_ENTRY: holds a place and reads as NULL.
inline void* const kXaZeroEntry = reinterpret_cast<void*>(257ul << 2 | 2);

/// The pointer that xa_err() understands.
inline void* xa_error(int negative_errno) {
  const long value = negative_errno;
  return reinterpret_cast<void*>(static_cast<unsigned long>(value) << 2 | 2);
}

class XArrays {
 public:
  using Number = Index::Number;

  explicit XArrays(Indexes& indexes) : indexes_(indexes) {}

  void* load(::xarray& xa, Number at);
  /// The old entry, or xa_error(). NULL erases, or in an allocating array keeps the place.
  void* store(::xarray& xa, Number at, void* entry);
  void* erase(::xarray& xa, Number at);
  void* cmpxchg(::xarray& xa, Number at, void* old, void* entry);
  int insert(::xarray& xa, Number at, void* entry);
  int alloc(::xarray& xa, u32* id, void* entry, ::xa_limit limit);
  /// 1 if the numbers began again.
  int alloc_cyclic(::xarray& xa, u32* id, void* entry, ::xa_limit limit, u32* next);
  /// The first entry in [*at, max] (NULL: none); *at becomes its index.
  void* find(::xarray& xa, Number* at, Number max, unsigned filter);
  void* find_after(::xarray& xa, Number* at, Number max, unsigned filter);
  unsigned extract(::xarray& xa, void** to, Number first, Number max, unsigned count,
                   unsigned filter);

  bool mark(::xarray& xa, Number at, unsigned mark);
  void set_mark(::xarray& xa, Number at, unsigned mark);
  void clear_mark(::xarray& xa, Number at, unsigned mark);
  /// True if any entry has it.
  bool marked(::xarray& xa, unsigned mark);
  void destroy(::xarray& xa);

  // Radix trees: a pointer is stored once, and by its index alone.
  int radix_insert(::xarray& root, Number at, void* item);
  /// nullptr unless there is an item, and it is `wanted` if that is given.
  void* radix_delete(::xarray& root, Number at, const void* wanted);
  void** radix_slot(::xarray& root, Number at);

 private:
  /// False, with a Finding: the value is none that an array can hold.
  bool may_hold(const void* entry, const char* call);
  void* put(::xarray& xa, Number at, void* entry, const char* call);
  Index::Entry* entry(::xarray& xa, Number at, const char* call);

  Indexes& indexes_;
};

}  // namespace vmsim::kern
