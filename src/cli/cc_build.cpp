// SPDX-License-Identifier: MIT
// The steps of one driver; see cc_build.hpp.
#include "cli/cc_build.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include <fmt/format.h>

#include "cli/cc_headers.hpp"

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

/// As kbuild names things in C.
std::string identifier(std::string text) {
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  if (!text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0)
    text.insert(0, 1, '_');
  return text;
}

void pass_on(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const Words kImplicitAllowed = {"-Wno-error=implicit-function-declaration"};

}  // namespace

Words DriverBuild::words_of(const SourcePlan& source) const {
  Words words = with(tools_.flags.compile, source.flags);
  words.push_back(fmt::format("-DKBUILD_MODNAME=\"{}\"", identifier(plan_.name)));
  words.push_back(fmt::format("-DKBUILD_BASENAME=\"{}\"", identifier(source.file.stem().string())));
  if (tools_.compiler.clang()) words.push_back("-ferror-limit=0");  // gcc has no limit
  if (tools_.colours) words.push_back("-fdiagnostics-color=always");
  return words;
}

/// Names are missing too where headers are. They are found by compiling with empty headers in the
/// place of those.
Result<void> DriverBuild::list_behind_headers(const SourcePlan& source, const Words& words,
                                              const Words& headers) {
  const fs::path folder = tools_.scratch / "empty-headers";
  for (const std::string& header : headers) {
    const fs::path file = (folder / header).lexically_normal();
    if (file.lexically_relative(folder).string().starts_with("..")) continue;
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    std::ofstream(file).flush();
  }
  const ProgramRun run = VMSIM_TRY(tools_.compiler.run(
      with(words, {"-idirafter", folder.string(), "-fsyntax-only", source.shown})));
  read_diagnostics(run.err, missing_);
  return {};
}

Result<void> DriverBuild::keep_object(const SourcePlan& source) {
  ObjectSymbols symbols = VMSIM_TRY(read_symbols(files_.back()));
  exported_.insert(symbols.exported.begin(), symbols.exported.end());
  objects_.push_back({&source, std::move(symbols)});
  return {};
}

Result<void> DriverBuild::compile(const SourcePlan& source) {
  Words words = words_of(source);
  const auto headers = VMSIM_TRY(add_missing_headers(tools_.compiler, words, source, missing_));
  if (!headers.empty()) {
    failed_ = true;
    return list_behind_headers(source, words, headers);
  }
  files_.push_back(
      (tools_.scratch / fmt::format("{}-{}.o", files_.size(), source.file.stem().string()))
          .string());
  if (tools_.stubs) {
    words = with(words, kImplicitAllowed);
    words.push_back("-Wno-error=int-conversion");
  }
  const Words job = {"-c", source.shown, "-o", files_.back()};
  const ProgramRun run = VMSIM_TRY(tools_.compiler.run(with(words, job)));
  pass_on(run.err);
  const std::size_t functions = missing_.count(MissingKind::kFunction), all = missing_.all().size();
  MissingList seen;
  read_diagnostics(run.err, seen);
  for (const Missing& one : seen.all())
    // With stubs an undeclared function may well be there: the link will tell.
    if (!tools_.stubs || one.kind != MissingKind::kFunction)
      for (const std::string& place : one.places) missing_.add(one.kind, one.name, place);
  if (run.ok()) return keep_object(source);
  failed_ = true;
  if (missing_.count(MissingKind::kFunction) == functions || missing_.all().size() == all)
    return {};
  // An object after all, for its imports and exports.
  const ProgramRun again = VMSIM_TRY(tools_.compiler.run(with(with(words, kImplicitAllowed), job)));
  return again.ok() ? keep_object(source) : Result<void>();
}

Result<void> DriverBuild::compile() {
  for (const SourcePlan& source : plan_.sources) VMSIM_CHECK(compile(source));
  return {};
}

void DriverBuild::add_imports(const std::set<std::string>& provided) {
  std::set<std::string> known = provided;
  for (const Object& object : objects_)
    known.insert(object.symbols.defined.begin(), object.symbols.defined.end());
  for (const Object& object : objects_)
    for (const std::string& name : object.symbols.undefined) {
      if (known.contains(name)) continue;
      const int line = line_of_word(object.source->file, name);
      const std::string place =
          object.source->shown + (line != 0 ? ":" + std::to_string(line) : "");
      if (tools_.stubs) {
        if (std::find(stubs_.begin(), stubs_.end(), name) == stubs_.end()) stubs_.push_back(name);
      } else {
        missing_.add(MissingKind::kImport, name, place);
      }
    }
}

Result<void> DriverBuild::link_objects() {
  Words files = files_;
  if (!stubs_.empty()) {
    // The mark that the loader looks for.
    const fs::path mark = tools_.scratch / "stubs.c";
    std::ofstream(mark)
        << "static const char stubs[] __attribute__((used, section(\".modinfo\"), aligned(1))) = "
           "\"stubs=Y\";\n";
    files.push_back(mark.string());
    files.insert(files.begin(), {"-fPIC", "-ffreestanding"});
  }
  const fs::path vko = tools_.scratch / (plan_.name + ".vko");
  Words words = with(tools_.flags.link, {"-o", vko.string()});
  const ProgramRun run = VMSIM_TRY(tools_.compiler.run(with(words, files)));
  pass_on(run.err);
  if (run.ok()) vko_ = vko;
  return {};
}

Result<void> DriverBuild::link(const std::set<std::string>& provided) {
  // With a source missing, what it defines would be taken for imports.
  if (objects_.size() == plan_.sources.size()) add_imports(provided);
  if (failed_ || !missing_.empty()) return {};
  return link_objects();
}

}  // namespace vmsim::cli
