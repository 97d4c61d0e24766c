// SPDX-License-Identifier: MIT
// Reads what `cc -M -MG` lists; see cc_headers.hpp.
#include "cli/cc_headers.hpp"

#include <fstream>
#include <regex>
#include <set>

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

/// The prerequisites of a make rule; blanks and dollars in names are escaped there.
Words prerequisites(const std::string& rule) {
  Words names;
  std::string name;
  const auto finish = [&] {
    if (!name.empty()) names.push_back(std::move(name));
    name.clear();
  };
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const char next = i + 1 < rule.size() ? rule[i + 1] : '\0';
    if (rule[i] == '\\' && next == '\n') {
      finish();
      ++i;
    } else if ((rule[i] == '\\' && (next == ' ' || next == '#')) ||
               (rule[i] == '$' && next == '$')) {
      name += next;
      ++i;
    } else if (rule[i] == ' ' || rule[i] == '\n') {
      finish();
    } else {
      name += rule[i];
    }
  }
  finish();
  return names;
}

struct IncludeLine {
  std::string place, spelling;
};

/// Where `file` includes `name`.
std::vector<IncludeLine> includes_of(const fs::path& file, const std::string& shown,
                                     const std::string& name) {
  static const std::regex include("^\\s*#\\s*include(?:_next)?\\s*([<\"])([^>\"]+)[>\"]");
  std::vector<IncludeLine> found;
  std::ifstream in(file);
  std::smatch match;
  int number = 1;
  for (std::string line; std::getline(in, line); ++number)
    if (line.find(name) != std::string::npos && std::regex_search(line, match, include) &&
        match[2] == name)
      found.push_back({shown + ":" + std::to_string(number),
                       match[1] == "<" ? "<" + name + ">" : "\"" + name + "\""});
  return found;
}

/// Sources and headers of the driver itself.
bool own_file(const fs::path& file, const Words& flags) {
  for (const std::string& flag : flags)
    if (flag.starts_with("-I") && flag.size() > 2 &&
        fs::exists(fs::path(flag.substr(2)) / "linux/kconfig.h"))
      if (const fs::path inside = file.lexically_relative(flag.substr(2));
          !inside.empty() && *inside.begin() != "..")
        return false;
  return true;
}

}  // namespace

Result<std::vector<std::string>> add_missing_headers(const Compiler& compiler, const Words& flags,
                                                     const SourcePlan& source,
                                                     MissingList& missing) {
  Words words = flags;
  words.insert(words.end(), {"-w", "-M", "-MG", "-MT", "x", source.file.string()});
  const ProgramRun run = VMSIM_TRY(compiler.run(words));
  constexpr std::size_t kTargetBytes = 2;
  if (!run.ok() || run.out.size() < kTargetBytes) return std::vector<std::string>{};
  std::set<std::string> absent;
  std::vector<fs::path> present;
  for (const std::string& name : prerequisites(run.out.substr(kTargetBytes))) {
    // Folders are absolute here, so a bare name is one that was found in none.
    std::error_code ignored;
    if (name[0] == '/' && fs::exists(name, ignored)) {
      const fs::path file = fs::path(name).lexically_normal();
      if (own_file(file, flags)) present.push_back(file);
    } else {
      absent.insert(name);
    }
  }
  for (const std::string& name : absent) {
    bool found = false;
    for (const fs::path& file : present)
      for (const IncludeLine& line :
           includes_of(file, file == source.file ? source.shown : file.string(), name)) {
        missing.add(MissingKind::kHeader, line.spelling, line.place);
        found = true;
      }
    if (!found) missing.add(MissingKind::kHeader, "<" + name + ">", source.shown);
  }
  return std::vector<std::string>(absent.begin(), absent.end());
}

}  // namespace vmsim::cli
