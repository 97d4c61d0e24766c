// SPDX-License-Identifier: MIT
// PageTable against a std::map under random operations: the entries, what Affected says, and the
// count of tables.
#include <algorithm>
#include <map>
#include <random>

#include "mmu_fixture.hpp"

namespace vmsim::mmu {
namespace {

class PageTableModel : public TableFixture {
 public:
  PageTableModel(FormatKind kind, u64 seed) : TableFixture(kind), kind_(kind), random_(seed) {}

  void run(unsigned steps) {
    for (unsigned step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      one_step();
      if (step % 8 == 0) compare(*table, model_);
    }
    compare(*table, model_);
    const VirtRange all{VirtAddr(0), VirtAddr(format_facts(kind_).user_top)};
    Affected affected;
    table->zap(all, affected);
    EXPECT_EQ(affected.pages_unmapped, mapped_in(all));
    EXPECT_EQ(table->free_tables(all, VirtAddr(0), VirtAddr(0)).entries_left, 0u);
    EXPECT_EQ(table->table_pages(), 1u);
    EXPECT_EQ(frames.live.size(), 1u);
  }

 private:
  using Model = std::map<u64, Pte>;

  u64 below(u64 limit) { return random_() % limit; }

  /// Ranges lie around borders of every level.
  VirtRange random_range() {
    static constexpr u64 kWide[] = {0x600000, 0x40000000, 0x8000000000, 0x700000000000};
    static constexpr u64 kNarrow[] = {0x400000, 0x8048000, 0x40000000, 0xb0000000};
    const u64 center = kind_ == FormatKind::x86_64 ? kWide[below(4)] : kNarrow[below(4)];
    const u64 start = center - 700 * kPageSize + below(1400) * kPageSize;
    const u64 pages = below(3) == 0 ? 1 + below(900) : 1 + below(20);
    return {VirtAddr(start), VirtAddr(start + pages * kPageSize)};
  }

  u64 random_flags() {
    u64 flags = below(5) == 0 ? Pte::kProtNone : Pte::kPresent;
    for (const u64 bit :
         {Pte::kWrite, Pte::kUser, Pte::kPcd, Pte::kAccessed, Pte::kDirty, Pte::kSpecial})
      if (below(2) != 0) flags |= bit;
    return flags;
  }

  Model::iterator first_in(VirtRange range) { return model_.lower_bound(range.start.value); }

  Model::iterator end_of(VirtRange range) { return model_.lower_bound(range.end.value); }

  u64 mapped_in(VirtRange range) {
    return static_cast<u64>(std::count_if(first_in(range), end_of(range),
                                          [](auto& entry) { return entry.second.mapped(); }));
  }

  bool present_in(VirtRange range) {
    return std::any_of(first_in(range), end_of(range),
                       [](auto& entry) { return entry.second.present(); });
  }

  void one_step() {
    const VirtRange range = random_range();
    switch (below(8)) {
      case 0:
        return set_one(range.start);
      case 1:
      case 2:
        return map(range);
      case 3:
        return unmap(range);
      case 4:
        return protect(range);
      case 5:
        return move(range);
      case 6:
        return fork(range);
      default:
        return free_tables(range);
    }
  }

  void set_one(VirtAddr va) {
    const Pte pte = below(4) == 0 ? Pte::make_marker(static_cast<u32>(below(100)))
                                  : Pte::make(Pfn(below(0x4000)), random_flags());
    ASSERT_TRUE(table->set(va, pte));
    model_[va.value] = pte;
  }

  void map(VirtRange range) {
    const u64 flags = random_flags();
    const Pfn first(below(0x4000));
    Affected affected;
    const MapOutcome outcome = table->map_contiguous(range, first, flags, affected);
    const auto taken = first_in(range);
    const u64 stop = taken == end_of(range) ? range.end.value : taken->first;
    EXPECT_EQ(outcome.status, stop == range.end.value ? MapStatus::kOk : MapStatus::kOccupied);
    EXPECT_EQ(outcome.at.value, stop);
    for (u64 va = range.start.value; va < stop; va += kPageSize)
      model_[va] = Pte::make(first + ((va - range.start.value) >> kPageShift), flags);
  }

  void unmap(VirtRange range) {
    Affected affected;
    const u64 mapped = mapped_in(range);
    const bool present = present_in(range);
    if (below(2) != 0) {
      table->zap(range, affected);
    } else {
      auto at = first_in(range);
      table->unmap(range, affected, [&](VirtAddr va, Pte pte) {
        ASSERT_NE(at, end_of(range));
        EXPECT_EQ(va.value, at->first);
        EXPECT_EQ(pte, at->second);
        ++at;
      });
      EXPECT_EQ(at, end_of(range));
    }
    EXPECT_EQ(affected.pages_unmapped, mapped);
    EXPECT_EQ(affected.any_present_revoked, present);
    model_.erase(first_in(range), end_of(range));
  }

  void protect(VirtRange range) {
    const u64 flags = random_flags();
    Affected affected;
    table->protect(range, affected, [&](VirtAddr, Pte pte) { return pte.with_flags(flags); });
    u64 changed = 0;
    for (auto at = first_in(range); at != end_of(range); ++at) {
      if (!at->second.mapped()) continue;
      // A clean writable entry cannot be told from one that got dirty meanwhile unless it was read:
      // here nobody writes.
      const Pte after = at->second.with_flags(flags);
      changed += after != at->second;
      at->second = after;
    }
    EXPECT_EQ(affected.pages_changed, changed);
  }

  void move(VirtRange from) {
    const VirtRange place = random_range();
    const VirtRange to{place.start, place.start + from.size()};
    if (from.intersects(to) || first_in(to) != end_of(to)) return;
    const u64 mapped = mapped_in(from);
    Affected affected;
    EXPECT_EQ(table->move_range(from, to.start, affected), from.size());
    EXPECT_EQ(affected.pages_changed, mapped);
    Model moved;
    for (auto at = first_in(from); at != end_of(from); ++at)
      moved[to.start.value + (at->first - from.start.value)] =
          at->second.mapped() ? at->second.with(Pte::kSoftDirty) : at->second;
    model_.erase(first_in(from), end_of(from));
    model_.merge(moved);
  }

  void fork(VirtRange range) {
    auto child = make_table(kind_);
    Model child_model;
    Affected affected;
    EXPECT_TRUE(table->copy_range(*child, range, affected, [&](VirtAddr, Pte parent, Pte& out) {
      if (parent.marker()) return Pte{};
      out = parent.without(Pte::kWrite);
      return out.without(Pte::kAccessed);
    }));
    for (auto at = first_in(range); at != end_of(range); ++at) {
      if (at->second.marker()) continue;
      at->second = at->second.without(Pte::kWrite);
      child_model[at->first] = at->second.without(Pte::kAccessed);
    }
    compare(*child, child_model);
  }

  /// Frees between the nearest neighbours; the entries inside go first.
  void free_tables(VirtRange range) {
    unmap(range);
    const auto next = first_in(range);
    const VirtAddr ceiling(next == model_.end() ? 0 : next->first);
    const VirtAddr floor(next == model_.begin() ? 0 : std::prev(next)->first + kPageSize);
    const u64 before = table->table_pages();
    const FreedTables freed = table->free_tables(range, floor, ceiling);
    EXPECT_EQ(freed.entries_left, 0u);
    EXPECT_EQ(table->table_pages(), before - freed.tables);
    // Of the range's leaf tables exactly those are left that a neighbour's entry needs.
    const u64 span = format_facts(kind_).leaf_table_span;
    for (u64 leaf = range.start.value / span * span; leaf < range.end.value; leaf += span) {
      const auto in_leaf = model_.lower_bound(leaf);
      const bool needed = in_leaf != model_.end() && in_leaf->first < leaf + span;
      const Walk walk = table->walk(VirtAddr(leaf));
      if (!needed) {
        EXPECT_EQ(walk.end, WalkEnd::kNoTable) << std::hex << leaf;
      }
    }
  }

  void compare(const PageTable& real, const Model& model) {
    auto at = model.begin();
    real.for_each({VirtAddr(0), VirtAddr(format_facts(kind_).user_top)}, [&](VirtAddr va, Pte pte) {
      if (testing::Test::HasFailure()) return;
      ASSERT_NE(at, model.end()) << std::hex << va.value;
      ASSERT_EQ(va.value, at->first);
      ASSERT_EQ(pte, at->second) << describe(pte) << " / " << describe(at->second);
      ++at;
    });
    EXPECT_EQ(at, model.end());
  }

  FormatKind kind_;
  std::mt19937_64 random_;
  Model model_;
};

TEST(PageTableModelTest, X86_64) {
  SCOPED_TRACE("seed " + std::to_string(test_seed()));
  PageTableModel(FormatKind::x86_64, test_seed()).run(4000);
}

TEST(PageTableModelTest, X86_32) {
  SCOPED_TRACE("seed " + std::to_string(test_seed()));
  PageTableModel(FormatKind::x86_32, test_seed()).run(4000);
}

}  // namespace
}  // namespace vmsim::mmu
