// SPDX-License-Identifier: MIT
// Tests of the walk for people: its text letter by letter, and every way a walk can end.
#include <gtest/gtest.h>

#include "mmu_fixture.hpp"

namespace vmsim::mmu {
namespace {

TEST(Walk, TextOfAMappedPage) {
  TableFixture machine(FormatKind::x86_64);
  const VirtAddr va(0x700000001234);
  const u64 flags = kRw | Pte::kPcd | Pte::kAccessed | Pte::kDirty | Pte::kSpecial | Pte::kNx;
  ASSERT_TRUE(machine.table->set(va.page_base(), Pte::make(Pfn(0x2c00), flags)));
  EXPECT_EQ(format(machine.table->walk(va)),
            "walk of 0x0000700000001234 (x86-64)\n"
            "PGD[224] at 0x100700 = 0x0000000000101067  table=0x101000 P RW U A D\n"
            "     NX | 51..12 frame | SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n"
            "      0 | 0x0000000101 |  0  0  0 |  0   0  1  1 |   0   0  1  1  1\n"
            "PUD[0] at 0x101000 = 0x0000000000102067  table=0x102000 P RW U A D\n"
            "     NX | 51..12 frame | SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n"
            "      0 | 0x0000000102 |  0  0  0 |  0   0  1  1 |   0   0  1  1  1\n"
            "PMD[0] at 0x102000 = 0x0000000000103067  table=0x103000 P RW U A D\n"
            "     NX | 51..12 frame | SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n"
            "      0 | 0x0000000103 |  0  0  0 |  0   0  1  1 |   0   0  1  1  1\n"
            "PTE[1] at 0x103008 = 0x8000000002c00277  pfn=0x2c00 P RW U PCD A D SPECIAL NX\n"
            "     NX | 51..12 frame | SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n"
            "      1 | 0x0000002c00 |  0  0  1 |  0   0  1  1 |   1   0  1  1  1\n"
            "=> physical 0x2c00234 (frame 0x2c00, byte 0x234)\n");
}

TEST(Walk, TextOf32Bits) {
  TableFixture machine(FormatKind::x86_32);
  ASSERT_TRUE(machine.table->set(VirtAddr(0x08048000), Pte::make(Pfn(0x2c00), kRo)));
  EXPECT_EQ(format(machine.table->walk(VirtAddr(0x08048010))),
            "walk of 0x08048010 (x86-32)\n"
            "PGD[32] at 0x100080 = 0x00101067  table=0x101000 P RW U A D\n"
            "          31..12 frame | SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n"
            "          0x0000000101 |  0  0  0 |  0   0  1  1 |   0   0  1  1  1\n"
            "PTE[72] at 0x101120 = 0x02c00005  pfn=0x2c00 P U\n"
            "          31..12 frame | SD sw SP |  G PAT  D  A | PCD PWT  U  W  P\n"
            "          0x0000002c00 |  0  0  0 |  0   0  0  0 |   0   0  1  0  1\n"
            "=> physical 0x2c00010 (frame 0x2c00, byte 0x10)\n");
}

TEST(Walk, EveryEnd) {
  TableFixture machine(FormatKind::x86_64);
  PageTable& table = *machine.table;
  const VirtAddr va(0x200000);
  EXPECT_EQ(table.walk(VirtAddr(0x0000800000000000)).end, WalkEnd::kNonCanonical);
  EXPECT_TRUE(table.walk(VirtAddr(0x0000800000000000)).steps.empty());
  EXPECT_EQ(table.walk(va).end, WalkEnd::kNoTable);
  EXPECT_EQ(table.walk(va).steps.size(), 1u);
  ASSERT_TRUE(table.prepare(va));
  EXPECT_EQ(table.walk(va).end, WalkEnd::kNone);
  ASSERT_TRUE(table.set(va, Pte::make_marker(1)));
  EXPECT_EQ(table.walk(va).end, WalkEnd::kMarker);
  ASSERT_TRUE(table.set(va, Pte::make(Pfn(3), Pte::kProtNone)));
  EXPECT_EQ(table.walk(va).end, WalkEnd::kProtNone);
  EXPECT_EQ(table.walk(va).pte.pfn(), Pfn(3));
  ASSERT_TRUE(table.set(va, Pte::make(Pfn(3), kRw)));
  EXPECT_EQ(table.walk(va).end, WalkEnd::kMapped);
  EXPECT_EQ(table.walk(va + 5).pa, PhysAddr(0x3005));
}

TEST(Walk, DamagedTablesAreRefusedNotFollowed) {
  for (const auto& [raw, end] : {std::pair{u64{0x2000e7}, WalkEnd::kHuge},
                                 std::pair{u64{0x00ffffffff000067}, WalkEnd::kBadTable}}) {
    TableFixture machine(FormatKind::x86_64);
    const VirtAddr va(0x200000);
    ASSERT_TRUE(machine.table->set(va, Pte::make(Pfn(3), kRw)));
    const WalkStep pmd = machine.table->walk(va).steps[2];
    u64 good = 0;
    std::memcpy(&good, machine.ram->host(pmd.entry), sizeof good);
    std::memcpy(machine.ram->host(pmd.entry), &raw, sizeof raw);
    const Walk walk = machine.table->walk(va);
    EXPECT_EQ(walk.end, end);
    EXPECT_EQ(walk.steps.size(), 3u);
    EXPECT_NE(format(walk).find(end == WalkEnd::kHuge ? "large page" : "damaged"),
              std::string::npos)
        << format(walk);
    std::memcpy(machine.ram->host(pmd.entry), &good, sizeof good);
  }
}

}  // namespace
}  // namespace vmsim::mmu
