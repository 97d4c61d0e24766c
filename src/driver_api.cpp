// SPDX-License-Identifier: MIT
// The table of exports as the C++ face shows it; see vmsim/driver_api.hpp.
#include "vmsim/driver_api.hpp"

#include "abi/exports.hpp"

namespace vmsim {

std::vector<KernelExport> kernel_exports() {
  // The loader makes this one for each module by itself.
  std::vector<KernelExport> all{{"__this_module"}};
  for (const auto& table : abi::export_tables())
    for (const abi::Export& entry : table) all.push_back({entry.name, entry.from, entry.until});
  return all;
}

}  // namespace vmsim
