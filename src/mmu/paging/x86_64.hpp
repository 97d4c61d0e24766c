// SPDX-License-Identifier: MIT
// The four-level format of x86-64: 512 entries of 8 bytes, 48 address bits, sign-extended.
// Counterpart: Intel SDM volume 3, "4-level paging", and arch/x86/include/asm/pgtable_64.h. Leaves
// out five levels and 2 MiB/1 GiB leaves (recognised only). Included through paging/format.hpp.
//
//   va 63..48 = bit 47 | 47..39 PGD | 38..30 PUD | 29..21 PMD | 20..12 PTE | 11..0 byte
#pragma once

#include "mmu/paging/format.hpp"

namespace vmsim::mmu {

struct X86_64 {
  using Raw = u64;
  static constexpr FormatKind kKind = FormatKind::x86_64;
  static constexpr std::string_view kName = "x86-64";
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kIndexBits = 9;
  static constexpr unsigned kVaBits = 48;
  static constexpr unsigned kPfnBits = 40;
  static constexpr bool kHasNx = true;
  static constexpr u64 kUserTop = (u64{1} << 47) - kPageSize;
  static constexpr std::array<std::string_view, kLevels> kLevelNames{"PTE", "PMD", "PUD", "PGD"};

  static constexpr bool canonical(u64 va) {
    return static_cast<u64>(static_cast<i64>(va << 16) >> 16) == va;
  }

  static constexpr bool encodable(Pte) { return true; }

  static constexpr Raw encode(Pte pte) { return pte.bits; }

  static constexpr Pte decode(Raw raw) { return Pte{raw}; }

  /// Linux's _PAGE_TABLE: present, writable, user, accessed, dirty; rights are decided at the leaf.
  static constexpr Raw make_table(Pfn pfn) { return (pfn.value << kPageShift) | 0x67; }

  static constexpr bool table_present(Raw raw) { return (raw & Pte::kPresent) != 0; }

  static constexpr Pfn table_pfn(Raw raw) { return Pfn((raw & Pte::kPfnMask) >> kPageShift); }

  /// Whether a present entry of this level maps memory itself (the PS bit).
  static constexpr bool huge(Raw raw, unsigned level) {
    return (level == 1 || level == 2) && (raw & 0x81) == 0x81;
  }
};

static_assert(PagingFormat<X86_64>);

}  // namespace vmsim::mmu
