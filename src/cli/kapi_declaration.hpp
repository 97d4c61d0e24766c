// SPDX-License-Identifier: MIT
// The names that one C declaration gives: function, variable, typedef, struct, enum with its constants, fields.
// Counterpart: none. Reads declarations as our headers write them. Called by scan_header().
#pragma once

#include <string>
#include <vector>

#include "cli/kapi_eras.hpp"

namespace vmsim::cli {

struct Token {
  std::string text;
  Eras eras;
  int line = 0;
};

struct DeclaredName {
  std::string name, kind;
  Eras eras;
  int line = 0;
  bool only_mentioned = false;  ///< `struct x;`
};

/// The tokens of a declaration up to its `;` or a function's closing `}`, both left out.
std::vector<DeclaredName> declared_names(std::vector<Token> tokens);

}  // namespace vmsim::cli
