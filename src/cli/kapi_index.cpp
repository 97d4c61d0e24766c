// SPDX-License-Identifier: MIT
// A line-by-line reader of the headers; see kapi_index.hpp. Leaves out fields, enumerators, and
// conditions other than one VMSIM_SINCE and one VMSIM_UNTIL joined by &&.
#include "cli/kapi_index.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <numeric>
#include <regex>

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

struct Range {
  unsigned from = 0, until = ~0u;
};

unsigned code_of(const std::smatch& match, std::size_t first) {
  const auto part = [&](std::size_t i) {
    return static_cast<unsigned>(std::stoul(match[first + i].str()));
  };
  return (part(0) << 16) + (part(1) << 8) + std::min(part(2), 255u);
}

Range range_of(const std::string& condition, Range outer) {
  static const std::regex since(R"(VMSIM_SINCE\((\d+), (\d+), (\d+)\))"),
      until(R"(VMSIM_UNTIL\((\d+), (\d+), (\d+)\))");
  std::smatch match;
  if (std::regex_search(condition, match, since))
    outer.from = std::max(outer.from, code_of(match, 1));
  if (std::regex_search(condition, match, until))
    outer.until = std::min(outer.until, code_of(match, 1));
  return outer;
}

/// The complement of `branch` within `outer`, where it is one range.
Range other_branch(Range branch, Range outer) {
  if (branch.from > outer.from && branch.until == outer.until) return {outer.from, branch.from};
  if (branch.until < outer.until && branch.from == outer.from) return {branch.until, outer.until};
  return outer;
}

class HeaderReader {
 public:
  HeaderReader(std::string header, std::vector<KapiName>& names)
      : header_(std::move(header)), names_(names) {}

  void line(const std::string& text) {
    static const std::regex tag(R"(vmsim: (exact|simplified|stub))");
    std::smatch match;
    if (std::regex_search(text, match, tag))
      fidelity_ = match[1] == "exact"  ? Fidelity::kExact
                  : match[1] == "stub" ? Fidelity::kStub
                                       : Fidelity::kSimplified;
    if (directive(text)) return;
    static const std::regex macro(R"(^#define ([A-Za-z_]\w*))"), type(R"(^struct (\w+) \{)"),
        alias(R"(^typedef .*?(\w+);)"), function(R"(^(?:extern|static inline) [^(]*?\b(\w+)\()");
    if (std::regex_search(text, match, macro))
      add(match[1], "macro");
    else if (std::regex_search(text, match, type))
      add(match[1], "struct");
    else if (std::regex_search(text, match, alias))
      add(match[1], "typedef");
    else if (std::regex_search(text, match, function))
      add(match[1], "function");
  }

 private:
  struct Level {
    Range outer, branch;
  };

  bool directive(const std::string& text) {
    const Range now = levels_.empty() ? Range{} : levels_.back().branch;
    if (text.starts_with("#if")) {
      levels_.push_back({now, range_of(text, now)});
    } else if (text.starts_with("#el") && !levels_.empty()) {
      Level& level = levels_.back();
      level.branch = other_branch(level.branch, level.outer);
      if (text.starts_with("#elif")) level.branch = range_of(text, level.branch);
    } else if (text.starts_with("#endif") && !levels_.empty()) {
      levels_.pop_back();
    } else {
      return false;
    }
    return true;
  }

  void add(const std::string& name, const char* kind) {
    if (name.starts_with("vmsim") || name.starts_with("VMSIM")) return;
    const Range now = levels_.empty() ? Range{} : levels_.back().branch;
    names_.push_back({name, kind, header_, now.from, now.until, fidelity_, "", ""});
  }

  const std::string header_;
  std::vector<KapiName>& names_;
  std::vector<Level> levels_;
  Fidelity fidelity_ = Fidelity::kExact;
};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view fidelity_text(Fidelity fidelity) {
  return fidelity == Fidelity::kExact  ? "exact"
         : fidelity == Fidelity::kStub ? "stub"
                                       : "simplified";
}

Result<KapiIndex> KapiIndex::read(const fs::path& kapi_dir) {
  if (!fs::exists(kapi_dir / "linux/kconfig.h"))
    return fail(ENOENT, kapi_dir.string() + " has no linux/kconfig.h");
  KapiIndex index;
  for (const auto& entry : fs::recursive_directory_iterator(kapi_dir)) {
    if (entry.path().extension() != ".h") continue;
    const std::string header = entry.path().lexically_relative(kapi_dir).generic_string();
    if (!header.starts_with("vmsim/")) index.headers_.push_back(header);
  }
  std::ranges::sort(index.headers_);
  for (const std::string& header : index.headers_) {
    std::ifstream in(kapi_dir / header);
    HeaderReader reader(header, index.names_);
    for (std::string line; std::getline(in, line);) reader.line(line);
  }
  return index;
}

std::vector<const KapiName*> KapiIndex::find(std::string_view name) const {
  std::vector<const KapiName*> found;
  for (const KapiName& known : names_)
    if (known.name == name) found.push_back(&known);
  return found;
}

std::vector<const KapiName*> KapiIndex::nearest(std::string_view name, unsigned version,
                                                std::size_t count) const {
  std::vector<std::pair<std::size_t, const KapiName*>> order;
  for (const KapiName& known : names_)
    if (known.from <= version && version < known.until)
      if (const std::size_t far = distance(name, known.name);
          far <= std::max<std::size_t>(2, name.size() / 3))
        order.emplace_back(far, &known);
  std::ranges::stable_sort(order, {}, [](const auto& pair) { return pair.first; });
  std::vector<const KapiName*> best;
  for (const auto& [far, known] : order)
    if (best.size() < count && (best.empty() || best.back()->name != known->name))
      best.push_back(known);
  return best;
}

}  // namespace vmsim::cli
