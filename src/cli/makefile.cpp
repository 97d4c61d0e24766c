// SPDX-License-Identifier: MIT
// Reading lines, conditionals and assignments; see makefile.hpp. Expansion is in
// makefile_expand.cpp.
#include "cli/makefile.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

std::string trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  return std::string(text.substr(start, text.find_last_not_of(" \t\r") + 1 - start));
}

/// Without a comment, which a # begins that no backslash precedes.
std::string without_comment(std::string line) {
  for (std::size_t at = 0; (at = line.find('#', at)) != std::string::npos; ++at) {
    if (at == 0 || line[at - 1] != '\\') return line.substr(0, at);
    line.erase(--at, 1);
  }
  return line;
}

/// The first of `signs` outside of $(…), npos when there is none.
std::size_t find_outside(std::string_view text, std::string_view signs) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '{') ++depth;
    if (depth == 0 && signs.find(text[i]) != signs.npos) return i;
    if (text[i] == ')' || text[i] == '}') --depth;
  }
  return std::string_view::npos;
}

/// "(a,b)" or "'a' \"b\"": both sides, not expanded.
std::pair<std::string, std::string> sides(std::string_view text) {
  if (text.starts_with('(') && text.ends_with(')')) {
    text = text.substr(1, text.size() - 2);
    const std::size_t comma = find_outside(text, ",");
    if (comma == text.npos) return {std::string(text), ""};
    return {trim(text.substr(0, comma)), trim(text.substr(comma + 1))};
  }
  std::pair<std::string, std::string> both;
  for (std::string* side : {&both.first, &both.second}) {
    const std::size_t start = text.find_first_of("'\"");
    if (start == text.npos) break;
    const std::size_t end = text.find(text[start], start + 1);
    if (end == text.npos) break;
    *side = text.substr(start + 1, end - start - 1);
    text.remove_prefix(end + 1);
  }
  return both;
}

}  // namespace

Makefile::Makefile(fs::path folder, Values defaults, Values overrides)
    : folder_(std::move(folder)),
      defaults_(std::move(defaults)),
      overrides_(std::move(overrides)) {}

Result<void> Makefile::read(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return fail(errno, file.string() + " cannot be read: " + std::strerror(errno));
  const std::size_t depth = conditions_.size();
  std::string line;
  for (std::string piece; std::getline(in, piece);) {
    if (piece.ends_with('\r')) piece.pop_back();
    if (piece.ends_with('\\')) {
      line += piece.substr(0, piece.size() - 1) + " ";
      continue;
    }
    read_line(line + piece);
    line.clear();
  }
  if (!line.empty()) read_line(line);
  if (conditions_.size() != depth)
    return fail(EINVAL, file.string() + ": an ifeq or ifdef has no endif");
  return {};
}

void Makefile::read_line(const std::string& raw) {
  const bool command = raw.starts_with('\t') && after_rule_;
  const std::string line = trim(without_comment(raw));
  if (line.empty()) return;
  if (in_define_) {
    in_define_ = line != "endef";
    return;
  }
  if (!command && read_conditional(line)) return;
  if (!active()) return;
  if (command) {
    recipes_.push_back(line);
  } else if (line.starts_with("define ")) {
    in_define_ = true;
  } else if (line.starts_with("include ") || line.starts_with("-include ") ||
             line.starts_with("sinclude ")) {
    include(line.substr(line.find(' ')));
  } else if (!assign(line)) {
    after_rule_ = true;
  }
}

void Makefile::include(const std::string& files) {
  for (const std::string& name : shell_words(expand(files))) {
    // What is not there belongs to the kernel's own tree, as a rule.
    std::error_code ignored;
    if (fs::is_regular_file(folder_ / name, ignored)) static_cast<void>(read(folder_ / name));
  }
}

bool Makefile::holds(const std::string& word, const std::string& rest) const {
  if (word == "ifdef" || word == "ifndef") {
    const std::string name = expand(trim(rest));
    // An option is "m" where a Makefile asks for its value, but not set for the question whether it
    // is there.
    const bool set =
        !name.starts_with("CONFIG_") || variables_.contains(name) || overrides_.contains(name);
    return (set && !value(name).empty()) == (word == "ifdef");
  }
  const auto [left, right] = sides(trim(rest));
  return (trim(expand(left)) == trim(expand(right))) == (word == "ifeq");
}

bool Makefile::read_conditional(const std::string& line) {
  std::string word = line.substr(0, line.find_first_of(" \t("));
  std::string rest = line.substr(word.size());
  if (word.starts_with("if") &&
      (word == "ifeq" || word == "ifneq" || word == "ifdef" || word == "ifndef")) {
    const bool outer = active(), now = outer && holds(word, rest);
    conditions_.push_back({now, now, outer});
    return true;
  }
  if (conditions_.empty() || (word != "else" && word != "endif")) return false;
  if (word == "endif") {
    conditions_.pop_back();
    return true;
  }
  Condition& top = conditions_.back();
  rest = trim(rest);
  word = rest.substr(0, rest.find_first_of(" \t("));
  const bool now =
      top.outer && !top.was_active && (word.empty() || holds(word, rest.substr(word.size())));
  top.active = now;
  top.was_active = top.was_active || now;
  return true;
}

/// False for a rule and everything else that is no assignment.
bool Makefile::assign(const std::string& line) {
  const std::size_t at = find_outside(line, ":=");
  if (at == std::string::npos || at == 0) return false;
  std::size_t end = at;
  while (end < line.size() && line[end] == ':') ++end;
  if (end >= line.size() || line[end] != '=') return false;
  std::string name = line.substr(0, at);
  char kind = line[at] == ':' ? ':' : '=';
  if (kind == '=' && (name.back() == '+' || name.back() == '?')) {
    kind = name.back();
    name.pop_back();
  }
  for (const char* const prefix : {"export ", "override "})
    if (name.starts_with(prefix)) name.erase(0, std::strlen(prefix));
  name = trim(expand(name));
  if (name.empty() || name.find_first_of(" \t") != std::string::npos) return false;
  after_rule_ = false;
  const std::string text = trim(std::string_view(line).substr(end + 1));
  Variable& variable = variables_[name];
  const bool fresh = variable.text.empty();
  if (kind == '?') {
    if (fresh && value(name).empty()) variable = {text, false};
  } else if (kind == '+') {
    if (fresh)
      variable.text = variable.expanded ? "" : defaults_.contains(name) ? defaults_.at(name) : "";
    variable.text += (variable.text.empty() ? "" : " ") + (variable.expanded ? expand(text) : text);
  } else {
    variable = {kind == ':' ? expand(text) : text, kind == ':'};
  }
  return true;
}

std::string Makefile::value(const std::string& name) const {
  if (const auto given = overrides_.find(name); given != overrides_.end()) return given->second;
  if (const auto own = variables_.find(name); own != variables_.end())
    return own->second.expanded ? own->second.text : expand(own->second.text);
  if (const auto known = defaults_.find(name); known != defaults_.end()) return known->second;
  return name.starts_with("CONFIG_") ? "m" : "";
}

std::vector<std::string> shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
      continue;
    }
    open = true;
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      word += c;
    }
  }
  if (open) words.push_back(std::move(word));
  return words;
}

}  // namespace vmsim::cli
