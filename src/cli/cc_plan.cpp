// SPDX-License-Identifier: MIT
// Sources given by name, or a folder; see cc_plan.hpp. The folder's file is read in kbuild.cpp.
#include "cli/cc_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <fmt/format.h>

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

fs::path absolute(const fs::path& path) {
  return fs::absolute(path).lexically_normal();
}

Result<void> add_input(const std::string& input, Plan& plan) {
  std::error_code ignored;
  if (!fs::exists(input, ignored)) return fail(ENOENT, input + ": there is no such file or folder");
  if (fs::is_directory(input, ignored))
    return fail(EINVAL,
                input + ": a folder is compiled alone; expected nothing beside it but .vko files");
  if (::access(input.c_str(), R_OK) != 0)
    return fail(errno, input + " cannot be read: " + std::strerror(errno));
  if (fs::path(input).extension() == ".vko") {
    plan.providers.push_back(absolute(input));
  } else if (fs::path(input).extension() == ".c") {
    plan.drivers.front().sources.push_back({absolute(input), input});
  } else {
    return fail(EINVAL,
                input + ": expected a C source (.c), a folder, or a driver to import from (.vko)");
  }
  return {};
}

}  // namespace

Result<Plan> make_plan(const CcOptions& options) {
  Plan plan;
  std::error_code ignored;
  const auto is_folder = [&](const std::string& input) { return fs::is_directory(input, ignored); };
  const auto folder = std::ranges::find_if(options.inputs, is_folder);
  plan.drivers.emplace_back();
  for (const std::string& input : options.inputs)
    if (folder == options.inputs.end() || input != *folder ||
        std::ranges::count_if(options.inputs, is_folder) > 1)
      VMSIM_CHECK(add_input(input, plan));
  if (folder != options.inputs.end()) {
    if (!plan.drivers.front().sources.empty())
      return fail(
          EINVAL,
          *folder + ": a folder is compiled alone; expected nothing beside it but .vko files");
    plan.drivers = VMSIM_TRY(read_kbuild(absolute(*folder), options.kernel));
    for (DriverPlan& driver : plan.drivers)
      for (SourcePlan& source : driver.sources)
        source.shown = (fs::path(*folder) / source.file.lexically_relative(absolute(*folder)))
                           .lexically_normal()
                           .string();
  } else if (plan.drivers.front().sources.empty()) {
    return fail(EINVAL,
                "nothing to compile; expected C sources or a folder with a kbuild Makefile");
  } else {
    plan.drivers.front().name = plan.drivers.front().sources.front().file.stem().string();
  }
  if (!options.name.empty()) {
    if (plan.drivers.size() > 1)
      return fail(EINVAL, fmt::format("--name names one driver, and {} has {}", *folder,
                                      plan.drivers.size()));
    plan.drivers.front().name = options.name;
  }
  for (DriverPlan& driver : plan.drivers)
    for (SourcePlan& source : driver.sources)
      source.flags.insert(source.flags.end(), options.flags.begin(), options.flags.end());
  return plan;
}

}  // namespace vmsim::cli
