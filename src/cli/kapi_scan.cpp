// SPDX-License-Identifier: MIT
// scan_header(): follows the #if lines and the tags, and hands each declaration to declared_names().
#include "cli/kapi_scan.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <utility>

#include "cli/kapi_declaration.hpp"
#include "cli/kapi_lexer.hpp"

namespace vmsim::cli {

namespace {

/// vmsim's own: not an offer to drivers.
bool is_private(std::string_view name) {
  for (const std::string_view start : {"vmsim_", "VMSIM_", "__vmsim", "____vmsim", "_vmsim"})
    if (name.starts_with(start)) return true;
  return false;
}

std::string first_word(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == text.npos) return {};
  std::size_t end = start;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
  return std::string(text.substr(start, end - start));
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : pieces_(cut_header(text)) {}

  ScannedHeader run() {
    for (const Piece& piece : pieces_) {
      switch (piece.kind) {
        case PieceKind::kComment: comment(piece); break;
        case PieceKind::kDirective: directive(piece); break;
        case PieceKind::kBlankLine:
          if (declaration_.empty()) block_.reset();
          break;
        case PieceKind::kWord: word(piece); break;
      }
    }
    finish_tags();
    return std::move(out_);
  }

 private:
  struct Level {
    Eras now, rest;  // of this branch; what no branch has taken yet
    std::optional<KapiTag> tag;  // the tag in front of the #if
  };

  Eras eras() const { return levels_.empty() ? Eras::always() : levels_.back().now; }

  // Comments.

  void comment(const Piece& piece) {
    if (piece.line < 3) opening(piece.text);
    const auto tag = parse_tag(piece.text);
    if (!tag) return;
    if (tag->scope == TagScope::kFile) {
      file_ = tag;
    } else if (tag->scope == TagScope::kBlock) {
      block_ = tag;
      block_depth_ = levels_.size();
    } else if (!declaration_.empty()) {
      line_tags_[piece.line] = *tag;
    } else if (piece.trails) {
      for (std::size_t i = last_first_; i < out_.names.size(); ++i) out_.names[i].tag = tag;
    } else {
      pending_ = tag;
    }
  }

  void opening(const std::string& text) {
    for (const std::string mark : {"vmsim-from:", "vmsim-until:"}) {
      const std::size_t at = text.find(mark);
      unsigned a = 0, b = 0, c = 0;
      if (at == text.npos || std::sscanf(text.c_str() + at + mark.size(), "%u.%u.%u", &a, &b, &c) < 2) continue;
      const unsigned edge = kernel_version(a, b, c);
      out_.eras = out_.eras & Eras(mark == "vmsim-from:" ? Era{edge, kEver} : Era{0, edge});
    }
    // "include/linux/fs.h, cdev.h" and "include/linux/{spinlock,mutex}.h".
    std::size_t at = text.find("include/linux/");
    if (at == text.npos) return;
    at += std::string_view("include/").size();
    const std::size_t end = text.find(".h", at);
    std::string name = text.substr(at, end - at);
    std::erase_if(name, [](char c) { return c == '{' || std::isspace(static_cast<unsigned char>(c)); });
    out_.counterpart = name.substr(0, name.find(',')) + ".h";
  }

  // Directives.

  void directive(const Piece& piece) {
    const std::size_t start = piece.text.find_first_not_of("# \t");
    if (start == piece.text.npos) return;
    const std::string word = first_word(std::string_view(piece.text).substr(start));
    const std::string rest = piece.text.substr(start + word.size());
    if (word == "if" || word == "ifdef" || word == "ifndef") {
      open(word, rest);
    } else if (word == "elif" || word == "else") {
      if (levels_.empty()) return;
      Level& level = levels_.back();
      const Condition held = word == "else" ? Condition{Eras::always(), Eras()} : parse_condition(rest);
      level.now = level.rest & held.yes;
      level.rest = level.rest & held.no;
      close_block();
    } else if (word == "endif") {
      if (levels_.empty()) return;
      close_block();
      levels_.pop_back();
    } else if (word == "include") {
      const std::size_t quote = rest.find('"');
      const std::string path = quote == rest.npos ? "" : rest.substr(quote + 1, rest.find('"', quote + 1) - quote - 1);
      if (!path.empty()) out_.includes.push_back({path, eras() & out_.eras});
    } else if (word == "define") {
      define(piece, rest);
    }
  }

  void open(const std::string& word, const std::string& rest) {
    Condition held{Eras::always(), Eras::always()};
    if (word == "if") held = parse_condition(rest);
    if (word == "ifdef" && first_word(rest) == "__cplusplus") held = {Eras(), Eras::always()};
    if (word == "ifndef" && is_private(first_word(rest))) held = {Eras::always(), Eras()};
    Level level{eras() & held.yes, eras() & held.no, std::nullopt};
    if (declaration_.empty()) level.tag = std::exchange(pending_, std::nullopt);
    levels_.push_back(std::move(level));
  }

  void close_block() {
    if (block_ && levels_.size() <= block_depth_) block_.reset();
    pending_.reset();
  }

  void define(const Piece& piece, const std::string& rest) {
    const std::string name = first_word(rest);
    last_first_ = out_.names.size();
    // In the middle of a declaration the tag in front is the declaration's.
    const auto tag = declaration_.empty() ? std::exchange(pending_, std::nullopt) : std::nullopt;
    if (is_private(name))
      remember(name, rest);
    else
      give({name, "macro", eras(), piece.line}, tag);
  }

  // Declarations.

  void word(const Piece& piece) {
    const std::string& text = piece.text;
    if (declaration_.empty()) {
      if (text == ";" || text == "}") return;
      last_first_ = out_.names.size();
      braces_ = 0;
    }
    if (text == "{") ++braces_;
    if (text == "}") --braces_;
    if (text == ";" && braces_ == 0) return finish();
    declaration_.push_back({text, eras(), piece.line});
    if (text == "}" && braces_ == 0 && is_function_body()) return finish();
    if (text == ")" && braces_ == 0 && is_macro_use()) expand();
  }

  /// The braces that have just closed are a function's: there is a `)` before their `{`.
  bool is_function_body() const {
    const auto brace = std::ranges::find(declaration_, "{", &Token::text);
    return brace != declaration_.begin() && brace != declaration_.end() && brace[-1].text == ")" &&
           declaration_[0].text != "struct";
  }

  void finish() {
    const auto tag = std::exchange(pending_, std::nullopt);
    last_first_ = out_.names.size();
    for (const DeclaredName& name : declared_names(std::exchange(declaration_, {}))) {
      if (is_private(name.name) || (name.only_mentioned && !tag)) continue;
      const auto on_line = line_tags_.find(name.line);
      give(name, on_line == line_tags_.end() ? tag : on_line->second);
    }
    line_tags_.clear();
  }

  void give(const DeclaredName& name, std::optional<KapiTag> tag) {
    if (!tag)
      for (auto level = levels_.rbegin(); level != levels_.rend() && !tag; ++level) tag = level->tag;
    if (!tag) tag = block_;
    const Eras held = name.eras & out_.eras;
    auto& list = name.kind == "member" ? out_.members : out_.names;
    if (!held.empty()) list.push_back({name.name, name.kind, name.line, held, tag});
  }

  // Private macros that declare functions, as VMSIM_ATOMIC_OPS(atomic, atomic_t, int) does.

  struct Macro {
    std::vector<std::string> parameters;
    std::vector<std::string> body;
  };

  void remember(const std::string& name, std::string_view rest) {
    const std::size_t open = rest.find(name) + name.size();
    const std::size_t close = rest.find(')', open);
    if (open >= rest.size() || rest[open] != '(' || close == rest.npos) return;
    Macro& macro = macros_[name];
    macro = {};
    for (const Piece& piece : cut_header(rest.substr(open + 1, close - open - 1)))
      if (piece.text != ",") macro.parameters.push_back(piece.text);
    for (const Piece& piece : cut_header(std::string("; ") + std::string(rest.substr(close + 1))))
      if (piece.kind == PieceKind::kWord) macro.body.push_back(piece.text);
  }

  /// The declaration so far is a use of such a macro, brackets closed.
  bool is_macro_use() const {
    if (!macros_.contains(declaration_[0].text)) return false;
    int depth = 0;
    for (const Token& token : declaration_) depth += token.text == "(" ? 1 : token.text == ")" ? -1 : 0;
    return depth == 0 && declaration_.back().text == ")";
  }

  /// Reads the body with the arguments in it. Arguments are single words.
  void expand() {
    const std::vector<Token> use = std::exchange(declaration_, {});
    const Macro macro = macros_.at(use[0].text);
    std::map<std::string, std::string> arguments;
    for (std::size_t i = 2, n = 0; i + 1 < use.size() && n < macro.parameters.size(); i += 2, ++n)
      arguments[macro.parameters[n]] = use[i].text;
    const auto filled = [&](const std::string& text) {
      const auto argument = arguments.find(text);
      return argument == arguments.end() ? text : argument->second;
    };
    for (std::size_t i = 0; i < macro.body.size(); ++i) {
      std::string text = filled(macro.body[i]);
      while (i + 3 < macro.body.size() && macro.body[i + 1] == "#" && macro.body[i + 2] == "#") {
        i += 3;
        text += filled(macro.body[i]);
      }
      word({PieceKind::kWord, text, use[0].line});
    }
  }

  void finish_tags() {
    for (auto* list : {&out_.names, &out_.members})
      for (ScannedName& name : *list)
        if (!name.tag) name.tag = file_;
  }

  std::vector<Piece> pieces_;
  std::vector<Level> levels_;
  std::optional<KapiTag> file_, block_, pending_;
  std::size_t block_depth_ = 0, last_first_ = 0;
  std::vector<Token> declaration_;
  std::map<int, KapiTag> line_tags_;  // comments in the middle of a declaration, by line
  std::map<std::string, Macro> macros_;
  int braces_ = 0;
  ScannedHeader out_;
};

}  // namespace

ScannedHeader scan_header(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace vmsim::cli
