// SPDX-License-Identifier: MIT
// The number by which slab, vmalloc and ioremap remember a module. Counterpart: none (kmemleak
// keeps a stack trace). Made of the image's address, which no other module gets before the machine
// ends, so that an unload renumbers nobody. Called by abi (who allocates) and by leak reports.
#pragma once

#include "kern/module.hpp"

namespace vmsim::kern {

/// Never 0, which stands for nobody.
inline u32 owner_tag(const Module& module) {
  return static_cast<u32>(module.image().base() >> kPageShift) | 1u << 31;
}

}  // namespace vmsim::kern
