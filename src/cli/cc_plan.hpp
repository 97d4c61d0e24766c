// SPDX-License-Identifier: MIT
// What is to be compiled: drivers with their sources and flags, from the command line or from a
// folder's kbuild file. Counterpart: scripts/Makefile.build. Leaves out built-in objects, assembly
// and generated sources. Called by `vmsim cc`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vmsim/error.hpp"

#include "cli/cc_options.hpp"

namespace vmsim::cli {

struct SourcePlan {
  std::filesystem::path file;        ///< absolute
  std::string shown;                 ///< as messages spell it
  std::vector<std::string> flags{};  ///< beyond those of the kernel's version
};

struct DriverPlan {
  std::string name;
  std::vector<SourcePlan> sources{};
};

struct Plan {
  std::vector<DriverPlan> drivers{};
  std::vector<std::filesystem::path> providers{};  ///< .vko files whose exports may be imported
};

/// Pre: check_options() has passed. The Error says which file, and what was expected there.
Result<Plan> make_plan(const CcOptions& options);

/// The modules of a folder, obj-m of its Kbuild or Makefile; options that nobody sets count as m.
/// Pre: `folder` is absolute.
Result<std::vector<DriverPlan>> read_kbuild(const std::filesystem::path& folder,
                                            const KernelVersion& kernel);

}  // namespace vmsim::cli
