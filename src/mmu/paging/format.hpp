// SPDX-License-Identifier: MIT
// What a page-table format must say about itself, and the switch from a run-time format to a
// compile-time one. Counterpart: arch/*/include/asm/pgtable*.h. A new format is one file of this
// shape, a FormatKind and a case below. Used by mmu only; mm speaks Pte and FormatKind.
//
// Level 0 is the leaf table, level kLevels - 1 the root. Every table fills one page frame.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

#include "vmsim/addr.hpp"

#include "mmu/pte.hpp"

namespace vmsim::mmu {

enum class FormatKind : u8 { x86_64, x86_32 };

template <class F>
concept PagingFormat = requires(u64 va, unsigned level, Pte pte, Pfn pfn, typename F::Raw raw) {
  requires std::unsigned_integral<typename F::Raw>;
  requires std::same_as<const FormatKind, decltype(F::kKind)>;
  { F::kName } -> std::convertible_to<std::string_view>;
  { F::kLevels } -> std::convertible_to<unsigned>;
  { F::kIndexBits } -> std::convertible_to<unsigned>;
  { F::kVaBits } -> std::convertible_to<unsigned>;
  { F::kPfnBits } -> std::convertible_to<unsigned>;
  { F::kUserTop } -> std::convertible_to<u64>;
  { F::kLevelNames[level] } -> std::convertible_to<std::string_view>;
  { F::canonical(va) } -> std::same_as<bool>;
  { F::encodable(pte) } -> std::same_as<bool>;
  { F::encode(pte) } -> std::same_as<typename F::Raw>;
  { F::decode(raw) } -> std::same_as<Pte>;
  { F::make_table(pfn) } -> std::same_as<typename F::Raw>;
  { F::table_present(raw) } -> std::same_as<bool>;
  { F::table_pfn(raw) } -> std::same_as<Pfn>;
  { F::huge(raw, level) } -> std::same_as<bool>;
};

/// Entries of one table.
template <PagingFormat F>
inline constexpr unsigned kEntries = 1u << F::kIndexBits;

/// The lowest address bit that selects an entry of a table of this level.
template <PagingFormat F>
constexpr unsigned level_shift(unsigned level) {
  return kPageShift + level * F::kIndexBits;
}

/// The bytes of address space behind one entry of a table of this level.
template <PagingFormat F>
constexpr u64 entry_span(unsigned level) {
  return u64{1} << level_shift<F>(level);
}

template <PagingFormat F>
constexpr unsigned index_of(u64 va, unsigned level) {
  return static_cast<unsigned>(va >> level_shift<F>(level)) & (kEntries<F> - 1);
}

}  // namespace vmsim::mmu

#include "mmu/paging/x86_32.hpp"
#include "mmu/paging/x86_64.hpp"

namespace vmsim::mmu {

/// Calls fn.operator()<Format>() for the format; the one place that turns the run-time kind into a
/// type.
template <class Fn>
inline __attribute__((always_inline)) decltype(auto) visit_format(FormatKind kind, Fn&& fn) {
  if (kind == FormatKind::x86_64) return std::forward<Fn>(fn).template operator()<X86_64>();
  return std::forward<Fn>(fn).template operator()<X86_32>();
}

/// The facts of a format that rooms above ask for.
struct FormatFacts {
  std::string_view name;
  unsigned levels;
  unsigned va_bits;
  unsigned pfn_bits;
  u64 user_top;         ///< end of the addresses a program may use (TASK_SIZE)
  u64 leaf_table_span;  ///< bytes mapped by one leaf table
  bool has_nx;
};

FormatFacts format_facts(FormatKind kind);

}  // namespace vmsim::mmu
