// SPDX-License-Identifier: MIT
// Where mmap(2) puts what has no fixed address. Rows E01 to E05, X02, G08, and the layout
// of 2.6.10.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

constexpr u64 kAnon = map::kPrivate | map::kAnonymous;

template <class Base>
class PlacementOn : public Base {
 protected:
  Result<u64> place(u64 bytes, u64 hint = 0, u32 flags = kAnon, vfs::File* file = nullptr) {
    auto got = this->program.mmap({hint, bytes, kRw, flags, file, 0});
    this->program.check();
    return got;
  }

  u64 dev(u64 pages, u64 hint = 0) {
    return *place(pages << kPageShift, hint, map::kShared, this->driver.file());
  }

  u64 anon(u64 pages, u64 hint = 0) { return *place(pages << kPageShift, hint); }

  /// Pages above (below, negative) the first mapping.
  i64 from_first(u64 addr) const { return static_cast<i64>(addr - first) >> kPageShift; }

  u64 first = 0;
};

class Placement : public PlacementOn<MmTest> {};

TEST_F(Placement, E01_top_down_without_gaps) {
  first = anon(4);
  EXPECT_EQ(first, 0x700000000000 - 4 * kPageSize);
  EXPECT_EQ(from_first(anon(2)), -2);
  EXPECT_EQ(from_first(dev(3)), -5);
  EXPECT_EQ(from_first(dev(1)), -6);
  EXPECT_EQ(from_first(anon(2)), -8);
}

TEST_F(Placement, E02_freed_hole_is_taken_from_its_top) {
  first = anon(4);
  const u64 second = anon(2);
  anon(6);
  ASSERT_TRUE(program.mm().munmap(second, 2 * kPageSize));
  EXPECT_EQ(from_first(dev(1)), -1);
  EXPECT_EQ(from_first(anon(1)), -2);
  EXPECT_EQ(from_first(anon(2)), -10);
}

TEST_F(Placement, E02_hole_that_is_too_small) {
  first = anon(4);
  const u64 second = anon(2);
  anon(6, 0);
  ASSERT_TRUE(program.mm().munmap(second, 2 * kPageSize));
  EXPECT_EQ(from_first(anon(3)), -11);
}

TEST_F(Placement, E03_large_anonymous_memory_is_aligned) {
  constexpr u64 kMega2 = u64{2} << 20;
  dev(1);
  const u64 large = anon(1024);
  EXPECT_EQ(large % kMega2, 0u);
  const u64 odd = anon(1025);
  EXPECT_EQ(odd, large - 1025 * kPageSize);
  const u64 after = dev(1024);
  EXPECT_EQ(after, odd - 1024 * kPageSize) << "devices are not forced";
}

TEST_F(Placement, E04_hints) {
  EXPECT_EQ(anon(1, 0x200000000000), 0x200000000000u);
  const u64 occupied = anon(1, 0x200000000000);
  EXPECT_EQ(occupied, 0x700000000000 - kPageSize);
  EXPECT_EQ(anon(1, 0x200000001fff), 0x200000001000u) << "rounded down";
  EXPECT_EQ(anon(1, 0x1000), 0x10000u) << "raised to mmap_min_addr";
  EXPECT_EQ(anon(1, 0x10), occupied - kPageSize) << "as if none";
  EXPECT_EQ(anon(1, 0x7ffffffff000), occupied - 2 * kPageSize) << "beyond the end";
  EXPECT_EQ(anon(1, 0xffffffff81000000), occupied - 3 * kPageSize);
  EXPECT_EQ(anon(4, 0x1ffffffff000), occupied - 7 * kPageSize) << "it would overlap";
}

TEST_F(Placement, E05_fixed_noreplace) {
  ASSERT_EQ(map_dev(0, 4), 0);
  const u32 noreplace = map::kShared | map::kFixedNoReplace;
  const auto at = [&](u64 page, u64 pages, u32 flags, u64 offset = 0) {
    return code_of(place(pages << kPageShift, program.addr(page) + offset, flags, driver.file()));
  };
  EXPECT_EQ(at(0, 4, noreplace), -err::kExist);
  EXPECT_EQ(at(3, 2, noreplace), -err::kExist);
  EXPECT_EQ(at(0, 4, noreplace | map::kFixed), -err::kExist);
  EXPECT_EQ(at(8, 1, noreplace, 8), -err::kInval);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(at(6, 1, noreplace), 0);
  EXPECT_EQ(driver.log(), "MMAP([6,7))");
}

TEST_F(Placement, X02_driver_places) {
  driver.use(ops::kAll | ops::kUnmappedArea);
  vfs::File* const file = driver.file();
  const auto asked = [&](u64 addr, u64 bytes, u32 flags) {
    EXPECT_TRUE(place(bytes, addr, flags, file));
    const std::string log = driver.log();
    return log.substr(0, log.find(" MMAP"));
  };
  EXPECT_EQ(asked(0, 3 * kPageSize - 5, map::kShared),
            "get_unmapped_area(a=0x0 len=0x3000 pgoff=0x0 fl=0x1)");
  EXPECT_EQ(asked(0x200000001fff, 1, map::kShared),
            "get_unmapped_area(a=0x200000001000 len=0x1000 pgoff=0x0 fl=0x1)");
  EXPECT_EQ(asked(0x200000005000, 1, map::kShared | map::kFixed),
            "get_unmapped_area(a=0x200000005000 len=0x1000 pgoff=0x0 fl=0x11)");
  EXPECT_EQ(asked(0x200000009000, 1, map::kShared | map::kFixedNoReplace),
            "get_unmapped_area(a=0x200000009000 len=0x1000 pgoff=0x0 fl=0x100011)");
}

TEST_F(Placement, space_below_the_stack_gap_is_not_given_away) {
  const u64 top = 0x700000000000;
  ASSERT_TRUE(place(4 * kPageSize, top - 4 * kPageSize, kAnon | map::kGrowsDown | map::kFixed));
  EXPECT_EQ(anon(1), top - (4 + 256 + 1) * kPageSize);
}

TEST_F(Placement, full_below_falls_back_to_above) {
  ASSERT_TRUE(place(0x700000000000 - 0x10000, 0x10000, kAnon | map::kFixed | map::kNoReserve));
  EXPECT_EQ(anon(1), 0x700000000000u);
}

TEST_F(Placement, no_room) {
  ASSERT_TRUE(place(0x7ffffffff000 - 0x10000, 0x10000, kAnon | map::kFixed | map::kNoReserve));
  EXPECT_EQ(code_of(place(kPageSize)), -err::kNoMem);
}

class Placement61 : public PlacementOn<MmTest61> {};

TEST_F(Placement61, G08_no_alignment) {
  first = dev(1);
  EXPECT_EQ(from_first(anon(1024)), -1024);
}

class Placement26 : public PlacementOn<MmTest26> {};

TEST_F(Placement26, bottom_up_from_a_third) {
  EXPECT_EQ(anon(1), 0x40000000u);
  EXPECT_EQ(dev(2), 0x40001000u);
  EXPECT_EQ(anon(1), 0x40003000u);
  ASSERT_TRUE(program.mm().munmap(0x40001000, 2 * kPageSize));
  EXPECT_EQ(dev(1), 0x40001000u) << "the lowest hole that fits";
  EXPECT_EQ(dev(2), 0x40004000u);
  EXPECT_EQ(anon(1, 0x50000000), 0x50000000u);
}

}  // namespace
}  // namespace vmsim::mm
