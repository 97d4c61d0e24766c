// SPDX-License-Identifier: MIT
// The order of the steps and the words of the end; see cc.hpp.
#include "cli/cc.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <unistd.h>

#include <fmt/format.h>

#include "vmsim/driver_api.hpp"

#include "cli/cc_advice.hpp"
#include "cli/cc_build.hpp"
#include "cli/headers_place.hpp"

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

void say(const std::string& line) {
  fmt::print(stderr, "vmsim cc: {}\n", line);
}

/// A folder that goes with this object.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make() {
    const char* const given = std::getenv("TMPDIR");
    std::string name =
        std::string(given != nullptr && *given != '\0' ? given : "/tmp") + "/vmsim-cc-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
      return fail(errno, name + ": no folder can be made there: " + std::strerror(errno) +
                             " (TMPDIR names another)");
    return ScratchFolder(name);
  }

  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }

 private:
  explicit ScratchFolder(fs::path path) : path_(std::move(path)) {}

  fs::path path_;
};

/// Where a driver goes: -o names the file or a folder.
Result<fs::path> target_of(const CcOptions& options, const DriverPlan& driver,
                           std::size_t drivers) {
  const std::string file = driver.name + ".vko";
  if (options.output.empty()) return fs::path(file);
  std::error_code ignored;
  const bool folder = fs::is_directory(options.output, ignored) || options.output.ends_with('/');
  if (folder) {
    fs::create_directories(options.output, ignored);
    return fs::path(options.output) / file;
  }
  if (drivers > 1)
    return fail(EINVAL, fmt::format("-o is '{}', expected a folder, because there are {} drivers",
                                    options.output, drivers));
  return fs::path(options.output);
}

/// All of one run, so that each step finds what the earlier ones made.
class CcRun {
 public:
  explicit CcRun(CcOptions options) : options_(std::move(options)) {}

  Result<bool> run();

 private:
  Result<std::set<std::string>> provided(const std::list<DriverBuild>& builds,
                                         const Plan& plan) const;
  Result<void> report(const DriverBuild& build) const;
  Result<void> install(const DriverBuild& build, const fs::path& target) const;

  CcOptions options_;
  std::vector<fs::path> kapi_;
};

/// Everything that a driver of this run may import.
Result<std::set<std::string>> CcRun::provided(const std::list<DriverBuild>& builds,
                                              const Plan& plan) const {
  std::set<std::string> names;
  for (const KernelExport& entry : kernel_exports())
    if (entry.in(options_.kernel)) names.emplace(entry.name);
  for (const DriverBuild& build : builds)
    names.insert(build.exported().begin(), build.exported().end());
  for (const fs::path& file : plan.providers) {
    const ObjectSymbols symbols = VMSIM_TRY(read_symbols(file));
    names.insert(symbols.exported.begin(), symbols.exported.end());
  }
  return names;
}

Result<void> CcRun::report(const DriverBuild& build) const {
  const MissingList& missing = build.missing();
  if (!missing.empty()) {
    const KapiIndex index = VMSIM_TRY(KapiIndex::read(kapi_[0]));
    const std::string table = Advice(index, options_.kernel).table(build.name(), missing);
    std::fwrite(table.data(), 1, table.size(), stderr);
  }
  const std::size_t headers = missing.count(MissingKind::kHeader),
                    names = missing.all().size() - headers;
  const std::size_t functions =
      missing.count(MissingKind::kFunction) + missing.count(MissingKind::kImport);
  const auto counted = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::string why = headers > 0 ? counted(headers, "header") : "";
  if (names > 0) why += (why.empty() ? "" : " and ") + counted(names, "name");
  if (!why.empty()) why = ": " + why + (headers + names == 1 ? " is missing" : " are missing");
  const bool stubs_help = functions > 0 && functions == missing.all().size();
  say(fmt::format("{}.vko is not made{}{}", build.name(), why,
                  stubs_help ? " (--stubs links it in spite of missing functions)" : ""));
  return {};
}

Result<void> CcRun::install(const DriverBuild& build, const fs::path& target) const {
  // A new file beside it and a rename: a reader sees the old driver or the new one.
  const fs::path fresh = target.string() + fmt::format(".{}.tmp", ::getpid());
  std::error_code error;
  fs::copy_file(build.vko(), fresh, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(fresh, target, error);
  if (error) {
    std::error_code ignored;
    fs::remove(fresh, ignored);
    return fail(error.value(), target.string() + " cannot be written: " + error.message());
  }
  if (!build.stubs().empty())
    say(fmt::format("{}.vko is linked with stubs, which stop it when it calls them: {}",
                    build.name(), fmt::join(build.stubs(), ", ")));
  fmt::print("{}\n", target.string());
  return {};
}

Result<bool> CcRun::run() {
  VMSIM_CHECK(check_options(options_));
  const Plan plan = VMSIM_TRY(make_plan(options_));
  std::vector<fs::path> targets;
  for (const DriverPlan& driver : plan.drivers)
    targets.push_back(VMSIM_TRY(target_of(options_, driver, plan.drivers.size())));
  kapi_ = VMSIM_TRY(kapi_folders());
  const Compiler compiler = VMSIM_TRY(Compiler::find());
  const DriverFlags flags = VMSIM_TRY(driver_flags(kapi_, compiler, options_.kernel));
  const ScratchFolder scratch = VMSIM_TRY(ScratchFolder::make());

  std::list<BuildTools> tools;
  std::list<DriverBuild> builds;
  for (const DriverPlan& driver : plan.drivers) {
    const fs::path folder = scratch.path() / std::to_string(builds.size());
    fs::create_directory(folder);
    tools.push_back({compiler, flags, options_.stubs, ::isatty(STDERR_FILENO) != 0, folder});
    VMSIM_CHECK(builds.emplace_back(tools.back(), driver).compile());
  }
  const std::set<std::string> names = VMSIM_TRY(provided(builds, plan));
  bool all_made = true;
  auto target = targets.begin();
  for (DriverBuild& build : builds) {
    VMSIM_CHECK(build.link(names));
    const bool made = !build.vko().empty();
    all_made = all_made && made;
    VMSIM_CHECK(made ? install(build, *target) : report(build));
    ++target;
  }
  return all_made;
}

}  // namespace

int run_cc(CcOptions options) {
  if (options.supported) return list_supported(options);
  const Result<bool> made = CcRun(std::move(options)).run();
  if (!made) say(made.error().message);
  return made && *made ? 0 : 1;
}

}  // namespace vmsim::cli
