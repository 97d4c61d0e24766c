// SPDX-License-Identifier: MIT
// The mapping of a device's registers that ends with its binding, for the files of this room.
// Counterpart: lib/devres.c. Room abi only.
#pragma once

#include "vmsim/addr.hpp"

#include "vmsim/kapi/vmsim/device_types.h"

namespace vmsim::abi {

/// devm_ioremap_resource(): claims and maps; an error pointer where that fails. `tag` pays.
void* devm_map_resource(::device* dev, const ::resource* res, u32 tag);

}  // namespace vmsim::abi
