// SPDX-License-Identifier: MIT
// Implements tidy_test_scan.hpp: blanking of comments and literals, then one pass over the braces.
// What it does not know: macros with unbalanced braces, and code that #if leaves out.
#include "tidy_test_scan.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <utility>

namespace vmsim::tidy {

namespace fs = std::filesystem;

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// Where the literal or comment that starts at `at` ends; `at` itself if none starts there.
size_t end_of_token(std::string_view text, size_t at) {
  const auto after = [&](std::string_view closing, size_t from) {
    const size_t found = text.find(closing, from);
    return found == text.npos ? text.size() : found + closing.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) return after("*/", at + 2);
  if (rest.starts_with("R\"") && (at == 0 || !is_word(text[at - 1]))) {
    const size_t open = text.find('(', at);
    if (open == text.npos) return text.size();
    return after(")" + std::string(text.substr(at + 2, open - at - 2)) + "\"", open);
  }
  // 1'000 has no character literal in it.
  const bool digit_separator = text[at] == '\'' && at > 0 && is_word(text[at - 1]);
  if ((text[at] != '"' && text[at] != '\'') || digit_separator) return at;
  size_t end = at + 1;
  while (end < text.size() && text[end] != text[at] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

/// Removes preprocessor lines with their continuations: a macro's body is not a function.
std::string blank_directives(std::string code) {
  bool inside = false;
  size_t at = 0;
  while (at < code.size()) {
    const size_t end = std::min(code.find('\n', at), code.size());
    const size_t first = code.find_first_not_of(" \t", at);
    const bool directive = inside || (first < end && code[first] == '#');
    inside = directive && end > at && code[end - 1] == '\\';
    if (directive) std::fill(code.begin() + static_cast<long>(at), code.begin() + static_cast<long>(end), ' ');
    at = end + 1;
  }
  return code;
}

/// What an opening brace opens, judged by the text in front of it since the last `;` or brace.
enum class Opens { kScope, kFunction, kMemberInit, kOther };

Opens judge(std::string head) {
  static const std::regex attributes(R"((__attribute__\s*\(\(.*?\)\)|\[\[.*?\]\]|alignas\s*\([^)]*\)))");
  static const std::regex scope(
      R"(^\s*(template\s*<.*>\s*)?(typedef\s+)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b)");
  static const std::regex member_init(R"(\)\s*(noexcept)?\s*:[^:])");
  head = std::regex_replace(head, attributes, "");
  if (head.find('(') == head.npos) return std::regex_search(head, scope) ? Opens::kScope : Opens::kOther;
  const size_t last = head.find_last_not_of(" \t\n");
  const bool after_name = is_word(head[last]) || head[last] == '>';
  if (after_name && std::regex_search(head, member_init)) return Opens::kMemberInit;
  return Opens::kFunction;
}

/// "resize" of "void Vector::resize(int n) const"; "TEST(Suite,Name)" of a test.
std::string name_of(const std::string& head) {
  const size_t open = head.find('(');
  size_t end = open;
  while (end > 0 && is_space(head[end - 1])) --end;
  size_t begin = end;
  while (begin > 0 && (is_word(head[begin - 1]) || head[begin - 1] == ':' || head[begin - 1] == '~')) --begin;
  std::string name = head.substr(begin, end - begin);
  if (name.starts_with("TEST") || name.starts_with("BENCHMARK")) {
    const size_t close = std::min(head.find(')', open), head.size() - 1);
    for (const char c : head.substr(open, close - open + 1)) {
      if (!is_space(c)) name += c;
    }
  }
  return name;
}

/// The state of the pass over one file's braces.
class BraceScan {
 public:
  explicit BraceScan(std::string code) : code_(std::move(code)) {}

  std::vector<Function> run() {
    for (size_t at = 0; at < code_.size(); ++at) {
      const char c = code_[at];
      if (c == '\n') ++line_;
      if (c == '{') {
        open();
      } else if (c == '}') {
        close();
      } else if (c == ';' && !in_function()) {
        head_.clear();
      } else if (!in_function() && !(head_.empty() && is_space(c))) {
        if (head_.empty()) head_line_ = line_;
        head_ += c;
      }
    }
    return std::move(found_);
  }

 private:
  struct Level {
    Opens kind;
    std::string head;
    int line;
  };

  bool in_function() const { return function_depth_ > 0; }

  void open() {
    if (in_function()) {
      ++function_depth_;
      return;
    }
    const Opens kind = judge(head_);
    levels_.push_back({kind, head_, head_line_});
    if (kind == Opens::kFunction) function_depth_ = 1;
    head_.clear();
  }

  void close() {
    if (in_function() && --function_depth_ > 0) return;
    if (levels_.empty()) return;  // unbalanced: the compiler will say so
    Level level = std::move(levels_.back());
    levels_.pop_back();
    head_.clear();
    if (level.kind == Opens::kFunction) found_.push_back({name_of(level.head), level.line, line_ - level.line + 1});
    if (level.kind == Opens::kMemberInit) {
      head_ = level.head + ")";  // the signature goes on; what follows is `, next_{` or the body
      head_line_ = level.line;
    }
  }

  std::string code_;
  std::string head_;
  int head_line_ = 1;
  int line_ = 1;
  int function_depth_ = 0;
  std::vector<Level> levels_;
  std::vector<Function> found_;
};

}  // namespace

Source::Source(std::string path_in_tree, std::string contents)
    : path(std::move(path_in_tree)),
      text(std::move(contents)),
      code(is_c_family() ? blank_comments_and_literals(text) : text),
      lines(split_lines(text)) {}

std::string Source::room() const {
  if (!under("src/")) return "";
  const size_t slash = path.find('/', 4);
  return slash == path.npos ? "" : path.substr(4, slash - 4);
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string blank_comments_and_literals(std::string_view text) {
  std::string code(text);
  for (size_t at = 0; at < text.size();) {
    const size_t end = end_of_token(text, at);
    for (size_t i = at; i < end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

std::vector<Function> functions_of(const Source& source) { return BraceScan(blank_directives(source.code)).run(); }

std::vector<Include> quoted_includes(const Source& source) {
  static const std::regex include(R"re(^\s*#\s*include\s*"([^"]+)")re");
  std::vector<Include> found;
  std::smatch match;
  for (size_t i = 0; i < source.lines.size(); ++i) {
    if (std::regex_search(source.lines[i], match, include)) found.push_back({match[1], static_cast<int>(i) + 1});
  }
  return found;
}

std::vector<Source> load_tree(const std::string& top) {
  std::vector<Source> sources;
  const auto load = [&](const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    sources.emplace_back(file.lexically_relative(top).generic_string(),
                         std::string(std::istreambuf_iterator<char>(in), {}));
  };
  const auto wanted = [](const fs::path& file) {
    static const std::vector<std::string> endings = {".cpp", ".hpp", ".c", ".h", ".S", ".cmake", ".sh", ".py"};
    const bool by_ending = std::ranges::find(endings, file.extension().string()) != endings.end();
    return by_ending || file.filename() == "CMakeLists.txt" || file.parent_path().filename() == ".ci";
  };
  load(fs::path(top) / "CMakeLists.txt");
  for (const char* folder : {"src", "include", "tests", "bench", "examples", "cmake", ".ci"}) {
    const fs::path root = fs::path(top) / folder;
    if (!fs::exists(root)) continue;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
      if (it->path().filename() == "third_party") it.disable_recursion_pending();
      if (it->is_regular_file() && wanted(it->path())) load(it->path());
    }
  }
  return sources;
}

}  // namespace vmsim::tidy
