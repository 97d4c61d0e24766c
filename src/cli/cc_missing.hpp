// SPDX-License-Identifier: MIT
// What a driver wants and vmsim does not have, gathered from the preprocessor, the compiler's
// diagnostics and the linked file. Counterpart: modpost's list of undefined symbols. Leaves out
// advice, which is cc_advice's. Called by `vmsim cc`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vmsim::cli {

enum class MissingKind {
  kHeader,
  kFunction,  ///< called without a declaration
  kName,      ///< a constant, a macro without arguments, a variable
  kType,      ///< "foo_t", or "struct foo"
  kMember,    ///< "file_operations.ioctl"
  kImport,    ///< declared, but nothing provides it
};

struct Missing {
  MissingKind kind;
  std::string name;
  std::vector<std::string> places{};  ///< "main.c:12"
};

class MissingList {
 public:
  /// A name is listed once; an undeclared function is no missing import too.
  void add(MissingKind kind, const std::string& name, const std::string& place);

  const std::vector<Missing>& all() const { return all_; }

  std::size_t count(MissingKind kind) const;

  bool empty() const { return all_.empty(); }

 private:
  std::vector<Missing> all_;
};

/// The missing names in what gcc or clang wrote, in English, colours or not.
void read_diagnostics(std::string_view text, MissingList& missing);

/// Line of the first word `name` in a file, 0 when there is none.
int line_of_word(const std::filesystem::path& file, const std::string& name);

}  // namespace vmsim::cli
