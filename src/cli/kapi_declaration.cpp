// SPDX-License-Identifier: MIT
// declared_names(): looks for the shapes of declaration that the C face has, in the order of its cases below.
#include "cli/kapi_declaration.hpp"

#include <cctype>
#include <span>

namespace vmsim::cli {

namespace {

using Tokens = std::span<const Token>;

bool is_name(const Token& token) {
  return std::isalpha(static_cast<unsigned char>(token.text[0])) || token.text[0] == '_';
}

/// The index behind the bracket that closes the one at `open`.
std::size_t closed(Tokens tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    if (text == "(" || text == "{" || text == "[") ++depth;
    if ((text == ")" || text == "}" || text == "]") && --depth == 0) return i + 1;
  }
  return tokens.size();
}

/// The first `sign` outside of brackets; size() if there is none.
std::size_t find_outside(Tokens tokens, const char* sign, std::size_t from = 0) {
  for (std::size_t i = from; i < tokens.size(); ++i) {
    if (tokens[i].text == sign) return i;
    if (tokens[i].text == "(" || tokens[i].text == "{" || tokens[i].text == "[") i = closed(tokens, i) - 1;
  }
  return tokens.size();
}

/// Without __attribute__((…)) and storage words; VMSIM_KW(x) is x.
std::vector<Token> plain(Tokens tokens) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    if (text == "__attribute__") {
      i = closed(tokens, i + 1) - 1;
    } else if (text == "VMSIM_KW" && i + 2 < tokens.size()) {
      out.push_back(tokens[i + 2]);
      i += 3;
    } else if (text != "const" && text != "volatile" && text != "__user" && text != "__iomem") {
      out.push_back(tokens[i]);
    }
  }
  return out;
}

/// The name that a declarator is about: `x`, `*x`, `x[4]`, `x : 3`, `(*x)(int)`, `(x)(int)`, `x(int)`.
const Token* declarator_name(Tokens tokens) {
  const std::size_t paren = find_outside(tokens, "(");
  if (paren < tokens.size()) {
    std::size_t inner = paren + 1;
    while (inner < tokens.size() && tokens[inner].text == "*") ++inner;
    const bool wrapped = inner < tokens.size() && is_name(tokens[inner]) && closed(tokens, paren) < tokens.size() &&
                         tokens[closed(tokens, paren)].text == "(";
    if (wrapped) return &tokens[inner];
    return paren > 0 && is_name(tokens[paren - 1]) ? &tokens[paren - 1] : nullptr;
  }
  std::size_t end = std::min({find_outside(tokens, "["), find_outside(tokens, ":"), find_outside(tokens, "=")});
  return end > 0 && is_name(tokens[end - 1]) ? &tokens[end - 1] : nullptr;
}

class Declaration {
 public:
  explicit Declaration(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::vector<DeclaredName> names() {
    const std::vector<Token> all = plain(tokens_);
    Tokens rest(all);
    bool type = false, function = false;
    while (!rest.empty()) {
      const std::string& word = rest[0].text;
      if (word != "typedef" && word != "inline" && word != "extern" && word != "static") break;
      type = type || word == "typedef";
      function = function || word == "inline" || word == "extern";
      rest = rest.subspan(1);
    }
    if (rest.empty()) return {};
    rest = tag_and_body(rest, /*keyword_only=*/!type);
    if (type) {
      declarators(rest, "typedef", "");
    } else if (function) {
      const bool call = find_outside(rest, "(") < rest.size();
      if (rest.size() > 1) declarators(rest.first(std::min(rest.size(), body_)), call ? "function" : "variable", "");
    }
    return std::move(names_);
  }

 private:
  /// Takes `struct x { … }` off the front, giving what it declares; of `enum` also the constants.
  Tokens tag_and_body(Tokens rest, bool keyword_only) {
    const std::string word = rest[0].text;
    body_ = find_outside(rest, "{");
    if (word != "struct" && word != "union" && word != "enum") return rest;
    const bool named = rest.size() > 1 && is_name(rest[1]);
    const std::size_t open = named ? 2 : 1;
    if (open >= rest.size() || rest[open].text != "{") {
      if (named && rest.size() == 2 && keyword_only) add(rest[1], word == "enum" ? "enum" : "struct", "", true);
      return rest;
    }
    const std::size_t end = closed(rest, open);
    const Tokens body = rest.subspan(open + 1, end - open - 2);
    if (named) add(rest[1], word == "enum" ? "enum" : "struct", "");
    if (word == "enum")
      constants(body);
    else if (named)
      fields(body, rest[1].text);
    rest = rest.subspan(end);
    body_ = rest.size();
    return rest;
  }

  void constants(Tokens body) {
    for (std::size_t at = 0; at < body.size();) {
      if (is_name(body[at])) add(body[at], "constant", "");
      at = find_outside(body, ",", at) + 1;
    }
  }

  /// Fields of anonymous inner structs and unions are the outer one's.
  void fields(Tokens body, const std::string& owner) {
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = find_outside(body, ";", at);
      Tokens field = body.subspan(at, end - at);
      at = end + 1;
      if (field.empty()) continue;
      const std::size_t open = find_outside(field, "{");
      if (open < field.size()) {
        const std::size_t close = closed(field, open);
        if (close == field.size()) fields(field.subspan(open + 1, close - open - 2), owner);
        field = field.subspan(close);
      }
      declarators(field, "member", owner + ".");
    }
  }

  void declarators(Tokens list, const std::string& kind, const std::string& prefix) {
    while (!list.empty()) {
      const std::size_t comma = find_outside(list, ",");
      if (const Token* const name = declarator_name(list.first(comma))) add(*name, kind, prefix);
      if (comma >= list.size() || kind == "function") break;
      list = list.subspan(comma + 1);
    }
  }

  void add(const Token& token, const std::string& kind, const std::string& prefix, bool only_mentioned = false) {
    names_.push_back({prefix + token.text, kind, token.eras, token.line, only_mentioned});
  }

  std::vector<Token> tokens_;
  std::size_t body_ = 0;
  std::vector<DeclaredName> names_;
};

}  // namespace

std::vector<DeclaredName> declared_names(std::vector<Token> tokens) {
  return Declaration(std::move(tokens)).names();
}

}  // namespace vmsim::cli
