// SPDX-License-Identifier: MIT
// `vmsim cc`: drivers' sources to .vko files. Counterpart: make M=… modules. Leaves out what each
// step does. Called by main.
#pragma once

#include "cli/cc_options.hpp"

namespace vmsim::cli {

/// The exit status: 0, or 1 after saying why on stderr.
int run_cc(CcOptions options);

/// `vmsim cc --supported`: the names that `kernel` has, to stdout. 1 when none fits the patterns.
int list_supported(const CcOptions& options);

}  // namespace vmsim::cli
