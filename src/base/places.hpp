// SPDX-License-Identifier: MIT
// Words for addresses in drivers: what findings and reports say instead of a number. Counterpart: kallsyms and
// scripts/faddr2line. Rooms that cannot see modules ask through their Probe; the kernel sets it (kern/places). Without
// modules every answer is empty. Cold paths only.
#pragma once

#include <string>

namespace vmsim::base {

class Places {
 public:
  virtual ~Places() = default;

  /// The driver's innermost call into the kernel on this host thread: "status.c:109 in do_bug [status]"; without source
  /// lines "do_bug [status]"; empty when no driver is calling.
  virtual std::string calling() const { return {}; }
  /// The code address of that call, to be kept and named later; nullptr when no driver is calling.
  virtual const void* caller() const { return nullptr; }
  /// The call that returns to `return_address`, in the words of calling().
  virtual std::string of_call(const void* /*return_address*/) const { return {}; }
  /// Where a driver's function begins, in the words of calling().
  virtual std::string of_function(const void* /*function*/) const { return {}; }
  /// "status_fault [status]".
  virtual std::string name(const void* /*function*/) const { return {}; }
};

}  // namespace vmsim::base
