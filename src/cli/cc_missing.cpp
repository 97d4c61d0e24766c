// SPDX-License-Identifier: MIT
// The list of what is missing, and the sentences of gcc and clang that name it; see cc_missing.hpp.
#include "cli/cc_missing.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

namespace vmsim::cli {

void MissingList::add(MissingKind kind, const std::string& name, const std::string& place) {
  const auto same = [&](const Missing& known) {
    const bool twice = known.kind == MissingKind::kFunction && kind == MissingKind::kImport;
    return known.name == name && (known.kind == kind || twice);
  };
  auto at = std::ranges::find_if(all_, same);
  if (at != all_.end() && at->kind != kind) return;
  if (at == all_.end()) at = all_.insert(all_.end(), {kind, name});
  if (!place.empty() && std::ranges::find(at->places, place) == at->places.end())
    at->places.push_back(place);
}

std::size_t MissingList::count(MissingKind kind) const {
  return static_cast<std::size_t>(std::ranges::count(all_, kind, &Missing::kind));
}

namespace {

struct Sentence {
  MissingKind kind;
  std::regex pattern;
  int structure = 0;  // of a member: the groups of its struct and of its name
  int name = 1;
};

const std::vector<Sentence>& sentences() {
  static const std::vector<Sentence> all = {
      {MissingKind::kFunction, std::regex(R"(^implicit declaration of function '(\w+)')")},
      {MissingKind::kFunction, std::regex(R"(^call to undeclared (?:library )?function '(\w+)')")},
      {MissingKind::kFunction, std::regex(R"(^implicitly declaring library function '(\w+)')")},
      {MissingKind::kName, std::regex(R"(^'(\w+)' undeclared)")},
      {MissingKind::kName, std::regex(R"(^use of undeclared identifier '(\w+)')")},
      {MissingKind::kType, std::regex(R"(^unknown type name '(\w+)')")},
      {MissingKind::kType,
       std::regex(R"((?:undefined|incomplete) (?:definition of )?type '(?:const )?(struct \w+)')")},
      {MissingKind::kType,
       std::regex(R"(^invalid application of 'sizeof' to .* type '(?:const )?(struct \w+)')")},
      {MissingKind::kMember,
       std::regex(R"(^'(?:const )?struct (\w+)'.* has no member named '(\w+)')"), 1, 2},
      {MissingKind::kMember, std::regex(R"(^no member named '(\w+)' in 'struct (\w+)')"), 2, 1},
      {MissingKind::kMember,
       std::regex(
           R"(^field designator '(\w+)' does not refer to any field in type '(?:const )?struct (\w+)')"),
       2, 1},
  };
  return all;
}

std::string without_colours(std::string_view text) {
  static const std::regex colour("\x1b\\[[0-9;]*[mK]");
  return std::regex_replace(std::string(text), colour, "");
}

}  // namespace

void read_diagnostics(std::string_view text, MissingList& missing) {
  static const std::regex diagnostic(R"(^(.+?:\d+):(?:\d+:)? (?:fatal )?(?:error|warning): (.*)$)");
  std::istringstream lines(without_colours(text));
  std::smatch match, name;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_match(line, match, diagnostic)) continue;
    const std::string message = match[2];
    for (const Sentence& sentence : sentences()) {
      if (!std::regex_search(message, name, sentence.pattern)) continue;
      const auto group = [&](int number) { return name[static_cast<std::size_t>(number)].str(); };
      missing.add(
          sentence.kind,
          (sentence.structure != 0 ? group(sentence.structure) + "." : "") + group(sentence.name),
          match[1]);
      break;
    }
  }
}

int line_of_word(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in(file);
  const std::regex word("\\b" + name + "\\b");
  int number = 1;
  for (std::string line; std::getline(in, line); ++number)
    if (line.find(name) != std::string::npos && std::regex_search(line, word)) return number;
  return 0;
}

}  // namespace vmsim::cli
