// SPDX-License-Identifier: MIT
// cut_header(): one pass over the text.
#include "cli/kapi_lexer.hpp"

#include <cctype>

namespace vmsim::cli {

namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  std::vector<Piece> run() {
    while (at_ < text_.size()) step();
    return std::move(pieces_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      if (line_is_blank_) pieces_.push_back({PieceKind::kBlankLine, "", line_});
      newline();
      ++at_;
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      ++at_;
    } else if (text_.substr(at_).starts_with("/*") || text_.substr(at_).starts_with("//")) {
      const bool trails = code_on_line_;
      const int line = line_;
      std::string comment = take_comment();
      pieces_.push_back({PieceKind::kComment, std::move(comment), line, trails});
    } else if (c == '#' && !code_on_line_) {
      directive();
    } else {
      word();
    }
  }

  void newline() {
    ++line_;
    code_on_line_ = false;
    line_is_blank_ = true;
  }

  std::string take_comment() {
    const bool block = text_[at_ + 1] == '*';
    const std::size_t found = text_.find(block ? "*/" : "\n", at_ + 2);
    const std::size_t end = found == text_.npos ? text_.size() : found + (block ? 2 : 0);
    std::string comment(text_.substr(at_, end - at_));
    for (const char c : comment) line_ += c == '\n';
    at_ = end;
    line_is_blank_ = false;
    return comment;
  }

  /// A directive takes its continued lines; a comment behind it is a piece of its own.
  void directive() {
    Piece piece{PieceKind::kDirective, "", line_};
    std::vector<Piece> comments;
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (text_.substr(at_).starts_with("/*")) {
        const int line = line_;
        comments.push_back({PieceKind::kComment, take_comment(), line, true});
        piece.text += ' ';
      } else if (text_.substr(at_).starts_with("\\\n")) {
        at_ += 2;
        ++line_;
        piece.text += ' ';
      } else {
        piece.text += text_[at_++];
      }
    }
    code_on_line_ = true;
    line_is_blank_ = false;
    pieces_.push_back(std::move(piece));
    for (Piece& comment : comments) pieces_.push_back(std::move(comment));
  }

  void word() {
    const std::size_t start = at_;
    const char c = text_[at_++];
    if (is_word(c)) {
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    } else if (c == '"' || c == '\'') {
      while (at_ < text_.size() && text_[at_] != c) at_ += text_[at_] == '\\' ? 2 : 1;
      ++at_;
    }
    at_ = std::min(at_, text_.size());
    pieces_.push_back({PieceKind::kWord, std::string(text_.substr(start, at_ - start)), line_});
    code_on_line_ = true;
    line_is_blank_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool code_on_line_ = false, line_is_blank_ = true;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Piece> cut_header(std::string_view text) {
  return Cutter(text).run();
}

}  // namespace vmsim::cli
