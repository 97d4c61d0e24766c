// SPDX-License-Identifier: MIT
// A header cut into what the scanner looks at: words and signs of C, directives, comments, blank lines. Counterpart:
// none. Leaves out what is inside of string literals. Called by scan_header().
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsim::cli {

enum class PieceKind { kWord, kDirective, kComment, kBlankLine };

struct Piece {
  PieceKind kind;
  std::string text;       ///< of a directive with its comments taken out and its lines joined
  int line = 0;           ///< of its first character
  bool trails = false;    ///< a comment with code before it on its line
};

std::vector<Piece> cut_header(std::string_view text);

}  // namespace vmsim::cli
