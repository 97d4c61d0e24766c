// SPDX-License-Identifier: MIT
// The `vmsim:` tags of the C face's comments, as parse_tag() reads them.
#include <cctype>
#include <cstdio>
#include <regex>

#include "cli/kapi_scan.hpp"

namespace vmsim::cli {

namespace {

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

/// Takes the first match of `pattern` out of `text`; its first group is the answer.
std::optional<std::string> take_out(std::string& text, const std::regex& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, pattern)) return std::nullopt;
  std::string group = match.size() > 1 ? match[1].str() : std::string();
  text = match.prefix().str() + match.suffix().str();
  return group;
}

unsigned version_code(const std::string& text) {
  unsigned a = 0, b = 0, c = 0;
  std::sscanf(text.c_str(), "%u.%u.%u", &a, &b, &c);
  return kernel_version(a, b, c);
}

void trim(std::string& text, const char* what) {
  text.erase(0, std::min(text.find_first_not_of(what), text.size()));
  text.erase(text.find_last_not_of(what) + 1);
}

}  // namespace

std::optional<KapiTag> parse_tag(std::string_view comment) {
  static const std::regex tag_word(R"(vmsim: *(exact|simplified|stub))");
  static const std::regex range(R"(\[([0-9.]*, ?[0-9.]*)\))");
  static const std::regex scope_words(R"(,? ?every name of this (file|block))");
  static const std::regex in_words(R"(,? in ((?:linux|asm|asm-generic)/[\w./-]+\.h))");
  static const std::regex then_words(R"([,;]? then (\w+(?:\(\))?))");
  const std::string whole = squeezed(comment);
  std::smatch match;
  if (!std::regex_search(whole, match, tag_word)) return std::nullopt;
  KapiTag tag;
  tag.fidelity = match[1] == "exact" ? Fidelity::kExact
                 : match[1] == "stub" ? Fidelity::kStub
                                      : Fidelity::kSimplified;
  std::string rest = match.suffix().str();
  if (const auto eras = take_out(rest, range)) {
    const std::size_t comma = eras->find(',');
    const std::string from = eras->substr(0, comma);
    std::string until = eras->substr(comma + 1);
    trim(until, " ");
    tag.eras = Eras(Era{from.empty() ? 0 : version_code(from), until.empty() ? kEver : version_code(until)});
  }
  if (const auto scope = take_out(rest, scope_words)) tag.scope = *scope == "file" ? TagScope::kFile : TagScope::kBlock;
  if (const auto in = take_out(rest, in_words)) tag.in = *in;
  if (const auto then = take_out(rest, then_words)) tag.successor = *then;
  trim(rest, " :;,*/");
  tag.note = rest;
  return tag;
}

}  // namespace vmsim::cli
