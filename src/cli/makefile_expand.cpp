// SPDX-License-Identifier: MIT
// References to variables and the functions of make that kbuild files use; see makefile.hpp.
#include <algorithm>
#include <fnmatch.h>
#include <functional>
#include <set>
#include <sstream>

#include "cli/makefile.hpp"

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

using List = std::vector<std::string>;

constexpr unsigned kDepthMax = 64;

List words_of(const std::string& text) {
  std::istringstream in(text);
  List words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string joined(const List& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string mapped(const std::string& text,
                   const std::function<std::string(const std::string&)>& f) {
  List words = words_of(text);
  for (std::string& word : words) word = f(word);
  return joined(words);
}

/// What % stands for in `word`, which fits `pattern`; nothing where it does not fit.
bool stem_of(const std::string& pattern, const std::string& word, std::string& stem) {
  const std::size_t at = pattern.find('%');
  stem.clear();
  if (at == std::string::npos) return word == pattern;
  const std::string_view head(pattern.data(), at),
      tail(pattern.data() + at + 1, pattern.size() - at - 1);
  if (word.size() < head.size() + tail.size() || !word.starts_with(head) || !word.ends_with(tail))
    return false;
  stem = word.substr(head.size(), word.size() - head.size() - tail.size());
  return true;
}

std::string patsubst(const std::string& from, const std::string& to, const std::string& text) {
  return mapped(text, [&](const std::string& word) {
    std::string stem;
    if (!stem_of(from, word, stem)) return word;
    const std::size_t at = to.find('%');
    return at == std::string::npos ? to : to.substr(0, at) + stem + to.substr(at + 1);
  });
}

std::string subst(const std::string& from, const std::string& to, std::string text) {
  if (from.empty()) return text + to;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string filtered(const std::string& patterns, const std::string& text, bool wanted) {
  const List all = words_of(patterns);
  List kept;
  for (const std::string& word : words_of(text)) {
    std::string stem;
    const bool fits =
        std::ranges::any_of(all, [&](const auto& pattern) { return stem_of(pattern, word, stem); });
    if (fits == wanted) kept.push_back(word);
  }
  return joined(kept);
}

std::string wildcard(const fs::path& folder, const std::string& patterns) {
  List found;
  for (const std::string& pattern : words_of(patterns)) {
    const fs::path path(pattern);
    const fs::path in = path.is_absolute() ? path.parent_path() : folder / path.parent_path();
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(in, ignored))
      if (::fnmatch(path.filename().c_str(), entry.path().filename().c_str(), FNM_PERIOD) == 0)
        found.push_back((path.parent_path() / entry.path().filename()).string());
  }
  std::ranges::sort(found);
  return joined(found);
}

/// The end of the reference that begins at text[open], npos when it has none.
std::size_t closing(std::string_view text, std::size_t open) {
  const char begin = text[open], end = begin == '(' ? ')' : '}';
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == begin) ++depth;
    if (text[i] == end && --depth == 0) return i;
  }
  return text.npos;
}

List split_arguments(std::string_view text) {
  List arguments(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    if (c == ',' && depth == 0)
      arguments.emplace_back();
    else
      arguments.back() += c;
  }
  return arguments;
}

}  // namespace

std::string Makefile::expand(std::string_view text) const {
  // A variable that names itself: make refuses the file, here it ends.
  if (depth_ > kDepthMax) return {};
  ++depth_;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    if (next == '$') {
      out += '$';
    } else if (next == '(' || next == '{') {
      const std::size_t end = closing(text, i);
      if (end == text.npos) break;
      out += reference(text.substr(i + 1, end - i - 1));
      i = end;
    } else {
      out += value(std::string(1, next));
    }
  }
  --depth_;
  return out;
}

/// What stands between $( and ).
std::string Makefile::reference(std::string_view inside) const {
  const std::size_t blank = inside.find_first_of(" \t");
  static const std::set<std::string_view> functions = {
      "shell",    "wildcard", "patsubst", "subst",      "addprefix", "addsuffix", "notdir",
      "basename", "dir",      "filter",   "filter-out", "sort",      "strip",     "firstword",
      "if",       "or",       "abspath",  "realpath",   "call",      "eval",      "foreach",
      "lastword", "words",    "info",     "warning",    "error",     "origin"};
  if (blank != inside.npos && functions.contains(inside.substr(0, blank)))
    return call(inside.substr(0, blank), inside.substr(blank + 1));
  const std::size_t colon = inside.find(':');
  const std::size_t equals = colon == inside.npos ? inside.npos : inside.find('=', colon);
  if (equals == inside.npos) return value(expand(inside));
  std::string from = expand(inside.substr(colon + 1, equals - colon - 1));
  std::string to = expand(inside.substr(equals + 1));
  if (from.find('%') == std::string::npos) {
    from.insert(0, 1, '%');
    to.insert(0, 1, '%');
  }
  return patsubst(from, to, value(expand(inside.substr(0, colon))));
}

std::string Makefile::call(std::string_view name, std::string_view text) const {
  List a = split_arguments(text);
  for (std::string& argument : a) argument = expand(argument);
  a.resize(std::max<std::size_t>(a.size(), 3));
  const auto path = [&](auto f) {
    return mapped(a[0], [&](const std::string& word) { return f(fs::path(word)).string(); });
  };
  if (name == "shell") {
    const List words = words_of(a[0]);
    if (words == List{"pwd"}) return folder_.string();
    if (words == List{"uname", "-r"}) return value("KERNELRELEASE");
    return {};
  }
  if (name == "wildcard") return wildcard(folder_, a[0]);
  if (name == "patsubst") return patsubst(a[0], a[1], a[2]);
  if (name == "subst") return subst(a[0], a[1], a[2]);
  if (name == "addprefix")
    return mapped(a[1], [&](const std::string& word) { return a[0] + word; });
  if (name == "addsuffix")
    return mapped(a[1], [&](const std::string& word) { return word + a[0]; });
  if (name == "notdir") return path([](const fs::path& p) { return p.filename(); });
  if (name == "basename") return path([](fs::path p) { return p.replace_extension(); });
  if (name == "dir")
    return path([](const fs::path& p) {
      return p.has_parent_path() ? p.parent_path() / "" : fs::path("./");
    });
  if (name == "abspath" || name == "realpath")
    return path([&](const fs::path& p) { return (folder_ / p).lexically_normal(); });
  if (name == "filter") return filtered(a[0], a[1], true);
  if (name == "filter-out") return filtered(a[0], a[1], false);
  if (name == "strip") return joined(words_of(a[0]));
  if (name == "if") return !words_of(a[0]).empty() ? a[1] : a[2];
  if (name == "or") return !words_of(a[0]).empty() ? a[0] : !words_of(a[1]).empty() ? a[1] : a[2];
  List words = words_of(a[0]);
  if (name == "firstword") return words.empty() ? "" : words.front();
  if (name == "lastword") return words.empty() ? "" : words.back();
  if (name == "sort") {
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return joined(words);
  }
  return {};
}

}  // namespace vmsim::cli
