// SPDX-License-Identifier: MIT
// Addresses for imports that nobody provides, one page each, where no access is allowed: a call or
// a use of one is an oops which the reporter can name. Counterpart: none; a kernel refuses to load
// such a module. Leaves out what is missing in drivers without the mark of `vmsim cc --stubs`: they
// are refused. Called by kern/module.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

namespace vmsim::kern {

/// Thread-safety: immutable once made.
class MissingImports {
 public:
  /// ENOMEM when the host has no addresses. Pre: `names` is not empty.
  static Result<std::unique_ptr<MissingImports>> reserve(std::vector<std::string> names);
  ~MissingImports();
  MissingImports(const MissingImports&) = delete;
  MissingImports& operator=(const MissingImports&) = delete;

  /// nullptr for a name that is not one of them.
  const void* address_of(std::string_view name) const;
  /// The name that owns `address`, empty when it is not one of these.
  std::string_view name_at(u64 address) const;

 private:
  MissingImports(std::vector<std::string> names, u64 base);

  const std::vector<std::string> names_;
  const u64 base_;
};

}  // namespace vmsim::kern
