// SPDX-License-Identifier: MIT
// Tests of Pte and of the two formats against entries written out by hand from the processor
// manual's bit tables.
#include "mmu/pte.hpp"

#include <gtest/gtest.h>

#include "mmu/paging/format.hpp"

namespace vmsim::mmu {
namespace {

struct Golden {
  u64 flags;
  u64 raw64;
  u32 raw32;
  const char* text;
};

// Frame 0x5c00, one flag beside P at a time: bit numbers of the manual's tables for a 4 KiB leaf.
constexpr Golden kGolden[] = {
    {Pte::kPresent, 0x0000000005c00001, 0x05c00001, "pfn=0x5c00 P"},
    {Pte::kPresent | Pte::kWrite, 0x0000000005c00003, 0x05c00003, "pfn=0x5c00 P RW"},
    {Pte::kPresent | Pte::kUser, 0x0000000005c00005, 0x05c00005, "pfn=0x5c00 P U"},
    {Pte::kPresent | Pte::kPwt, 0x0000000005c00009, 0x05c00009, "pfn=0x5c00 P PWT"},
    {Pte::kPresent | Pte::kPcd, 0x0000000005c00011, 0x05c00011, "pfn=0x5c00 P PCD"},
    {Pte::kPresent | Pte::kAccessed, 0x0000000005c00021, 0x05c00021, "pfn=0x5c00 P A"},
    {Pte::kPresent | Pte::kDirty, 0x0000000005c00041, 0x05c00041, "pfn=0x5c00 P D"},
    {Pte::kPresent | Pte::kPat, 0x0000000005c00081, 0x05c00081, "pfn=0x5c00 P PAT"},
    {Pte::kPresent | Pte::kGlobal, 0x0000000005c00101, 0x05c00101, "pfn=0x5c00 P G"},
    {Pte::kPresent | Pte::kSpecial, 0x0000000005c00201, 0x05c00201, "pfn=0x5c00 P SPECIAL"},
    {Pte::kPresent | Pte::kSoftware2, 0x0000000005c00401, 0x05c00401, "pfn=0x5c00 P SW2"},
    {Pte::kPresent | Pte::kSoftDirty, 0x0000000005c00801, 0x05c00801, "pfn=0x5c00 P SOFT_DIRTY"},
};

TEST(Pte, EveryBitHasItsPlaceInBothFormats) {
  for (const Golden& golden : kGolden) {
    const Pte pte = Pte::make(Pfn(0x5c00), golden.flags);
    EXPECT_EQ(X86_64::encode(pte), golden.raw64) << golden.text;
    EXPECT_EQ(X86_32::encode(pte), golden.raw32) << golden.text;
    EXPECT_EQ(X86_64::decode(golden.raw64), pte) << golden.text;
    EXPECT_EQ(X86_32::decode(golden.raw32), pte) << golden.text;
    EXPECT_EQ(describe(pte), golden.text);
    EXPECT_EQ(pte.pfn(), Pfn(0x5c00));
    EXPECT_EQ(pte.flags(), golden.flags);
  }
}

TEST(Pte, NxExistsOnlyIn64Bits) {
  const Pte pte = Pte::make(Pfn(0x5c00), Pte::kPresent | Pte::kNx);
  EXPECT_EQ(X86_64::encode(pte), 0x8000000005c00001u);
  EXPECT_TRUE(X86_64::decode(0x8000000005c00001u).nx());
  EXPECT_EQ(X86_32::encode(pte), 0x05c00001u);
  EXPECT_FALSE(X86_32::decode(X86_32::encode(pte)).nx());
}

TEST(Pte, DescribesAsTheGoldenText) {
  const Pte pte =
      Pte::make(Pfn(0x5c00), kGolden[0].flags | Pte::kWrite | Pte::kUser | Pte::kPcd |
                                 Pte::kAccessed | Pte::kDirty | Pte::kSpecial | Pte::kNx);
  EXPECT_EQ(describe(pte), "pfn=0x5c00 P RW U PCD A D SPECIAL NX");
  EXPECT_EQ(describe(Pte{}), "none");
  EXPECT_EQ(describe(Pte::make_marker(1)), "marker=0x1");
  EXPECT_EQ(describe(Pte::make(Pfn(1), Pte::kProtNone | Pte::kAccessed)), "pfn=0x1 A PROTNONE");
}

// A19: PROT_NONE keeps the entry, not present, with the frame inverted.
TEST(Pte, A19ProtNoneInvertsTheFrame) {
  const Pte pte = Pte::make(Pfn(0x5c00), Pte::kProtNone | Pte::kAccessed);
  EXPECT_EQ(pte.bits, 0x000ffffffa3ff120u);
  EXPECT_TRUE(pte.protnone());
  EXPECT_TRUE(pte.mapped());
  EXPECT_FALSE(pte.present());
  EXPECT_FALSE(pte.global());
  EXPECT_EQ(pte.pfn(), Pfn(0x5c00));
  EXPECT_EQ(X86_64::decode(X86_64::encode(pte)), pte);
  EXPECT_EQ(X86_32::encode(pte), 0x05c00120u) << "two-level tables do not invert";
  EXPECT_EQ(X86_32::decode(0x05c00120u), pte);
}

TEST(Pte, ChangingPresenceTurnsTheFrame) {
  const Pte present = Pte::make(Pfn(0x5c00), Pte::kPresent | Pte::kWrite | Pte::kUser);
  const Pte none = present.with_flags(Pte::kProtNone | Pte::kWrite);
  EXPECT_TRUE(none.protnone());
  EXPECT_EQ(none.pfn(), Pfn(0x5c00));
  EXPECT_EQ(none.without(Pte::kProtNone).with(Pte::kPresent | Pte::kUser), present);
  EXPECT_EQ(present.with(Pte::kProtNone).without(Pte::kPresent).pfn(), Pfn(0x5c00));
  EXPECT_EQ(present.without(Pte::kWrite).flags(), Pte::kPresent | Pte::kUser);
}

TEST(Pte, MarkersMapNothingAndFitEveryFormat) {
  for (const u32 payload : {0u, 1u, 0xfffffu}) {
    const Pte marker = Pte::make_marker(payload);
    EXPECT_TRUE(marker.marker());
    EXPECT_FALSE(marker.none());
    EXPECT_FALSE(marker.mapped());
    EXPECT_FALSE(marker.special());
    EXPECT_EQ(marker.marker_payload(), payload);
    EXPECT_TRUE(X86_32::encodable(marker));
    EXPECT_EQ(X86_32::decode(X86_32::encode(marker)), marker);
    EXPECT_EQ(X86_64::decode(X86_64::encode(marker)), marker);
  }
}

TEST(PagingFormat, FrameLimits) {
  EXPECT_TRUE(X86_32::encodable(Pte::make(Pfn(0xfffff), Pte::kPresent)));
  EXPECT_FALSE(X86_32::encodable(Pte::make(Pfn(0x100000), Pte::kPresent)));
  EXPECT_TRUE(X86_32::encodable(Pte::make(Pfn(0xfffff), Pte::kProtNone)));
  EXPECT_FALSE(X86_32::encodable(Pte::make(Pfn(0x100000), Pte::kProtNone)));
  const Pte top = Pte::make(Pfn((u64{1} << 40) - 1), Pte::kPresent);
  EXPECT_EQ(X86_64::encode(top), 0x000ffffffffff001u);
}

TEST(PagingFormat, Geometry) {
  constexpr u64 kVa = 0x0000'7fff'dead'b000;
  EXPECT_EQ(index_of<X86_64>(kVa, 3), kVa >> 39 & 511);
  EXPECT_EQ(index_of<X86_64>(kVa, 2), kVa >> 30 & 511);
  EXPECT_EQ(index_of<X86_64>(kVa, 1), kVa >> 21 & 511);
  EXPECT_EQ(index_of<X86_64>(kVa, 0), kVa >> 12 & 511);
  EXPECT_EQ(index_of<X86_32>(0xbfc01000, 1), 0x2ffu);
  EXPECT_EQ(index_of<X86_32>(0xbfc01000, 0), 1u);
  EXPECT_TRUE(X86_64::canonical(0x00007fffffffffff));
  EXPECT_FALSE(X86_64::canonical(0x0000800000000000));
  EXPECT_FALSE(X86_64::canonical(0xffff7fffffffffff));
  EXPECT_TRUE(X86_64::canonical(0xffff800000000000));
  EXPECT_TRUE(X86_32::canonical(0xffffffff));
  EXPECT_FALSE(X86_32::canonical(0x100000000));
  const FormatFacts facts = format_facts(FormatKind::x86_32);
  EXPECT_EQ(facts.leaf_table_span, u64{4} << 20);
  EXPECT_EQ(facts.user_top, 0xc0000000u);
  EXPECT_FALSE(facts.has_nx);
  EXPECT_EQ(format_facts(FormatKind::x86_64).user_top, 0x7ffffffff000u);
}

}  // namespace
}  // namespace vmsim::mmu
