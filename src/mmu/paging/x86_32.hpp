// SPDX-License-Identifier: MIT
// The classic two-level format of 32-bit x86: 1024 entries of 4 bytes. Counterpart: Intel SDM
// volume 3, "32-bit paging", and arch/x86/include/asm/pgtable-2level.h. Leaves out PAE and 4 MiB
// leaves (recognised only). Included through paging/format.hpp.
//
//   va 31..22 PGD | 21..12 PTE | 11..0 byte      entry 31..12 frame | 11..0 the same bits as on
//   x86-64
//
// There is no NX bit, so every present page may be executed; and PROT_NONE frames are not inverted.
#pragma once

#include "mmu/paging/format.hpp"

namespace vmsim::mmu {

struct X86_32 {
  using Raw = u32;
  static constexpr FormatKind kKind = FormatKind::x86_32;
  static constexpr std::string_view kName = "x86-32";
  static constexpr unsigned kLevels = 2;
  static constexpr unsigned kIndexBits = 10;
  static constexpr unsigned kVaBits = 32;
  static constexpr unsigned kPfnBits = 20;
  static constexpr bool kHasNx = false;
  static constexpr u64 kUserTop = 0xc0000000;
  static constexpr std::array<std::string_view, kLevels> kLevelNames{"PTE", "PGD"};

  static constexpr bool canonical(u64 va) { return va >> kVaBits == 0; }

  static constexpr bool encodable(Pte pte) { return pte.pfn().value >> kPfnBits == 0; }

  /// Pre: encodable(pte). Drops what the format has no bit for: NX and the software bits above the
  /// frame.
  static constexpr Raw encode(Pte pte) {
    const u64 frame = pte.protnone() ? ~pte.bits : pte.bits;
    return static_cast<Raw>((frame & 0xfffff000) | (pte.bits & 0xfff));
  }

  static constexpr Pte decode(Raw raw) { return Pte::make(Pfn(raw >> kPageShift), raw & 0xfff); }

  /// Linux's _PAGE_TABLE: present, writable, user, accessed, dirty; rights are decided at the leaf.
  static constexpr Raw make_table(Pfn pfn) {
    return static_cast<Raw>(pfn.value << kPageShift) | 0x67;
  }

  static constexpr bool table_present(Raw raw) { return (raw & Pte::kPresent) != 0; }

  static constexpr Pfn table_pfn(Raw raw) { return Pfn(raw >> kPageShift); }

  /// Whether a present entry of this level maps memory itself (the PS bit).
  static constexpr bool huge(Raw raw, unsigned level) { return level == 1 && (raw & 0x81) == 0x81; }
};

static_assert(PagingFormat<X86_32>);

}  // namespace vmsim::mmu
