// SPDX-License-Identifier: MIT
// The headers that a source includes and nobody has: all of them, where a compiler stops at the
// first. Counterpart: none. Leaves out headers behind an #if that depends on a missing one. Called
// by `vmsim cc` before it compiles.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/cc_compiler.hpp"
#include "cli/cc_missing.hpp"
#include "cli/cc_plan.hpp"

namespace vmsim::cli {

/// Adds them as "<linux/foo.h>" or "\"own.h\"", and returns their bare names. Nothing when the
/// preprocessor itself fails: then the compiler has something to say.
Result<std::vector<std::string>> add_missing_headers(const Compiler& compiler, const Words& flags,
                                                     const SourcePlan& source,
                                                     MissingList& missing);

}  // namespace vmsim::cli
