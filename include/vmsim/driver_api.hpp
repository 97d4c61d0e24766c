// SPDX-License-Identifier: MIT
// The functions and variables that this build's kernel exports to drivers, version by version: what
// a driver may import. Counterpart: /proc/kallsyms of all kernels at once. Leaves out macros and
// inline functions, which headers give. For tools that check drivers before they are loaded; any
// thread may use it.
#pragma once

#include <string_view>
#include <vector>

#include "vmsim/config.hpp"

namespace vmsim {

/// Kernels [from, until) have it; the numbers are those of KernelVersion::code().
struct KernelExport {
  std::string_view name;
  u32 from = 0, until = ~u32{0};

  bool in(const KernelVersion& version) const {
    return from <= version.code() && version.code() < until;
  }
};

/// A name whose signature changed is there once for each of its eras.
std::vector<KernelExport> kernel_exports();

}  // namespace vmsim
