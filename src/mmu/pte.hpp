// SPDX-License-Identifier: MIT
// One page-table entry as a value, in the bit layout of x86-64 whatever the machine's format
// stores. Counterpart: pte_t and the pte_*() accessors of arch/x86. Leaves out huge leaves and
// protection keys. Pure values; anybody may use them.
#pragma once

#include <string>

#include "vmsim/addr.hpp"

namespace vmsim::mmu {

//   63  62..52  51 ................ 12  11  10  9   8   7   6   5   4   3   2   1   0
//   NX  (sw)    page frame number       SD  sw  SP  G   PAT D   A   PCD PWT U   RW  P
//
// SP (special) and SD (soft dirty) are software bits as Linux uses them. PROT_NONE keeps its frame:
// P is clear, bit 8 is set and means PROTNONE instead of global, and the frame bits are stored
// inverted (the L1TF mitigation).
struct Pte {
  u64 bits = 0;

  static constexpr u64 kPresent = u64{1} << 0;
  static constexpr u64 kWrite = u64{1} << 1;
  static constexpr u64 kUser = u64{1} << 2;
  static constexpr u64 kPwt = u64{1} << 3;
  static constexpr u64 kPcd = u64{1} << 4;
  static constexpr u64 kAccessed = u64{1} << 5;
  static constexpr u64 kDirty = u64{1} << 6;
  static constexpr u64 kPat = u64{1} << 7;
  static constexpr u64 kGlobal = u64{1} << 8;
  static constexpr u64 kProtNone = kGlobal;  ///< what bit 8 means while kPresent is clear
  static constexpr u64 kSpecial = u64{1} << 9;
  static constexpr u64 kSoftware2 = u64{1} << 10;
  static constexpr u64 kSoftDirty = u64{1} << 11;
  static constexpr u64 kNx = u64{1} << 63;
  static constexpr u64 kPfnMask = ((u64{1} << 52) - 1) & kPageMask;
  static constexpr u64 kCacheMask = kPwt | kPcd | kPat;

  constexpr bool operator==(const Pte&) const = default;

  /// An entry for `pfn`; inverts the frame bits when flags ask for PROT_NONE (bit 8 without bit 0).
  static constexpr Pte make(Pfn pfn, u64 flags) {
    const u64 frame = pfn.value << kPageShift;
    const u64 stored = (flags & (kPresent | kProtNone)) == kProtNone ? ~frame : frame;
    return Pte{(flags & ~kPfnMask) | (stored & kPfnMask)};
  }

  /// An entry that maps nothing but is not none: a marker that `mm` gives a meaning (a guard page,
  /// say). Fits every format. Bit 9 keeps it apart from none. Pre: payload < 2^20.
  static constexpr Pte make_marker(u32 payload) {
    return Pte{(u64{payload & 0xfffff} << kPageShift) | kSpecial};
  }

  constexpr bool none() const { return bits == 0; }

  constexpr bool present() const { return (bits & kPresent) != 0; }

  constexpr bool protnone() const { return (bits & (kPresent | kProtNone)) == kProtNone; }

  /// Holds a frame: Linux's pte_present().
  constexpr bool mapped() const { return (bits & (kPresent | kProtNone)) != 0; }

  constexpr bool marker() const { return !none() && !mapped(); }

  constexpr u32 marker_payload() const { return static_cast<u32>((bits & kPfnMask) >> kPageShift); }

  constexpr Pfn pfn() const { return Pfn(((protnone() ? ~bits : bits) & kPfnMask) >> kPageShift); }

  /// Every bit but the frame.
  constexpr u64 flags() const { return bits & ~kPfnMask; }

  constexpr bool write() const { return (bits & kWrite) != 0; }

  constexpr bool user() const { return (bits & kUser) != 0; }

  constexpr bool accessed() const { return (bits & kAccessed) != 0; }

  constexpr bool dirty() const { return (bits & kDirty) != 0; }

  constexpr bool global() const { return present() && (bits & kGlobal) != 0; }

  constexpr bool special() const { return mapped() && (bits & kSpecial) != 0; }

  constexpr bool soft_dirty() const { return (bits & kSoftDirty) != 0; }

  constexpr bool nx() const { return (bits & kNx) != 0; }

  /// The same frame with these flags instead: Linux's pte_modify() with every bit given. Handles
  /// the inversion.
  constexpr Pte with_flags(u64 flags) const { return make(pfn(), flags); }

  constexpr Pte with(u64 set) const {
    if ((set & (kPresent | kProtNone)) == 0) return Pte{bits | set};
    return with_flags(flags() | set);
  }

  constexpr Pte without(u64 clear) const {
    if ((clear & (kPresent | kProtNone)) == 0) return Pte{bits & ~clear};
    return with_flags(flags() & ~clear);
  }
};

/// "pfn=0x5c00 P RW U PCD A D SPECIAL NX"; "none"; "pfn=0x5c00 PROTNONE RW A"; "marker=0x1".
std::string describe(Pte pte);

/// The names of the flag bits alone, "P RW U".
std::string describe_flags(Pte pte);

}  // namespace vmsim::mmu
