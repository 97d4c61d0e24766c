// SPDX-License-Identifier: MIT
// The variables of a Makefile as kbuild sees it. Counterpart: GNU make's reading phase. Leaves out
// rules, define,
// $(call), $(eval) and every command but pwd and uname: nothing is run. Called by the reader of
// kbuild files.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/error.hpp"

namespace vmsim::cli {

/// Words as a shell sees them: quotes and backslashes are taken away.
std::vector<std::string> shell_words(std::string_view text);

class Makefile {
 public:
  using Values = std::map<std::string, std::string>;

  /// `defaults` are there before the file is read; `overrides` win over the file, as on make's
  /// command line.
  Makefile(std::filesystem::path folder, Values defaults, Values overrides);

  /// Errors: the file cannot be read; an ifeq without endif.
  Result<void> read(const std::filesystem::path& file);

  /// Expanded; empty when nothing is known. A CONFIG_ option that nobody sets is "m".
  std::string value(const std::string& name) const;
  std::string expand(std::string_view text) const;

  /// Lines of commands, as they stand in the file.
  const std::vector<std::string>& recipes() const { return recipes_; }

 private:
  struct Variable {
    std::string text;
    bool expanded = false;  // by :=
  };

  struct Condition {
    bool active, was_active, outer;
  };

  void read_line(const std::string& line);
  bool read_conditional(const std::string& line);
  bool holds(const std::string& word, const std::string& rest) const;
  bool assign(const std::string& line);
  void include(const std::string& files);

  bool active() const { return conditions_.empty() || conditions_.back().active; }

  std::string reference(std::string_view inside) const;
  std::string call(std::string_view name, std::string_view arguments) const;

  const std::filesystem::path folder_;
  const Values defaults_, overrides_;
  std::map<std::string, Variable> variables_;
  std::vector<Condition> conditions_;
  std::vector<std::string> recipes_;
  bool after_rule_ = false, in_define_ = false;
  mutable unsigned depth_ = 0;
};

}  // namespace vmsim::cli
