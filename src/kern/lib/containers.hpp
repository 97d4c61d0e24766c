// SPDX-License-Identifier: MIT
// The containers of one machine whose storage is not in the driver's structs. Counterpart: none; in
// Linux their nodes are the slab's. Owned by Kernel; reached by abi. No logic.
#pragma once

#include "kern/lib/idr.hpp"
#include "kern/lib/index.hpp"
#include "kern/lib/xarray.hpp"

namespace vmsim::kern {

struct Containers {
  Containers(base::Probe& probe, KernelVersion version)
      : indexes(probe), xarrays(indexes), idrs(indexes, version) {}

  Indexes indexes;
  XArrays xarrays;
  Idrs idrs;
};

}  // namespace vmsim::kern
