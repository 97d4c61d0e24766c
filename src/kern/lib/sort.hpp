// SPDX-License-Identifier: MIT
// Sorting and searching of drivers' arrays and lists with drivers' comparisons. Counterpart:
// lib/sort.c, lib/list_sort.c, lib/bsearch.c. Runs in the driver's context: a comparison that
// oopses leaves by a jump, so nothing here owns anything or allocates. Called by abi.
#pragma once

#include <cstddef>

#include "vmsim/kapi/vmsim/base_types.h"

namespace vmsim::kern {

/// The comparison and the exchange, with and without the caller's own argument.
struct SortCalls {
  int (*compare)(const void* a, const void* b) = nullptr;
  int (*compare_with)(const void* a, const void* b, const void* argument) = nullptr;
  void (*swap)(void* a, void* b, int bytes) = nullptr;  ///< nullptr: bytes are exchanged
  void (*swap_with)(void* a, void* b, int bytes, const void* argument) = nullptr;
  const void* argument = nullptr;

  int order(const void* a, const void* b) const;
  void exchange(void* a, void* b, std::size_t bytes) const;
};

/// Heapsort, as Linux's: in place and not stable.
void sort(void* base, std::size_t count, std::size_t bytes, const SortCalls& calls);
void* bsearch(const void* key, const void* base, std::size_t count, std::size_t bytes,
              int (*compare)(const void* key, const void* element));

/// Before 5.13 the lists are not const, which a call cannot tell.
using ListCompare = int (*)(void* priv, const ::list_head* a, const ::list_head* b);
/// Merge sort: stable. compare(a, b) > 0 puts b first.
void list_sort(void* priv, ::list_head* head, ListCompare compare);

}  // namespace vmsim::kern
