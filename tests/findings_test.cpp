// SPDX-License-Identifier: MIT
// docs/findings.md and the code name the same rules. A rule is a literal in a call that reports one: finding(),
// kernel_bug() and their like, or the value of a variable or function called `rule`.
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "tidy_test_scan.hpp"

namespace vmsim::tidy {
namespace {

/// The rules that a source text reports: the literals of a call up to its first one that is no name.
std::set<std::string> rules_in(const std::string& text) {
  static const std::regex call(
      R"(\b(finding|finding_at|kernel_bug|oops_after_return|handler_bug|report_handler|release_all)\()");
  static const std::regex value(R"re(\brule = "([a-z0-9-]+)")re");
  static const std::regex function(R"(\bconst char\* rule\([^)]*\) \{[^]*?\n\})");
  static const std::regex returned(R"re(return "([a-z0-9-]+)";)re");
  static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
  static const std::regex name(R"([a-z][a-z0-9]*(-[a-z0-9]+)*)");
  std::set<std::string> rules;
  const auto matches = [](const std::string& in, const std::regex& what) {
    return std::vector<std::smatch>(std::sregex_iterator(in.begin(), in.end(), what), std::sregex_iterator());
  };
  for (const std::smatch& at : matches(text, call)) {
    const std::string rest = text.substr(static_cast<size_t>(at.position() + at.length()), 400);
    const std::string arguments = rest.substr(0, std::min(rest.find(';'), rest.find("fmt::format(")));
    for (const std::smatch& found : matches(arguments, literal)) {
      if (!std::regex_match(found[1].str(), name)) break;
      rules.insert(found[1]);
    }
  }
  for (const std::smatch& found : matches(text, value)) rules.insert(found[1]);
  for (const std::smatch& body : matches(text, function)) {
    const std::string code = body.str();
    for (const std::smatch& found : matches(code, returned)) rules.insert(found[1]);
  }
  return rules;
}

std::map<std::string, int> documented() {
  static const std::regex row(R"(\| `([a-z0-9-]+)` \|.*)");
  std::map<std::string, int> rules;
  std::ifstream in(VMSIM_SOURCE_DIR "/docs/findings.md");
  std::smatch match;
  for (std::string line; std::getline(in, line);)
    if (std::regex_match(line, match, row)) ++rules[match[1]];
  return rules;
}

TEST(FindingsPage, HasEachRuleOnceAndNoOther) {
  std::map<std::string, std::string> reported;  // rule, file
  for (const Source& source : load_tree(VMSIM_SOURCE_DIR)) {
    if (!source.under("src/") || !source.is(".cpp")) continue;
    for (const std::string& rule : rules_in(source.text)) reported.emplace(rule, source.path);
  }
  EXPECT_GT(reported.size(), 150u) << "the code is not read as it is written";
  const auto pages = documented();
  for (const auto& [rule, file] : reported)
    EXPECT_TRUE(pages.contains(rule)) << file << " reports " << rule << "; docs/findings.md has no row for it";
  for (const auto& [rule, rows] : pages) {
    EXPECT_TRUE(reported.contains(rule)) << "docs/findings.md has " << rule << ", which nothing in src/ reports";
    EXPECT_EQ(rows, 1) << rule;
  }
}

TEST(FindingsPage, RulesAreSeenInCode) {
  using Rules = std::set<std::string>;
  EXPECT_EQ(rules_in(R"(probe_.finding("a-rule", "it is text");)"), Rules{"a-rule"});
  EXPECT_EQ(rules_in(R"(p.finding(x ? "a-b" : "c-d", fmt::format("{}", "e-f"));)"), (Rules{"a-b", "c-d"}));
  EXPECT_EQ(rules_in("return kernel_bug(\n    env, \"remap-twice\", \"words here\");"), Rules{"remap-twice"});
  EXPECT_EQ(rules_in("rule = \"free-mapped-page\";"), Rules{"free-mapped-page"});
  EXPECT_EQ(rules_in("const char* rule(Kind k) {\n  return \"oops\";\n}\n"), Rules{"oops"});
  EXPECT_EQ(rules_in(R"(emit("not-one");)"), Rules{});
}

}  // namespace
}  // namespace vmsim::tidy
