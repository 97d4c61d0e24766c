// SPDX-License-Identifier: MIT
// Page-table entries in words, and the facts of each format as data.
#include "mmu/pte.hpp"

#include <fmt/format.h>

#include "mmu/paging/format.hpp"

namespace vmsim::mmu {
std::string describe_flags(Pte pte) {
  struct Name {
    u64 bit;
    const char* text;
  };

  static constexpr Name kNames[] = {
      {Pte::kPresent, "P"},       {Pte::kWrite, "RW"},      {Pte::kUser, "U"},
      {Pte::kPwt, "PWT"},         {Pte::kPcd, "PCD"},       {Pte::kAccessed, "A"},
      {Pte::kDirty, "D"},         {Pte::kPat, "PAT"},       {Pte::kGlobal, "G"},
      {Pte::kSpecial, "SPECIAL"}, {Pte::kSoftware2, "SW2"}, {Pte::kSoftDirty, "SOFT_DIRTY"},
      {Pte::kNx, "NX"},
  };
  std::string text;
  for (const Name& name : kNames) {
    if ((pte.bits & name.bit) == 0) continue;
    if (!text.empty()) text += ' ';
    text += name.bit == Pte::kGlobal && !pte.present() ? "PROTNONE" : name.text;
  }
  return text;
}

std::string describe(Pte pte) {
  if (pte.none()) return "none";
  if (pte.marker()) return fmt::format("marker={:#x}", pte.marker_payload());
  return fmt::format("pfn={:#x} {}", pte.pfn().value, describe_flags(pte));
}

FormatFacts format_facts(FormatKind kind) {
  return visit_format(kind, []<PagingFormat F>() {
    return FormatFacts{F::kName,    F::kLevels,       F::kVaBits, F::kPfnBits,
                       F::kUserTop, entry_span<F>(1), F::kHasNx};
  });
}

}  // namespace vmsim::mmu
