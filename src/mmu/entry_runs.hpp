// SPDX-License-Identifier: MIT
// The innermost loops over consecutive leaf entries: store a run, clear a run, look a run over.
// Counterpart: none; the kernel goes entry by entry. Written so that a compiler vectorises them.
// For page_table only.
#pragma once

#include "vmsim/addr.hpp"

namespace vmsim::mmu {

/// All entries of a run ANDed and ORed together.
template <class Raw>
struct RunSummary {
  Raw all;
  Raw any;
};

// Raw is u64 or u32. The stores are plain ones: callers hold the lock of the leaf.

/// Stores first, first + step, first + 2 step, …
template <class Raw>
void store_run(Raw* entries, unsigned count, Raw first, Raw step);
template <class Raw>
void clear_run(Raw* entries, unsigned count);
template <class Raw>
RunSummary<Raw> summarise_run(const Raw* entries, unsigned count);

}  // namespace vmsim::mmu
