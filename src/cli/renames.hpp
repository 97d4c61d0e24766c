// SPDX-License-Identifier: MIT
// Names that kernels replaced: what a driver of another era should call instead. Counterpart: the
// changelogs of include/linux. Leaves out changes of arguments under one name. Called for the
// advice of `vmsim cc`.
#pragma once

#include <string_view>
#include <vector>

namespace vmsim::cli {

/// What stands for `name` in other kernels, older or newer; the caller takes what its kernel has.
std::vector<std::string_view> other_names(std::string_view name);
/// The same for headers: "asm/uaccess.h", "linux/uaccess.h".
std::vector<std::string_view> other_headers(std::string_view header);

}  // namespace vmsim::cli
