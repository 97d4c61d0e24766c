// SPDX-License-Identifier: MIT
// From an address in a driver to a line of its source. Counterpart: scripts/faddr2line, which a person
// runs on a kernel's report. Reads DWARF with elfutils' libdw (docs/adr/0006); in a build without it
// nothing is known and callers say function names alone. Called by kern/module.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "vmsim/addr.hpp"

namespace vmsim::kern {

/// A line in its author's words. Where the compiler inlined, `function` is the one that the author
/// wrote the line in.
struct SourceLine {
  std::string file;  ///< without folders
  unsigned line = 0;
  std::string function;
  bool in_kernel_header = false;  ///< of a function of a kernel header that was not inlined

  /// "status.c:109"
  std::string file_and_line() const { return file + ":" + std::to_string(line); }
};

/// The debug information of one .vko. Nothing is parsed before the first question. Offsets are from
/// the image's base. Thread-safety: any thread.
class SourceLines {
 public:
  /// False in a build without libdw.
  static bool available();
  /// `file`: the whole .vko.
  explicit SourceLines(std::vector<std::byte> file);
  ~SourceLines();
  SourceLines(const SourceLines&) = delete;
  SourceLines& operator=(const SourceLines&) = delete;

  /// The line whose code is at `offset`. For a return address ask one byte lower. Lines of kernel
  /// headers give way to the line of the driver that they were inlined into.
  std::optional<SourceLine> line_at(u64 offset) const;
  /// Where the function around `offset` is declared.
  std::optional<SourceLine> function_at(u64 offset) const;

 private:
  class Dwarf;

  const Dwarf* opened() const;

  mutable std::mutex mutex_;
  mutable std::vector<std::byte> file_;  // libelf wants it writable
  mutable bool tried_ = false;
  mutable std::unique_ptr<Dwarf> dwarf_;
};

}  // namespace vmsim::kern
