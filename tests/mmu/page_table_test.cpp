// SPDX-License-Identifier: MIT
// Tests of PageTable's verbs one by one, in both formats: borders of tables, running out of frames,
// accounting.
#include "mmu/page_table.hpp"

#include "mmu_fixture.hpp"

namespace vmsim::mmu {
namespace {

class PageTableTest : public testing::TestWithParam<FormatKind>, public TableFixture {
 protected:
  PageTableTest() : TableFixture(GetParam()), span(format_facts(GetParam()).leaf_table_span) {}

  bool wide() const { return GetParam() == FormatKind::x86_64; }

  /// Tables of a table set with one leaf.
  u64 one_leaf() const { return format_facts(GetParam()).levels; }

  static VirtRange pages_at(u64 va, u64 pages) {
    return {VirtAddr(va), VirtAddr(va + pages * kPageSize)};
  }

  const u64 span;
};

INSTANTIATE_TEST_SUITE_P(Formats, PageTableTest,
                         testing::Values(FormatKind::x86_64, FormatKind::x86_32),
                         [](const auto& param) {
                           return param.param == FormatKind::x86_64 ? "x86_64" : "x86_32";
                         });

TEST_P(PageTableTest, OneEntry) {
  const VirtAddr va(0x40001000);
  const Pte pte = Pte::make(Pfn(7), kRw);
  const Pte other = Pte::make(Pfn(8), kRo);
  EXPECT_TRUE(table->get(va).none());
  EXPECT_TRUE(table->exchange(va, Pte{}).none());
  EXPECT_FALSE(table->update(va, Pte{}, pte)) << "update() makes no tables";
  EXPECT_EQ(table->table_pages(), 1u);
  EXPECT_TRUE(table->set(va, pte));
  EXPECT_EQ(table->table_pages(), one_leaf());
  EXPECT_EQ(table->get(va), pte);
  EXPECT_TRUE(table->get(va + kPageSize).none());
  EXPECT_EQ(table->exchange(va, other), pte);
  EXPECT_FALSE(table->update(va, pte, Pte{}));
  EXPECT_EQ(table->get(va), other);
  EXPECT_TRUE(table->update(va, other, pte));
  EXPECT_EQ(table->get(va), pte);
}

TEST_P(PageTableTest, EntriesAreRealBytesInRam) {
  const VirtAddr va(0x40001000);
  ASSERT_TRUE(table->set(va, Pte::make(Pfn(0x77), kRw)));
  const WalkStep leaf = table->walk(va).steps.back();
  u64 raw = 0;
  std::memcpy(&raw, ram->host(leaf.entry), wide() ? 8 : 4);
  EXPECT_EQ(raw, 0x77007u);
  raw = 0x78005;
  std::memcpy(ram->host(leaf.entry), &raw, wide() ? 8 : 4);
  EXPECT_EQ(table->get(va), Pte::make(Pfn(0x78), kRo));
}

TEST_P(PageTableTest, CursorWalksAcrossTables) {
  const u64 start = 4 * span - 2 * kPageSize;
  PageTable::Cursor cursor(*table, VirtAddr(start));
  for (u64 i = 0; i < 4; ++i, cursor.next()) {
    EXPECT_TRUE(cursor.get().none());
    EXPECT_TRUE(cursor.map(Pte::make(Pfn(10 + i), kRw)));
    EXPECT_FALSE(cursor.update(Pte{}, Pte::make(Pfn(99), kRw))) << "occupied";
  }
  EXPECT_EQ(table->table_pages(), one_leaf() + 1);
  for (u64 i = 0; i < 4; ++i)
    EXPECT_EQ(table->get(VirtAddr(start + i * kPageSize)).pfn(), Pfn(10 + i));
}

TEST_P(PageTableTest, CursorForgetsFreedTables) {
  const VirtRange range = pages_at(4 * span, 1);
  PageTable::Cursor cursor(*table, range.start);
  ASSERT_TRUE(cursor.map(Pte::make(Pfn(1), kRw)));
  Affected affected;
  table->zap(range, affected);
  table->free_tables(range, VirtAddr(0), VirtAddr(0));
  EXPECT_TRUE(cursor.get().none()) << "the old table's frame is full of junk now";
  EXPECT_TRUE(cursor.map(Pte::make(Pfn(2), kRw)));
  EXPECT_EQ(table->get(range.start).pfn(), Pfn(2));
}

TEST_P(PageTableTest, MapContiguousAcrossTableBorders) {
  const u64 pages = 2 * (span / kPageSize) + 7;
  const VirtRange range = pages_at(3 * span - 3 * kPageSize, pages);
  Affected affected;
  const MapOutcome outcome =
      table->map_contiguous(range, Pfn(0x1000), kRw | Pte::kSpecial, affected);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.at, range.end);
  EXPECT_EQ(affected.pages_mapped, pages);
  EXPECT_EQ(affected.touched, range);
  EXPECT_FALSE(affected.any_present_revoked);
  for (u64 i = 0; i < pages; ++i)
    ASSERT_EQ(table->get(range.start + i * kPageSize),
              Pte::make(Pfn(0x1000 + i), kRw | Pte::kSpecial))
        << i;
  EXPECT_TRUE(table->get(range.start - kPageSize).none());
  EXPECT_TRUE(table->get(range.end).none());
  EXPECT_EQ(table->table_pages(), one_leaf() + 3);
}

TEST_P(PageTableTest, MapContiguousProtNoneCountsTheRightWay) {
  Affected affected;
  ASSERT_TRUE(
      table->map_contiguous(pages_at(span, 40), Pfn(0x1000), Pte::kProtNone, affected).ok());
  for (u64 i = 0; i < 40; ++i)
    ASSERT_EQ(table->get(VirtAddr(span + i * kPageSize)).pfn(), Pfn(0x1000 + i));
}

// A46: the kernel BUGs over present entries; the table says where and leaves the entry alone.
TEST_P(PageTableTest, A46MapContiguousStopsAtAnOccupiedEntry) {
  const VirtRange range = pages_at(2 * span - 4 * kPageSize, 40);
  const VirtAddr taken = range.start + 23 * kPageSize;
  const Pte there = Pte::make(Pfn(0x99), kRo);
  ASSERT_TRUE(table->set(taken, there));
  Affected affected;
  const MapOutcome outcome = table->map_contiguous(range, Pfn(0x1000), kRw, affected);
  EXPECT_EQ(outcome.status, MapStatus::kOccupied);
  EXPECT_EQ(outcome.at, taken);
  EXPECT_EQ(affected.pages_mapped, 23u);
  EXPECT_EQ(table->get(taken), there);
  EXPECT_EQ(table->get(taken - kPageSize).pfn(), Pfn(0x1000 + 22));
  EXPECT_TRUE(table->get(taken + kPageSize).none());
}

TEST_P(PageTableTest, MapContiguousOutOfFrames) {
  const VirtRange range = pages_at(2 * span - 4 * kPageSize, 10);
  frames.limit = one_leaf();
  Affected affected;
  const MapOutcome outcome = table->map_contiguous(range, Pfn(0x1000), kRw, affected);
  EXPECT_EQ(outcome.status, MapStatus::kNoMemory);
  EXPECT_EQ(outcome.at, VirtAddr(2 * span));
  EXPECT_EQ(affected.pages_mapped, 4u);
}

TEST_P(PageTableTest, SetOutOfFramesChangesNothing) {
  for (u64 limit = 1; limit < one_leaf(); ++limit) {
    frames.limit = limit;
    EXPECT_FALSE(table->set(VirtAddr(0x40001000), Pte::make(Pfn(1), kRw)));
    EXPECT_FALSE(table->prepare(VirtAddr(0x40001000)));
    EXPECT_TRUE(table->get(VirtAddr(0x40001000)).none());
  }
  frames.limit = 0;
  EXPECT_EQ(PageTable::create(GetParam(), *ram, frames).error().errno_value, ENOMEM);
}

TEST_P(PageTableTest, UnmapTellsWhatWasThere) {
  ASSERT_TRUE(table->set(VirtAddr(span), Pte::make(Pfn(1), kRw)));
  ASSERT_TRUE(table->set(VirtAddr(span + 3 * kPageSize), Pte::make(Pfn(2), Pte::kProtNone)));
  ASSERT_TRUE(table->set(VirtAddr(span + 5 * kPageSize), Pte::make_marker(3)));
  ASSERT_TRUE(table->set(VirtAddr(span + 9 * kPageSize), Pte::make(Pfn(4), kRo)));
  std::vector<u64> seen;
  Affected affected;
  table->unmap(pages_at(span, 9), affected, [&](VirtAddr va, Pte pte) {
    EXPECT_TRUE(table->get(va).none()) << "cleared before the visit";
    seen.push_back(pte.marker() ? 1000 + pte.marker_payload() : pte.pfn().value);
  });
  EXPECT_EQ(seen, (std::vector<u64>{1, 2, 1003}));
  EXPECT_EQ(affected.pages_unmapped, 2u);
  EXPECT_TRUE(affected.any_present_revoked);
  EXPECT_EQ(affected.touched, pages_at(span, 6));
  EXPECT_EQ(table->get(VirtAddr(span + 9 * kPageSize)).pfn(), Pfn(4));
}

TEST_P(PageTableTest, ZapCountsFramesAndClearsMarkers) {
  Affected mapped;
  ASSERT_TRUE(table->map_contiguous(pages_at(span - 8 * kPageSize, 16), Pfn(1), kRw, mapped).ok());
  ASSERT_TRUE(table->set(VirtAddr(span + kPageSize), Pte::make_marker(3)));
  ASSERT_TRUE(table->set(VirtAddr(span + 2 * kPageSize), Pte::make(Pfn(9), Pte::kProtNone)));
  Affected affected;
  table->zap(pages_at(span - 8 * kPageSize, 40), affected);
  EXPECT_EQ(affected.pages_unmapped, 15u);
  EXPECT_TRUE(affected.any_present_revoked);
  table->for_each(pages_at(0, 10 * span / kPageSize),
                  [](VirtAddr va, Pte pte) { ADD_FAILURE() << va.value << describe(pte); });
  Affected nothing;
  table->zap(pages_at(span - 8 * kPageSize, 40), nothing);
  EXPECT_EQ(nothing.pages_unmapped, 0u);
  EXPECT_FALSE(nothing.any_present_revoked);
  EXPECT_TRUE(nothing.touched.empty());
  ASSERT_TRUE(table->set(VirtAddr(span), Pte::make(Pfn(9), Pte::kProtNone)));
  table->zap(pages_at(span, 1), nothing);
  EXPECT_EQ(nothing.pages_unmapped, 1u);
  EXPECT_FALSE(nothing.any_present_revoked) << "no TLB holds a PROT_NONE page";
}

TEST_P(PageTableTest, ProtectSaysWhetherAFlushIsNeeded) {
  Affected mapped;
  const VirtRange range = pages_at(span - 2 * kPageSize, 4);
  ASSERT_TRUE(table->map_contiguous(range, Pfn(1), kRo, mapped).ok());
  Affected gain;
  table->protect(range, gain, [](VirtAddr, Pte pte) { return pte.with(Pte::kWrite); });
  EXPECT_EQ(gain.pages_changed, 4u);
  EXPECT_FALSE(gain.any_present_revoked) << "gaining a right needs no flush";
  Affected same;
  table->protect(range, same, [](VirtAddr, Pte pte) { return pte; });
  EXPECT_EQ(same.pages_changed, 0u);
  EXPECT_TRUE(same.touched.empty());
  Affected loss;
  table->protect(range, loss, [&](VirtAddr va, Pte pte) {
    return va == range.start ? pte.without(Pte::kWrite) : pte;
  });
  EXPECT_EQ(loss.pages_changed, 1u);
  EXPECT_TRUE(loss.any_present_revoked);
  EXPECT_EQ(loss.touched, pages_at(range.start.value, 1));
  Affected none;
  table->protect(range, none, [](VirtAddr, Pte pte) { return pte.with_flags(Pte::kProtNone); });
  EXPECT_TRUE(none.any_present_revoked);
  EXPECT_EQ(table->get(range.start).pfn(), Pfn(1));
}

TEST_P(PageTableTest, ProtectKeepsADirtyBitThatHardwareSetsMeanwhile) {
  const VirtAddr va(span);
  ASSERT_TRUE(table->set(va, Pte::make(Pfn(1), kRw)));
  Affected affected;
  table->protect(pages_at(span, 1), affected, [&](VirtAddr, Pte pte) {
    EXPECT_TRUE(table->set(va, pte.with(Pte::kDirty | Pte::kAccessed)));
    return pte.without(Pte::kWrite);
  });
  EXPECT_TRUE(table->get(va).dirty());
  EXPECT_FALSE(table->get(va).write());
}

TEST_P(PageTableTest, CopyRangeSharesAndWriteProtects) {
  const VirtRange range = pages_at(span - 2 * kPageSize, 6);
  Affected mapped;
  ASSERT_TRUE(table->map_contiguous(range, Pfn(1), kRw | Pte::kAccessed, mapped).ok());
  auto child = make_table(GetParam());
  Affected affected;
  EXPECT_TRUE(table->copy_range(*child, range, affected, [&](VirtAddr va, Pte parent, Pte& out) {
    if (va == range.start) return Pte{};
    out = parent.without(Pte::kWrite);
    return out.without(Pte::kAccessed);
  }));
  EXPECT_EQ(affected.pages_changed, 5u);
  EXPECT_TRUE(affected.any_present_revoked);
  EXPECT_TRUE(child->get(range.start).none());
  EXPECT_TRUE(table->get(range.start).write());
  EXPECT_EQ(child->get(range.start + kPageSize), Pte::make(Pfn(2), kRo));
  EXPECT_EQ(table->get(range.start + kPageSize), Pte::make(Pfn(2), kRo | Pte::kAccessed));
  EXPECT_EQ(child->table_pages(), one_leaf() + 1);
}

TEST_P(PageTableTest, CopyRangeOutOfFramesStopsBeforeAsking) {
  const VirtRange range = pages_at(span - 2 * kPageSize, 4);
  Affected mapped;
  ASSERT_TRUE(table->map_contiguous(range, Pfn(1), kRw, mapped).ok());
  auto child = make_table(GetParam());
  frames.limit = frames.live.size() + one_leaf() - 1;
  Affected affected;
  u64 asked = 0;
  EXPECT_FALSE(table->copy_range(*child, range, affected, [&](VirtAddr, Pte parent, Pte&) {
    ++asked;
    return parent;
  }));
  EXPECT_EQ(asked, 2u);
  EXPECT_EQ(child->get(range.start + kPageSize).pfn(), Pfn(2));
  EXPECT_TRUE(child->get(range.start + 2 * kPageSize).none());
}

// A23: mremap moves the entries, same frames, no fault.
TEST_P(PageTableTest, A23MoveRangeBetweenDifferentAlignments) {
  const u64 pages = span / kPageSize + 5;
  const VirtRange from = pages_at(4 * span - 2 * kPageSize, pages);
  const VirtAddr to(9 * span + 3 * kPageSize);
  Affected mapped;
  ASSERT_TRUE(table->map_contiguous(from, Pfn(1), kRw, mapped).ok());
  Affected affected;
  EXPECT_EQ(table->move_range(from, to, affected), from.size());
  EXPECT_EQ(affected.pages_changed, pages);
  EXPECT_TRUE(affected.any_present_revoked);
  EXPECT_EQ(affected.touched, from);
  for (u64 i = 0; i < pages; ++i) {
    ASSERT_TRUE(table->get(from.start + i * kPageSize).none());
    ASSERT_EQ(table->get(to + i * kPageSize), Pte::make(Pfn(1 + i), kRw | Pte::kSoftDirty));
  }
}

TEST_P(PageTableTest, MoveRangeOutOfFramesCanBeUndone) {
  const VirtRange from = pages_at(4 * span, 10);
  const VirtAddr to(10 * span - 4 * kPageSize);
  Affected affected;
  ASSERT_TRUE(table->map_contiguous(from, Pfn(1), kRw, affected).ok());
  frames.limit = frames.live.size() + 1;
  EXPECT_EQ(table->move_range(from, to, affected), 4 * kPageSize);
  EXPECT_EQ(table->get(to + 3 * kPageSize).pfn(), Pfn(4));
  EXPECT_EQ(table->get(from.start + 4 * kPageSize).pfn(), Pfn(5));
  EXPECT_EQ(table->move_range({to, to + 4 * kPageSize}, from.start, affected), 4 * kPageSize);
  for (u64 i = 0; i < 10; ++i) EXPECT_EQ(table->get(from.start + i * kPageSize).pfn(), Pfn(1 + i));
}

TEST_P(PageTableTest, FreeTablesKeepsWhatNeighboursUse) {
  // below | hole | ours | above, all in the leaf table at 4 * span, ours reaching into the next
  // two.
  const VirtRange below = pages_at(4 * span, 1);
  const VirtRange ours = pages_at(4 * span + 8 * kPageSize, 2 * span / kPageSize);
  const VirtRange above = pages_at(ours.end.value, 2);
  Affected affected;
  for (const VirtRange& range : {below, ours, above})
    ASSERT_TRUE(table->map_contiguous(range, Pfn(1), kRw, affected).ok());
  EXPECT_EQ(table->table_pages(), one_leaf() + 2);
  table->zap(ours, affected);
  const FreedTables freed = table->free_tables(ours, below.end, above.start);
  EXPECT_EQ(freed.tables, 1u) << "only the middle leaf table is ours alone";
  EXPECT_EQ(freed.entries_left, 0u);
  EXPECT_EQ(table->table_pages(), one_leaf() + 1);
  EXPECT_EQ(table->get(below.start).pfn(), Pfn(1));
  EXPECT_EQ(table->get(above.start).pfn(), Pfn(1));
  table->zap({below.start, above.end}, affected);
  EXPECT_EQ(table->free_tables({below.start, above.end}, VirtAddr(0), VirtAddr(0)).tables,
            one_leaf());
  EXPECT_EQ(table->table_pages(), 1u);
}

TEST_P(PageTableTest, FreeTablesCountsLeakedEntries) {
  const VirtRange ours = pages_at(4 * span, 1);
  ASSERT_TRUE(table->set(ours.start + 5 * kPageSize, Pte::make(Pfn(1), kRw)));
  const FreedTables freed = table->free_tables(ours, VirtAddr(0), VirtAddr(0));
  EXPECT_EQ(freed.entries_left, 1u);
  EXPECT_EQ(freed.first_left, ours.start + 5 * kPageSize);
  EXPECT_EQ(table->table_pages(), 1u);
}

TEST_P(PageTableTest, TopOfTheAddressSpace) {
  const VirtAddr top = wide() ? VirtAddr(0xfffffffffffff000) : VirtAddr(0xfffff000);
  ASSERT_TRUE(table->set(top, Pte::make(Pfn(1), Pte::kPresent)));
  EXPECT_EQ(table->get(top).pfn(), Pfn(1));
  u64 seen = 0;
  table->for_each({top - 4 * kPageSize, top}, [&](VirtAddr, Pte) { ++seen; });
  EXPECT_EQ(seen, 0u);
}

TEST(PageTable32Test, RefusesFramesBeyondTheFormat) {
  TableFixture machine(FormatKind::x86_32);
  PageTable& table = *machine.table;
  const VirtAddr va(0x40000000);
  Affected affected;
  const MapOutcome outcome =
      table.map_contiguous({va, va + 2 * kPageSize}, Pfn(0xfffff), kRw, affected);
  EXPECT_EQ(outcome.status, MapStatus::kUnencodable);
  EXPECT_EQ(affected.pages_mapped, 0u);
  EXPECT_EQ(table.table_pages(), 1u);
  EXPECT_TRUE(table.map_contiguous({va, va + kPageSize}, Pfn(0xfffff), kRw, affected).ok());
  EXPECT_FALSE(table.encodable(Pte::make(Pfn(0x100000), kRw)));
  EXPECT_FALSE(table.update(va, table.get(va), Pte::make(Pfn(0x100000), kRw)));
  EXPECT_EQ(table.get(va).pfn(), Pfn(0xfffff));
}

TEST(PageTableDeathTest, RefusesAddressesThatAreNotOfTheFormat) {
  TableFixture machine(FormatKind::x86_64);
  EXPECT_DEATH((void)machine.table->get(VirtAddr(0x1001)), "page addresses");
  EXPECT_DEATH((void)machine.table->get(VirtAddr(0x0000800000000000)),
               "beyond the page-table format");
}

}  // namespace
}  // namespace vmsim::mmu
