// SPDX-License-Identifier: MIT
// Runs a program of the host to its end and keeps what it wrote. Counterpart: none. Leaves out
// shells: words are passed as they are. Called by the compiler driver of `vmsim cc`.
#pragma once

#include <string>
#include <vector>

#include "vmsim/error.hpp"

namespace vmsim::cli {

struct ProgramRun {
  int status = 0;  ///< its exit status, 128 + signal when it was killed
  std::string out, err;

  bool ok() const { return status == 0; }
};

/// Looks for words[0] in $PATH. Its input is empty and its language C. ENOENT and the like when it
/// cannot be started.
Result<ProgramRun> run_program(const std::vector<std::string>& words);

}  // namespace vmsim::cli
