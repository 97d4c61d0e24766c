// SPDX-License-Identifier: MIT
// Where this program finds the C face: $VMSIM_KAPI, else beside an installed binary, else what the
// build tree says. Counterpart: none. Leaves out any path compiled in, so that an installation can
// be moved. Called by `vmsim cc`.
#pragma once

#include <filesystem>
#include <vector>

#include "vmsim/error.hpp"

namespace vmsim::cli {

/// Folders to include from; the first has linux/kconfig.h and driver_flags.txt. ENOENT says where
/// it looked.
Result<std::vector<std::filesystem::path>> kapi_folders();

}  // namespace vmsim::cli
