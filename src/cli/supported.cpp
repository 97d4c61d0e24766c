// SPDX-License-Identifier: MIT
// `vmsim cc --supported`: a line for each name, with how faithful it is and where it is declared;
// see cc.hpp.
#include <algorithm>
#include <cerrno>
#include <fnmatch.h>

#include <fmt/format.h>

#include "cli/cc.hpp"
#include "cli/kapi_index.hpp"
#include "cli/headers_place.hpp"

namespace vmsim::cli {

namespace {

/// A pattern without wildcards fits every name that contains it.
bool fits(const std::string& name, const std::vector<std::string>& patterns) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           if (pattern.find_first_of("*?[") == std::string::npos)
             return name.find(pattern) != std::string::npos;
           return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
         });
}

Result<int> list(CcOptions options) {
  VMSIM_CHECK(check_options(options));
  const auto folders = VMSIM_TRY(kapi_folders());
  const KapiIndex index = VMSIM_TRY(KapiIndex::read(folders[0]));
  const unsigned kernel = options.kernel.code();
  std::vector<const KapiName*> names;
  std::size_t width = 0;
  for (const KapiName& name : index.names()) {
    if (kernel < name.from || kernel >= name.until || !fits(name.name, options.inputs)) continue;
    names.push_back(&name);
    width = std::max(width, name.name.size());
  }
  std::ranges::stable_sort(names, {}, [](const KapiName* name) { return name->name; });
  for (const KapiName* name : names)
    fmt::print("{:<{}}  {:<10}  {}\n", name->name, width, fidelity_text(name->fidelity),
               name->header);
  if (!names.empty()) return 0;
  return fail(ENOENT, fmt::format("--supported: kernel {} has no name like '{}'",
                                  options.kernel.to_string(), fmt::join(options.inputs, "', '")));
}

}  // namespace

int list_supported(const CcOptions& options) {
  const Result<int> status = list(options);
  if (status) return *status;
  fmt::print(stderr, "vmsim cc: {}\n", status.error().message);
  return 1;
}

}  // namespace vmsim::cli
