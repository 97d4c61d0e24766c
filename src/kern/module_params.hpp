// SPDX-License-Identifier: MIT
// Parameters of modules: "debug=1 names=a,b" stored into a driver's variables. Counterpart:
// kernel/params.c. Leaves out: kernel command line and locks. Called by kern/module and, for the
// files of sysfs, kern/module_files.
#pragma once

#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/error.hpp"

#include "vmsim/kapi/vmsim/module_types.h"

namespace vmsim::kern {

class Log;

/// One word of a parameter line, quotes removed. `given` is false for a bare "flag".
struct ParamWord {
  std::string name;
  std::string value;
  bool given = false;
};

/// Splits at blanks outside of double quotes, as next_arg() does.
std::vector<ParamWord> split_params(std::string_view line);

/// What store_params works on. `owned` keeps the texts that charp variables point to.
struct ParamTarget {
  std::string_view module_name;
  std::span<const kernel_param> params;
  std::list<std::string>& owned;
  Log& log;
  unsigned version;
};

/// Stores each word of `line`. Unknown names are logged and ignored (an ENOENT error before 3.11);
/// a bad value ends with EINVAL, ERANGE or ENOSPC, the words before it stay stored. kErrOops when a
/// driver's own set function oopsed.
Result<void> store_params(const ParamTarget& target, std::string_view line);

/// Stores one value, as a write to the parameter's file does: the same errors, without a word.
Result<void> store_param(const ParamTarget& target, const kernel_param& param,
                         const std::string& value);

/// The value as /sys/module/NAME/parameters shows it, without newline.
std::string param_text(const kernel_param& param);

}  // namespace vmsim::kern
