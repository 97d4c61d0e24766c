// SPDX-License-Identifier: MIT
// Every name that the C face (include/vmsim/kapi) gives to drivers: where, from which kernel
// version until which, and how faithful. Counterpart: none; it is read from the headers, their
// conditionals and their `vmsim:` tags. Leaves out vmsim's own names. Called by `vmsim cc`, by the
// generated pages of docs/ and by the coverage measure.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/error.hpp"

namespace vmsim::cli {

enum class Fidelity { kExact, kSimplified, kStub };

std::string_view fidelity_text(Fidelity fidelity);

/// One name in one unbroken range of versions [from, until).
struct KapiName {
  std::string name;
  std::string kind;  ///< function macro struct enum typedef constant variable; member: "file.f_pos"
  std::string header;              ///< "linux/mm.h", as a driver includes it
  unsigned from = 0, until = ~0u;  ///< codes of KERNEL_VERSION
  Fidelity fidelity = Fidelity::kExact;
  std::string note;       ///< how it is simplified, or what else the tag says
  std::string successor;  ///< what drivers call since `until`, where the tag says so
};

/// A header that does not say what it should: a name without a tag, a tag that its #if contradicts.
struct KapiProblem {
  std::string header;
  int line = 0;
  std::string what;
};

/// Thread safety: immutable once read.
class KapiIndex {
 public:
  /// Pre: `kapi_dir` is the folder that has linux/kconfig.h; else ENOENT.
  static Result<KapiIndex> read(const std::filesystem::path& kapi_dir);

  /// Sorted by header, then as the header has them.
  std::span<const KapiName> names() const { return names_; }

  /// Fields of the shared structs, "struct.field".
  std::span<const KapiName> members() const { return members_; }

  /// Includable ones, sorted.
  std::vector<std::string> headers() const { return headers_; }

  /// All eras of it, members too; empty if no version has it.
  std::vector<const KapiName*> find(std::string_view name) const;

  /// The closest names that `version` has, best first.
  std::vector<const KapiName*> nearest(std::string_view name, unsigned version,
                                       std::size_t count = 3) const;

  /// Empty in a tree that passes its tests.
  std::span<const KapiProblem> problems() const { return problems_; }

 private:
  std::vector<KapiName> names_, members_;
  std::vector<std::string> headers_;
  std::vector<KapiProblem> problems_;
};

}  // namespace vmsim::cli
