// SPDX-License-Identifier: MIT
// VmaSet against a sorted map: every short sequence of changes in a small world, seeded random
// runs, gap search against a scan of all gaps. The long runs are in vma_set_full_test.cpp.
#include "vma_set_model.hpp"

namespace {

using vmsim::kPageSize;
using vmsim::u64;
using namespace vmsim::mm::vma_set_test;  // NOLINT: the model of these tests

/// All sequences of `depth` changes over six pages, depth first; every node of that tree is
/// checked.
void try_all(Model& model, unsigned depth, std::size_t& visited) {
  if (depth == 0) return;
  for (u64 start = 0; start < 6; ++start) {
    for (u64 end = start + 1; end <= 6; ++end) {
      if (TestArea* area = model.insert_pages(start, end)) {
        ++visited;
        ASSERT_EQ("", model.compare());
        try_all(model, depth - 1, visited);
        model.erase(area);
        ASSERT_EQ("", model.compare());
      }
    }
  }
  for (TestArea* area : model.areas()) {
    const u64 old_start = area->vm_start;
    const u64 old_end = area->vm_end;
    for (u64 start = 0; start < 6; ++start) {
      for (u64 end = start + 1; end <= 6; ++end) {
        if (!model.replace(area, start * kPageSize, end * kPageSize)) continue;
        ++visited;
        ASSERT_EQ("", model.compare());
        if (depth > 1) try_all(model, depth - 1, visited);
        ASSERT_TRUE(model.replace(area, old_start, old_end));
      }
    }
  }
}

TEST(VmaSet, EveryShortSequenceInSixPages) {
  Model model;
  std::size_t visited = 0;
  try_all(model, 3, visited);
  EXPECT_GT(visited, 1000u);
  EXPECT_TRUE(model.set().empty());
}

TEST(VmaSet, EmptySetAnswersNothing) {
  const Set set;
  EXPECT_EQ(nullptr, set.find(0));
  EXPECT_EQ(nullptr, set.find(~u64{0}));
  EXPECT_EQ(nullptr, set.first());
  EXPECT_EQ(nullptr, set.find_prev(kPageSize));
  EXPECT_TRUE(set.begin() == set.end());
  EXPECT_TRUE(set.overlapping(0, kPageSize).begin() == set.end());
  EXPECT_EQ("", set.check());
  EXPECT_EQ(0u, set.index_bytes());
}

TEST(VmaSet, LookupsDistinguishGapsFromAreas) {
  Model model;
  TestArea* const low = model.insert_pages(2, 4);
  TestArea* const high = model.insert_pages(6, 7);
  const Set& set = model.set();
  EXPECT_EQ(low, set.find(0));
  EXPECT_EQ(low, set.find(4 * kPageSize - 1));
  EXPECT_EQ(high, set.find(4 * kPageSize));
  EXPECT_EQ(nullptr, set.find(7 * kPageSize));
  EXPECT_EQ(nullptr, set.find_containing(2 * kPageSize - 1));
  EXPECT_EQ(low, set.find_containing(2 * kPageSize));
  EXPECT_EQ(nullptr, set.find_containing(5 * kPageSize));
  EXPECT_EQ(nullptr, set.find_intersection(4 * kPageSize, 6 * kPageSize));
  EXPECT_EQ(high, set.find_intersection(4 * kPageSize, 6 * kPageSize + 1));
  EXPECT_EQ(low, set.find_prev(5 * kPageSize));
  EXPECT_EQ(high, set.find_prev(9 * kPageSize));
  EXPECT_EQ(nullptr, set.find_prev(0));
}

TEST(VmaSet, AreasAtTheEndsOfTheAddressSpace) {
  Model model;
  const u64 top = ~u64{0} & vmsim::kPageMask;
  TestArea* const bottom = model.insert(0, kPageSize);
  TestArea* const highest = model.insert(top - kPageSize, top);
  TestArea* const middle = model.insert(u64{1} << 47, (u64{1} << 47) + kPageSize);
  EXPECT_EQ("", model.compare());
  EXPECT_EQ(bottom, model.set().find(0));
  EXPECT_EQ(middle, model.set().find(kPageSize));
  EXPECT_EQ(highest, model.set().find(top - 1));
  EXPECT_EQ(nullptr, model.set().find(top));
  EXPECT_EQ(nullptr, model.set().find(~u64{0}));
  // Gaps beyond what a node can count are measured at the area itself.
  const u64 wide = (top - kPageSize) - ((u64{1} << 47) + kPageSize);
  for (const u64 size : {wide, wide + kPageSize, (u64{1} << 47) - kPageSize, u64{1} << 46}) {
    model.expect_same_gaps({size, 0, top, 0, 0});
  }
}

TEST(VmaSet, OneAddressSpaceRunsOutOfGaps) {
  Model model;
  for (u64 page = 0; page < 400; ++page) model.insert_pages(page, page + 1);
  EXPECT_EQ("", model.compare());
  EXPECT_FALSE(model.set().find_gap_topdown({kPageSize, 0, 400 * kPageSize, 0, 0}));
  EXPECT_FALSE(model.set().find_gap_bottomup({kPageSize, 0, 400 * kPageSize, 0, 0}));
  EXPECT_EQ(400 * kPageSize, model.set().find_gap_bottomup({kPageSize, 0, 401 * kPageSize, 0, 0}));
}

TEST(VmaSet, GapRequestsAtTheExtremes) {
  Model model;
  const u64 top = ~u64{0} & vmsim::kPageMask;
  const u64 user_top = u64{1} << 47;
  const u64 bounds[] = {0, 1, kPageSize, user_top - kPageSize, user_top, top, ~u64{0}};
  const u64 sizes[] = {0, kPageSize, user_top - kPageSize, user_top, top - kPageSize, top, ~u64{0}};
  for (int step = 0; step < 3; ++step) {
    if (step == 1) model.insert(kPageSize, 2 * kPageSize);
    if (step == 2) model.insert(user_top - kPageSize, user_top);
    for (const u64 low : bounds) {
      for (const u64 high : bounds) {
        for (const u64 size : sizes) {
          model.expect_same_gaps({size, low, high, 0, 0});
          model.expect_same_gaps({size, low, high, 0x1ff000, 0x5000});
          model.expect_same_gaps({size, low, high, ~u64{0} & vmsim::kPageMask, 0});
        }
      }
    }
  }
}

TEST(VmaSet, StackGuardIsNoGap) {
  Model model;
  model.insert_pages(100, 110);
  TestArea* const stack = model.insert_pages(500, 510);
  const vmsim::mm::GapRequest one{kPageSize, 0, 500 * kPageSize, 0, 0};
  EXPECT_EQ(499 * kPageSize, model.set().find_gap_topdown(one));
  stack->guard = kGuard;
  model.set().gap_changed(stack);
  EXPECT_EQ("", model.compare());
  EXPECT_EQ(500 * kPageSize - kGuard - kPageSize, model.set().find_gap_topdown(one));
  // An area inside the guard (placed there by force) takes the whole gap away, not more.
  model.insert_pages(300, 301);
  EXPECT_EQ("", model.compare());
  EXPECT_EQ(299 * kPageSize, model.set().find_gap_topdown(one));
  stack->guard = 0;
  model.set().gap_changed(stack);
  EXPECT_EQ(499 * kPageSize, model.set().find_gap_topdown(one));
}

TEST(VmaSet, AlignedGapNeedsRoomForTheWorstCase) {
  Model model;
  model.insert_pages(0, 512);
  model.insert_pages(1024, 1025);  // The gap is 2 MiB, and 2 MiB aligned.
  const u64 huge = 512 * kPageSize;
  EXPECT_EQ(huge, model.set().find_gap_topdown({huge, 0, 1025 * kPageSize, 0, 0}));
  EXPECT_FALSE(model.set().find_gap_topdown({huge, 0, 1025 * kPageSize, huge - kPageSize, 0}));
  EXPECT_EQ(3 * huge, model.set().find_gap_bottomup({huge, 0, 8 * huge, huge - kPageSize, 0}));
}

TEST(VmaSet, BulkBuildFillsItsNodes) {
  Model model;
  for (u64 i = 0; i < 3000; ++i) model.append(2 * i * kPageSize, (2 * i + 1) * kPageSize);
  EXPECT_EQ("", model.compare());
  EXPECT_LE(model.set().index_bytes(), 3000u * 32);
}

TEST(VmaSet, TopDownRunFillsItsNodes) {
  Model model;
  for (u64 page = 0; page < 40; page += 4) model.insert_pages(page, page + 2);  // program and heap
  for (u64 i = 0; i < 3000; ++i) model.insert_pages(20000 - 3 * i, 20000 - 3 * i + 2);
  EXPECT_EQ("", model.compare());
  EXPECT_LE(model.set().index_bytes(), 3000u * 32);
}

TEST(VmaSet, BottomUpRunFillsItsNodes) {
  Model model;
  for (u64 page = 30000; page < 30040; page += 4)
    model.insert_pages(page, page + 2);  // what lies above
  for (u64 i = 0; i < 3000; ++i) model.insert_pages(1000 + 3 * i, 1000 + 3 * i + 2);
  EXPECT_EQ("", model.compare());
  EXPECT_LE(model.set().index_bytes(), 3000u * 32);
}

TEST(VmaSet, ClearHandsOutEveryAreaOnceInOrder) {
  Model model;
  for (u64 i = 0; i < 100; ++i) model.insert_pages((i * 37) % 101 * 2, (i * 37) % 101 * 2 + 1);
  std::vector<u64> starts;
  model.set().clear_and_dispose([&](TestArea* area) {
    EXPECT_EQ(nullptr, area->vm_next);
    EXPECT_EQ(nullptr, area->vm_prev);
    starts.push_back(area->vm_start);
  });
  EXPECT_EQ(100u, starts.size());
  EXPECT_TRUE(std::is_sorted(starts.begin(), starts.end()));
  EXPECT_TRUE(model.set().empty());
  EXPECT_EQ(0u, model.set().index_bytes());
}

class RefuseNth : public vmsim::base::FailOracle {
 public:
  explicit RefuseNth(int n) : left_(n) {}

  bool should_fail(const char* site) override {
    return std::string_view(site) == "vma_set" && left_-- == 0;
  }

 private:
  int left_;
};

TEST(VmaSet, ReserveCanBeRefused) {
  Model model;
  vmsim::base::Probe probe;
  RefuseNth oracle(1);
  probe.set_fail_oracle(&oracle);
  EXPECT_TRUE(model.set().reserve_for_insert(1, &probe));
  model.insert_pages(1, 2);
  EXPECT_FALSE(model.set().reserve_for_insert(1, &probe));
  EXPECT_EQ("", model.compare());
  EXPECT_TRUE(model.set().reserve_for_insert(1, &probe));
}

TEST(VmaSet, ReservedInsertsTakeNoMemory) {
  Model model;
  for (u64 page = 0; page < 2000; ++page) {
    ASSERT_TRUE(model.set().reserve_for_insert(2));
    const std::size_t before = model.set().index_bytes();
    model.insert_pages(page * 611 % 2003 * 4, page * 611 % 2003 * 4 + 1);
    model.insert_pages(page * 611 % 2003 * 4 + 2, page * 611 % 2003 * 4 + 3);
    ASSERT_EQ(before, model.set().index_bytes());
  }
  EXPECT_EQ("", model.compare());
}

TEST(VmaSet, SmallSetIsOneNode) {
  Model model;
  for (u64 i = 0; i < 16; ++i) {
    ASSERT_TRUE(model.set().reserve_for_insert());
    model.insert_pages((i * 7) % 16 * 2, (i * 7) % 16 * 2 + 1);
  }
  EXPECT_EQ("", model.compare());
  EXPECT_EQ(320u, model.set().index_bytes());
}

TEST(VmaSet, OverlappingVisitsWhatTheRangeTouches) {
  Model model;
  for (u64 i = 0; i < 60; ++i) model.insert_pages(3 * i + 1, 3 * i + 3);
  for (u64 start = 0; start < 182 * 2; ++start) {
    for (const u64 length : {u64{1}, u64{2}, u64{3}, u64{7}, u64{90}, u64{400}}) {
      const u64 from = start * kPageSize / 2;
      const u64 to = from + length * kPageSize / 2;
      std::vector<TestArea*> expected;
      for (TestArea* area : model.areas()) {
        if (area->vm_start < to && area->vm_end > from) expected.push_back(area);
      }
      std::vector<TestArea*> visited;
      for (TestArea* area : model.set().overlapping(from, to)) visited.push_back(area);
      ASSERT_EQ(expected, visited) << start << " " << length;
    }
  }
}

TEST(VmaSet, RandomChangesInManyShapes) {
  const u64 seed = seed_of_run();
  for (u64 run = 0; run < 12; ++run) {
    SCOPED_TRACE("VMSIM_SEED=" + std::to_string(seed) + " run " + std::to_string(run));
    random_run(seed + run, 600, u64{64} << (run % 5));
    if (testing::Test::HasFailure()) return;
  }
}

using VmaSetDeathTest = testing::Test;

TEST(VmaSetDeathTest, OverlapIsABug) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Model model;
  model.insert_pages(4, 8);
  TestArea other;
  for (const auto& [start, end] : {std::pair<u64, u64>{3, 5}, {7, 9}, {5, 6}, {4, 8}, {3, 9}}) {
    other.vm_start = start * kPageSize;
    other.vm_end = end * kPageSize;
    EXPECT_DEATH(model.set().insert(&other), "overlap");
  }
}

TEST(VmaSetDeathTest, ForeignAreaIsABug) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Model model;
  model.insert_pages(4, 8);
  TestArea other;
  other.vm_start = 4 * kPageSize;
  other.vm_end = 8 * kPageSize;
  EXPECT_DEATH(model.set().erase(&other), "not in this set");
}

}  // namespace
