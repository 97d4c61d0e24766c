// SPDX-License-Identifier: MIT
// One driver on its way from sources to a .vko: look for headers, compile, link, look at imports.
// Counterpart: scripts/Makefile.build and modpost. Leaves out the words of the report. Called by
// `vmsim cc`, once for each driver.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cli/cc_compiler.hpp"
#include "cli/cc_missing.hpp"
#include "cli/cc_plan.hpp"
#include "cli/object_symbols.hpp"

namespace vmsim::cli {

struct BuildTools {
  const Compiler& compiler;
  const DriverFlags& flags;
  bool stubs = false;
  bool colours = false;
  std::filesystem::path scratch;  ///< an empty folder
};

class DriverBuild {
 public:
  /// Pre: `plan` and `tools` outlive this.
  DriverBuild(const BuildTools& tools, const DriverPlan& plan) : tools_(tools), plan_(plan) {}

  /// Compiles every source; what the compiler says goes to stderr as it is. The Error is one of the
  /// host.
  Result<void> compile();
  /// Adds the imports that are not among `provided`, and links if that makes a driver. Pre:
  /// compile().
  Result<void> link(const std::set<std::string>& provided);

  const std::string& name() const { return plan_.name; }

  const MissingList& missing() const { return missing_; }

  /// Names that other drivers may import. After compile().
  const std::set<std::string>& exported() const { return exported_; }

  /// Names that stop the driver when it calls them. After link().
  const std::vector<std::string>& stubs() const { return stubs_; }

  /// Empty when there is none. After link().
  const std::filesystem::path& vko() const { return vko_; }

 private:
  struct Object {
    const SourcePlan* source;
    ObjectSymbols symbols;
  };

  Result<void> compile(const SourcePlan& source);
  Result<void> list_behind_headers(const SourcePlan& source, const Words& words,
                                   const Words& headers);
  Result<void> keep_object(const SourcePlan& source);
  void add_imports(const std::set<std::string>& provided);
  Result<void> link_objects();
  Words words_of(const SourcePlan& source) const;

  const BuildTools& tools_;
  const DriverPlan& plan_;
  MissingList missing_;
  std::set<std::string> exported_;
  std::vector<Object> objects_;
  Words files_;
  std::vector<std::string> stubs_;
  bool failed_ = false;
  std::filesystem::path vko_;
};

}  // namespace vmsim::cli
