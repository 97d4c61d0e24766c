// SPDX-License-Identifier: MIT
// What `vmsim cc` says about a missing header or name: since when, until when, what replaced it,
// what is nearest. Counterpart: none. Leaves out the finding of what is missing. Called once for
// each driver that misses something.
#pragma once

#include <string>

#include "vmsim/config.hpp"

#include "cli/cc_missing.hpp"
#include "cli/kapi_index.hpp"

namespace vmsim::cli {

class Advice {
 public:
  Advice(const KapiIndex& index, const KernelVersion& kernel) : index_(index), kernel_(kernel) {}

  /// "exists until 5.5; use ioremap", "nearest: kmalloc, kzalloc"; empty when nothing is like it.
  std::string about(const Missing& missing) const;

  /// One line for each, under a title.
  std::string table(const std::string& driver, const MissingList& missing) const;

 private:
  std::string about_header(const std::string& spelling) const;
  std::string about_name(const std::string& name, bool import) const;
  bool present(std::string_view name) const;

  const KapiIndex& index_;
  const KernelVersion kernel_;
};

}  // namespace vmsim::cli
