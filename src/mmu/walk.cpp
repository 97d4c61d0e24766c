// SPDX-License-Identifier: MIT
// The page walk for people: every level with its bits drawn and named. Counterpart:
// dump_pagetable() and the drawings of the Intel manual. It never fails on damaged tables: it says
// where the walk ended and why.
#include <fmt/format.h>

#include "mmu/page_table.hpp"

namespace vmsim::mmu {
namespace {

const char* end_text(WalkEnd end) {
  switch (end) {
    case WalkEnd::kMapped:
      return "mapped";
    case WalkEnd::kProtNone:
      return "PROT_NONE: the entry keeps its frame, the processor sees it as not present";
    case WalkEnd::kMarker:
      return "a software entry; the processor sees it as not present";
    case WalkEnd::kNone:
      return "not mapped: the entry is empty";
    case WalkEnd::kNoTable:
      return "not mapped: there is no table below this entry";
    case WalkEnd::kHuge:
      return "a large page, which vmsim does not model";
    case WalkEnd::kBadTable:
      return "damaged: the entry points to a table outside of RAM";
    case WalkEnd::kNonCanonical:
      return "not an address of this format (non-canonical)";
  }
  return "";
}

/// The entry's fields in the order of the manual, high bits first.
std::string draw_bits(FormatKind kind, u64 raw) {
  const bool wide = kind == FormatKind::x86_64;
  const auto bit = [raw](unsigned n) { return raw >> n & 1; };
  const u64 frame = (raw & Pte::kPfnMask) >> kPageShift;
  const std::string head = wide ? "     NX | 51..12 frame |" : "          31..12 frame |";
  const std::string high = wide ? fmt::format("      {} | ", bit(63)) : "          ";
  return head + " SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n" + high +
         fmt::format("{:#012x} |", frame) +
         fmt::format(" {:2} {:2} {:2} |", bit(11), bit(10), bit(9)) +
         fmt::format(" {:2} {:3} {:2} {:2} |", bit(8), bit(7), bit(6), bit(5)) +
         fmt::format(" {:3} {:3} {:2} {:2} {:2}\n", bit(4), bit(3), bit(2), bit(1), bit(0));
}

}  // namespace

template <PagingFormat F>
Walk PageTable::walk_as(VirtAddr va) const {
  Walk walk{F::kKind, va, {}, WalkEnd::kNonCanonical, {}, {}};
  if (!F::canonical(va.value)) return walk;
  Pfn table = root_;
  for (unsigned level = F::kLevels; level-- > 0;) {
    const unsigned index = index_of<F>(va.value, level);
    const PhysAddr entry = table.addr() + index * sizeof(typename F::Raw);
    const typename F::Raw raw = read_entry(table_at<F>(table)[index]);
    walk.steps.push_back({level, F::kLevelNames[level], table.addr(), index, entry, raw, {}});
    WalkStep& step = walk.steps.back();
    if (level == 0) {
      walk.pte = F::decode(raw);
      step.text = describe(walk.pte);
      break;
    }
    if (!F::table_present(raw)) {
      step.text = raw == 0 ? "none" : "not present";
      walk.end = WalkEnd::kNoTable;
      return walk;
    }
    table = F::table_pfn(raw);
    step.text = fmt::format("table={:#x} {}", table.addr().value, describe_flags(Pte{raw}));
    if (F::huge(raw, level)) {
      step.text = "large page " + describe_flags(Pte{raw});
      walk.end = WalkEnd::kHuge;
      return walk;
    }
    if (table.value >= ram_pages_) {
      walk.end = WalkEnd::kBadTable;
      return walk;
    }
  }
  walk.end = walk.pte.none()       ? WalkEnd::kNone
             : walk.pte.present()  ? WalkEnd::kMapped
             : walk.pte.protnone() ? WalkEnd::kProtNone
                                   : WalkEnd::kMarker;
  if (walk.end == WalkEnd::kMapped) walk.pa = walk.pte.pfn().addr() + va.page_offset();
  return walk;
}

Walk PageTable::walk(VirtAddr va) const {
  return visit_format(kind_, [&]<PagingFormat F>() { return walk_as<F>(va); });
}

std::string format(const Walk& walk) {
  const int digits = walk.format == FormatKind::x86_64 ? 16 : 8;
  std::string text = fmt::format("walk of 0x{:0{}x} ({})\n", walk.va.value, digits,
                                 format_facts(walk.format).name);
  for (const WalkStep& step : walk.steps) {
    text += fmt::format("{}[{}] at {:#x} = 0x{:0{}x}  {}\n", step.name, step.index,
                        step.entry.value, step.raw, digits, step.text);
    if (step.raw != 0) text += draw_bits(walk.format, step.raw);
  }
  if (walk.end != WalkEnd::kMapped) return text + "=> " + end_text(walk.end) + "\n";
  return text + fmt::format("=> physical {:#x} (frame {:#x}, byte {:#x})\n", walk.pa.value,
                            walk.pte.pfn().value, walk.va.page_offset());
}

}  // namespace vmsim::mmu
