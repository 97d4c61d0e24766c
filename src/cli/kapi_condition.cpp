// SPDX-License-Identifier: MIT
// The conditions of the C face as sets of versions: VMSIM_SINCE, VMSIM_UNTIL, !, &&, ||, parentheses, numbers. What
// else a condition asks may hold in every version, and may not.
#include <cctype>
#include <charconv>

#include "cli/kapi_scan.hpp"

namespace vmsim::cli {

namespace {

class ConditionReader {
 public:
  explicit ConditionReader(std::string_view text) : text_(text) {}

  Condition either() {
    Condition a = both();
    while (take("||")) {
      const Condition b = both();
      a = {a.yes | b.yes, a.no & b.no};
    }
    return a;
  }

 private:
  Condition both() {
    Condition a = one();
    while (take("&&")) {
      const Condition b = one();
      a = {a.yes & b.yes, a.no | b.no};
    }
    return a;
  }

  Condition one() {
    if (take("!")) {
      const Condition a = one();
      return {a.no, a.yes};
    }
    if (take("(")) {
      const Condition a = either();
      take(")");
      return a;
    }
    const bool since = take("VMSIM_SINCE");
    if (since || take("VMSIM_UNTIL")) {
      const unsigned edge = version_argument();
      const Eras old(Era{0, edge}), young(Era{edge, kEver});
      return since ? Condition{young, old} : Condition{old, young};
    }
    if (const auto value = number()) {
      const Condition held{Eras::always(), Eras()};
      return *value != 0 ? held : Condition{held.no, held.yes};
    }
    skip_unknown();
    return {Eras::always(), Eras::always()};
  }

  unsigned version_argument() {
    take("(");
    const unsigned a = number().value_or(0);
    take(",");
    const unsigned b = number().value_or(0);
    take(",");
    const unsigned c = number().value_or(0);
    take(")");
    return kernel_version(a, b, c);
  }

  /// A comparison, defined(X), __has_include(<x>): up to what can follow an operand.
  void skip_unknown() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '(') ++depth;
      if (text_[at_] == ')' && depth-- == 0) return;
      if (depth == 0 && (text_.substr(at_).starts_with("&&") || text_.substr(at_).starts_with("||"))) return;
    }
  }

  std::optional<unsigned> number() {
    skip_blanks();
    unsigned value = 0;
    const char* const start = text_.data() + at_;
    const auto [end, error] = std::from_chars(start, text_.data() + text_.size(), value);
    if (error != std::errc()) return std::nullopt;
    at_ += static_cast<std::size_t>(end - start);
    return value;
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Condition parse_condition(std::string_view text) {
  return ConditionReader(text).either();
}

std::string version_text(unsigned version) {
  const unsigned major = version >> 16, minor = version >> 8 & 255, patch = version & 255;
  std::string text = std::to_string(major) + "." + std::to_string(minor);
  if (patch != 0 || (major == 2 && minor > 5)) text += "." + std::to_string(patch);
  return text;
}

namespace {

/// The last version before `version`, as people count them: 4.20 before 5.0, 2.6.39 before 3.0.
std::string version_before(unsigned version) {
  const unsigned major = version >> 16, minor = version >> 8 & 255, patch = version & 255;
  if (patch != 0) return version_text(version - 1);
  if (minor != 0) return version_text(kernel_version(major, minor - 1));
  switch (major) {
    case 3: return "2.6.39";
    case 4: return "3.19";
    case 5: return "4.20";
    case 6: return "5.19";
    default: return version_text(version);
  }
}

}  // namespace

std::string era_text(Era era) {
  if (era == Era{}) return "all";
  std::string text;
  if (era.from != 0) text += version_text(era.from) + " ";
  text += "–";
  if (era.until != kEver) text += " " + version_before(era.until);
  return text;
}

}  // namespace vmsim::cli
