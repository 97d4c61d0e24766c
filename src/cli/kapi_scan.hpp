// SPDX-License-Identifier: MIT
// One header of the C face, read: its names with the #if ranges and the tags that apply to each. Counterpart: none.
// Leaves out what our headers do not use: K&R declarations, public macros that declare things. Called by KapiIndex.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/kapi_eras.hpp"
#include "cli/kapi_index.hpp"

namespace vmsim::cli {

enum class TagScope { kOwn, kBlock, kFile };

/// A comment `vmsim: exact|simplified|stub`, then in any order a range `[2.6.15, 4.20)`, `in linux/x.h` (where drivers
/// find a name of vmsim/….h), `then NAME` (what follows it), and text. It is for the declaration behind it or on its
/// line; before an #if for all of that #if; "every name of this block" until a blank line or the end of the #if;
/// "every name of this file".
struct KapiTag {
  Fidelity fidelity = Fidelity::kExact;
  std::optional<Eras> eras;
  std::string note, in, successor;
  TagScope scope = TagScope::kOwn;
};

/// The tag in a comment's text, if there is one.
std::optional<KapiTag> parse_tag(std::string_view comment);

struct ScannedName {
  std::string name, kind;
  int line = 0;
  Eras eras;  ///< of the #if around it
  std::optional<KapiTag> tag;
};

struct ScannedInclude {
  std::string path;  ///< as written
  Eras eras;
};

struct ScannedHeader {
  std::vector<ScannedName> names, members;
  std::vector<ScannedInclude> includes;
  std::string counterpart;  ///< the first header that the opening comment names, "linux/fs.h"
  Eras eras = Eras::always();  ///< vmsim-from and vmsim-until in the opening comment
};

ScannedHeader scan_header(std::string_view text);

/// Where an #if holds and where it does not; what is not about versions may be both.
struct Condition {
  Eras yes, no;
};

Condition parse_condition(std::string_view text);

}  // namespace vmsim::cli
