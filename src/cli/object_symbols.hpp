// SPDX-License-Identifier: MIT
// The names that an object file or a .vko wants and gives. Counterpart: nm. Leaves out everything
// else of ELF; the loader has a reader of its own, which trusts nothing. Called by `vmsim cc`.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "vmsim/error.hpp"

namespace vmsim::cli {

struct ObjectSymbols {
  std::set<std::string> undefined;  ///< weak ones are left out: they may be missing
  std::set<std::string> defined;    ///< visible to other objects
  std::set<std::string> exported;   ///< by EXPORT_SYMBOL
};

/// ENOEXEC for a file that is no 64-bit ELF object.
Result<ObjectSymbols> read_symbols(const std::filesystem::path& file);

}  // namespace vmsim::cli
