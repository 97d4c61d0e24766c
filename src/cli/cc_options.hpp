// SPDX-License-Identifier: MIT
// The command line of `vmsim cc`, read and checked. Counterpart: none. Leaves out what the words
// mean to the compiler: -I, -D, -O, -g and -W are passed on. Called by main and the steps of `vmsim
// cc`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vmsim/config.hpp"
#include "vmsim/error.hpp"

namespace CLI {
class App;
}

namespace vmsim::cli {

struct CcOptions {
  // As given:
  std::string kernel_text = "6.12";
  std::string name;
  std::string output;
  bool stubs = false;
  bool supported = false;
  std::vector<std::string> includes, defines;
  std::vector<std::string> inputs;          ///< sources, a folder, or .vko files to import from
  std::vector<std::string> compiler_flags;  ///< -O…, -g…, -W…

  // As checked:
  KernelVersion kernel{};
  std::vector<std::string> flags;  ///< all that goes to the compiler; folders are absolute
};

/// -O…, -g… and -W… are words of the compiler's language, not options: takes them out of `args`.
std::vector<std::string> take_compiler_flags(std::vector<std::string>& args);

void describe_options(CLI::App& app, CcOptions& options);

/// The rules that concern one option alone.
Result<void> check_options(CcOptions& options);

}  // namespace vmsim::cli
