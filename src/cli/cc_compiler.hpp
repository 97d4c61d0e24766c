// SPDX-License-Identifier: MIT
// The C compiler of this host and the flags that make it compile drivers of one kernel.
// Counterpart: the kernel's top-level Makefile. The flags themselves are in the C face's
// driver_flags.txt, as for vmsim_add_driver(). Called by `vmsim cc`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vmsim/config.hpp"
#include "vmsim/error.hpp"

#include "cli/spawn.hpp"

namespace vmsim::cli {

using Words = std::vector<std::string>;

class Compiler {
 public:
  /// $CC (which may have flags), else gcc, else clang. ENOENT says what was tried.
  static Result<Compiler> find();

  const std::string& name() const { return command_[0]; }

  bool clang() const { return clang_; }

  /// The folder of its stdarg.h.
  const std::filesystem::path& include_folder() const { return include_folder_; }

  /// Runs it, from any folder: paths are absolute.
  Result<ProgramRun> run(const Words& words) const;

 private:
  static Result<Compiler> check(Words command);

  Words command_;
  bool clang_ = false;
  std::filesystem::path include_folder_;
};

struct DriverFlags {
  Words compile, link;
};

/// Pre: kapi[0] has driver_flags.txt.
Result<DriverFlags> driver_flags(const std::vector<std::filesystem::path>& kapi,
                                 const Compiler& compiler, const KernelVersion& kernel);

}  // namespace vmsim::cli
