// SPDX-License-Identifier: MIT
// Finding and asking the compiler, and reading driver_flags.txt; see cc_compiler.hpp.
#include "cli/cc_compiler.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace vmsim::cli {

namespace fs = std::filesystem;

Result<Compiler> Compiler::check(Words command) {
  Compiler compiler;
  compiler.command_ = std::move(command);
  const ProgramRun version = VMSIM_TRY(compiler.run({"--version"}));
  const ProgramRun include = VMSIM_TRY(compiler.run({"-print-file-name=include"}));
  const fs::path folder = include.out.substr(0, include.out.find('\n'));
  std::error_code ignored;
  if (!version.ok() || !include.ok() || !fs::exists(folder / "stdarg.h", ignored))
    return fail(ENOEXEC, "'" + compiler.name() +
                             "' is no C compiler that can build drivers; expected gcc or clang");
  compiler.clang_ = version.out.find("clang") != std::string::npos;
  compiler.include_folder_ = folder;
  return compiler;
}

Result<Compiler> Compiler::find() {
  if (const char* const given = std::getenv("CC"); given != nullptr) {
    std::istringstream in(given);
    Words command;
    for (std::string word; in >> word;) command.push_back(word);
    if (!command.empty()) {
      auto found = check(command);
      if (!found) found.error().message += fmt::format(" (CC is '{}')", given);
      return found;
    }
  }
  for (const char* const name : {"gcc", "clang"})
    if (auto found = check({name})) return found;
  return fail(
      ENOENT,
      "no C compiler: tried $CC, which is not set, and gcc and clang, which $PATH does not have");
}

Result<ProgramRun> Compiler::run(const Words& words) const {
  Words all = command_;
  all.insert(all.end(), words.begin(), words.end());
  return run_program(all);
}

namespace {

struct FlagLine {
  std::string when, version, word;
};

/// "since 5.18 -std=gnu11" or "all -g".
Result<FlagLine> parse_flag(const std::string& line) {
  std::istringstream in(line);
  FlagLine flag;
  in >> flag.when;
  if (flag.when == "since" || flag.when == "before") in >> flag.version;
  in >> flag.word;
  const bool known =
      flag.when == "all" || flag.when == "gcc" || flag.when == "clang" || flag.when == "link" || !flag.version.empty();
  if (!known || flag.word.empty())
    return fail(EINVAL, "driver_flags.txt: '" + line + "' is no condition and one word");
  return flag;
}

std::string replaced(std::string text, const std::string& mark, const std::string& with) {
  for (std::size_t at; (at = text.find(mark)) != std::string::npos;)
    text.replace(at, mark.size(), with);
  return text;
}

Result<bool> applies(const FlagLine& flag, const Compiler& compiler, const KernelVersion& kernel) {
  if (flag.when == "clang") return compiler.clang();
  if (flag.when == "gcc") return !compiler.clang();
  if (flag.version.empty()) return true;
  const KernelVersion border = VMSIM_TRY(KernelVersion::parse(flag.version));
  return (kernel >= border) == (flag.when == "since");
}

}  // namespace

Result<DriverFlags> driver_flags(const std::vector<fs::path>& kapi, const Compiler& compiler,
                                 const KernelVersion& kernel) {
  DriverFlags flags;
  std::ifstream in(kapi[0] / "driver_flags.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    FlagLine flag = VMSIM_TRY(parse_flag(line));
    if (!VMSIM_TRY(applies(flag, compiler, kernel))) continue;
    flag.word = replaced(flag.word, "@CC_INCLUDE@", compiler.include_folder().string());
    flag.word = replaced(flag.word, "@KAPI@", kapi[0].string());
    flag.word = replaced(flag.word, "@KERNEL@", fmt::format("{:#x}", kernel.code()));
    Words& words = flag.when == "link" ? flags.link : flags.compile;
    if (flag.word.find("@KAPI_DIR@") == std::string::npos) {
      words.push_back(flag.word);
      continue;
    }
    for (const fs::path& folder : kapi)
      words.push_back(replaced(flag.word, "@KAPI_DIR@", folder.string()));
  }
  if (flags.compile.empty() || flags.link.empty())
    return fail(EINVAL, (kapi[0] / "driver_flags.txt").string() + " cannot be read");
  return flags;
}

}  // namespace vmsim::cli
