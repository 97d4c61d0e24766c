// SPDX-License-Identifier: MIT
// Names for addresses in the machine's drivers, out of their symbols and source lines. Counterpart:
// kallsyms and scripts/faddr2line. Owned by the kernel; the Probe asks it on the thread that calls.
#pragma once

#include <string>

#include "base/places.hpp"
#include "kern/module.hpp"

namespace vmsim::kern {

class DriverPlaces final : public base::Places {
 public:
  explicit DriverPlaces(const Modules& modules) : modules_(modules) {}

  std::string calling() const override;
  const void* caller() const override;
  std::string of_call(const void* return_address) const override;
  std::string of_function(const void* function) const override;
  std::string name(const void* function) const override;

  /// "status.c:109" of the instruction at `address`, empty without source lines.
  std::string line_at(u64 address) const;
  /// "status.c:109 in do_bug [status]" of the instruction at `address`.
  std::string place_at(u64 address) const;

 private:
  enum class InHeaders : u8 { kToo, kNot };
  std::string place(u64 address, InHeaders in_headers) const;

  const Modules& modules_;
};

}  // namespace vmsim::kern
