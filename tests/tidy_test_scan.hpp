// SPDX-License-Identifier: MIT
// Reads the source tree for tidy_test: files, their code without comments and strings, and where functions are.
// No parser: it counts braces, which is enough for code that is formatted like ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsim::tidy {

struct Source {
  std::string path;                // from the top of the tree, with '/'
  std::string text;
  std::string code;                // text with comments and literals blanked, same length and lines
  std::vector<std::string> lines;  // of text

  Source(std::string path_in_tree, std::string contents);
  bool under(std::string_view folder) const { return path.starts_with(folder); }
  bool is(std::string_view ending) const { return path.ends_with(ending); }
  /// C++ or C, not script or CMake.
  bool is_c_family() const { return is_cpp() || is(".c") || is(".h"); }
  bool is_cpp() const { return is(".cpp") || is(".hpp"); }
  /// The folder below src/, "" for src/x.cpp itself and for files elsewhere.
  std::string room() const;
};

struct Function {
  std::string name;
  int first_line = 0;  // of the signature
  int lines = 0;
  bool operator==(const Function&) const = default;
};

std::vector<std::string> split_lines(std::string_view text);
std::string blank_comments_and_literals(std::string_view text);
std::vector<Function> functions_of(const Source& source);

/// What stands between quotes in #include "…" lines, with line numbers.
struct Include {
  std::string name;
  int line;
};
std::vector<Include> quoted_includes(const Source& source);

/// Every file that the rules apply to. Third-party folders and build folders are left out.
std::vector<Source> load_tree(const std::string& top);

}  // namespace vmsim::tidy
