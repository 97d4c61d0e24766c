// SPDX-License-Identifier: MIT
// Which mappings become one. Rows D16, D17, E07, E08, G02.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class MergeFiles : public MmTest {
 protected:
  /// The sequence of mappings that the real kernels were shown; the log of each.
  std::string play() {
    const auto map = [&](u64 page, u64 pages, u64 pgoff, u32 rights = kRw) {
      EXPECT_EQ(program.map(page, pages, rights, map::kShared, driver.file(), pgoff), 0);
      return driver.log();
    };
    std::string text = map(0, 2, 0);
    text += "; " + map(2, 2, 2);
    text += "; " + map(8, 2, 8);
    text += "; " + map(6, 2, 6);
    text += "; " + map(4, 2, 4);
    text += "; " + map(10, 2, 0x5a);
    text += "; " + map(12, 2, 0x5c, kRo);
    return text;
  }

  static constexpr const char* kMergedLog =
      "MMAP([0,2)); (none); MMAP([8,10)); (none); (none); MMAP([10,12)); MMAP([12,14))";
  static constexpr const char* kSeparateLog =
      "MMAP([0,2)); MMAP([2,4)); MMAP([8,10)); MMAP([6,8)); MMAP([4,6)); MMAP([10,12)); "
      "MMAP([12,14))";
  static constexpr const char* kSeparate =
      "[0,2) rw-s 0 | [2,4) rw-s 2 | [4,6) rw-s 4 | [6,8) rw-s 6 | [8,10) rw-s 8 | [10,12) rw-s 5a "
      "| [12,14) r--s 5c";
};

TEST_F(MergeFiles, D16_with_close) {
  EXPECT_EQ(play(), kMergedLog);
  EXPECT_EQ(program.layout(), "[0,6) rw-s 0 | [6,10) rw-s 6 | [10,12) rw-s 5a | [12,14) r--s 5c");
  EXPECT_EQ(driver.file()->count(), 5);
}

TEST_F(MergeFiles, D16_without_close) {
  driver.use(ops::kOpen | ops::kFault);
  driver.give_pages();
  EXPECT_EQ(play(), kMergedLog);
  EXPECT_EQ(program.layout(), "[0,10) rw-s 0 | [10,12) rw-s 5a | [12,14) r--s 5c");
  EXPECT_EQ(driver.file()->count(), 4);
  EXPECT_EQ(program.rd(3), "0x44444444");
  EXPECT_EQ(program.rd(9), "0x42424242");
}

TEST_F(MergeFiles, D16_without_ops) {
  driver.leave_ops = true;
  EXPECT_EQ(play(), kMergedLog);
  EXPECT_EQ(program.layout(), "[0,10) rw-s 0 | [10,12) rw-s 5a | [12,14) r--s 5c");
  EXPECT_EQ(program.rd(3), "SIGBUS/ADRERR@3");
}

TEST_F(MergeFiles, D17_special_areas_do_not_merge) {
  driver.use(ops::kOpen);
  driver.remap_on_mmap(driver.block());
  EXPECT_EQ(play(), kSeparateLog);
  EXPECT_EQ(program.layout(), kSeparate);
  EXPECT_EQ(driver.file()->count(), 8);
  for (const u64 flag : {vm::kDontExpand, vm::kMixedMap, vm::kIo, vm::kPfnMap}) {
    driver.set_flags_on_mmap(flag);
    program.unmap(0, 14);
    driver.log();
    EXPECT_EQ(play(), kSeparateLog) << flag;
    EXPECT_EQ(program.layout(), kSeparate) << flag;
  }
}

TEST_F(MergeFiles, D17_other_file) {
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.map(2, 2, kRw, map::kShared, driver.open(), 2), 0);
  EXPECT_EQ(driver.log(), "MMAP([2,4))");
  EXPECT_EQ(program.layout(), "[0,2) rw-s 0 | [2,4) rw-s 2");
}

TEST_F(MergeFiles, mprotect_merges_what_no_driver_closes) {
  driver.use(ops::kFault);
  driver.give_pages();
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.protect(1, 1, kRo), 0);
  EXPECT_EQ(program.layout(), "[0,1) rw-s 0 | [1,2) r--s 1 | [2,4) rw-s 2");
  EXPECT_EQ(program.protect(1, 1, kRw), 0);
  EXPECT_EQ(program.layout(), "[0,4) rw-s 0");
}

class MergeFiles61 : public MmTest61 {};

TEST_F(MergeFiles61, G02_close_prevents_merging) {
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.map(2, 2, kRw, map::kShared, driver.file(), 2), 0);
  EXPECT_EQ(driver.log(), "MMAP([2,4))");
  EXPECT_EQ(program.layout(), "[0,2) rw-s 0 | [2,4) rw-s 2");
}

TEST_F(MergeFiles61, G02_without_close_it_merges) {
  driver.use(ops::kOpen);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.map(2, 2, kRw, map::kShared, driver.file(), 2), 0);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(program.layout(), "[0,4) rw-s 0");
}

class MergeAnon : public MmTest {};

TEST_F(MergeAnon, E08_adjacent) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  ASSERT_EQ(program.map_anon(2, 2), 0);
  EXPECT_EQ(program.layout(), "[0,4) rw-p");
  EXPECT_EQ(program.wr(0, 1), "ok");
  ASSERT_EQ(program.map_anon(4, 2), 0);
  EXPECT_EQ(program.layout(), "[0,6) rw-p") << "left faulted, right new";
  ASSERT_EQ(program.map_anon(6, 2, kRo), 0);
  EXPECT_EQ(program.layout(), "[0,6) rw-p | [6,8) r--p");
}

TEST_F(MergeAnon, E08_bridge_between_two_that_were_faulted) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  ASSERT_EQ(program.map_anon(4, 2), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.wr(4, 1), "ok");
  ASSERT_EQ(program.map_anon(2, 2), 0);
  EXPECT_EQ(program.layout(), "[0,4) rw-p | [4,6) rw-p");
}

TEST_F(MergeAnon, E08_bridge_between_untouched) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  ASSERT_EQ(program.map_anon(4, 2), 0);
  EXPECT_EQ(program.wr(4, 7), "ok");
  ASSERT_EQ(program.map_anon(2, 2), 0);
  EXPECT_EQ(program.layout(), "[0,6) rw-p");
  EXPECT_EQ(program.rd(4), "0x7");
  EXPECT_EQ(program.wr(0, 1), "ok");
}

TEST_F(MergeAnon, E08_shared_anonymous_never) {
  for (const u64 page : {0u, 2u})
    ASSERT_EQ(program.map(page, 2, kRw, map::kShared | map::kAnonymous), 0);
  EXPECT_EQ(program.layout(), "[0,2) rw-s 0 | [2,4) rw-s 0");
}

TEST_F(MergeAnon, mprotect_splits_and_merges_back) {
  ASSERT_EQ(program.map_anon(0, 6), 0);
  for (u64 page = 0; page < 6; ++page) EXPECT_EQ(program.wr(page, static_cast<u32>(page)), "ok");
  EXPECT_EQ(program.protect(2, 2, kRo), 0);
  EXPECT_EQ(program.layout(), "[0,2) rw-p | [2,4) r--p | [4,6) rw-p");
  EXPECT_EQ(program.protect(2, 1, kRw), 0);
  EXPECT_EQ(program.layout(), "[0,3) rw-p | [3,4) r--p | [4,6) rw-p");
  EXPECT_EQ(program.protect(3, 1, kRw), 0);
  EXPECT_EQ(program.layout(), "[0,6) rw-p");
  EXPECT_EQ(program.protect(0, 1, kRo), 0);
  EXPECT_EQ(program.protect(1, 1, kRo), 0);
  EXPECT_EQ(program.layout(), "[0,2) r--p | [2,6) rw-p");
  EXPECT_EQ(program.protect(1, 5, kRo), 0);
  EXPECT_EQ(program.layout(), "[0,6) r--p");
  for (u64 page = 0; page < 6; ++page) EXPECT_EQ(program.rd(page), fmt::format("{:#x}", page));
}

TEST_F(MergeAnon, mprotect_across_areas_merges_all) {
  ASSERT_EQ(program.map_anon(0, 2, kRo), 0);
  ASSERT_EQ(program.map_anon(2, 2, kRw), 0);
  ASSERT_EQ(program.map_anon(4, 2, 0), 0);
  EXPECT_EQ(program.protect(0, 6, kRw), 0);
  EXPECT_EQ(program.layout(), "[0,6) rw-p");
}

class MergeAnon61 : public MmTest61 {};

TEST_F(MergeAnon61, E08_bridge_goes_to_the_upper_side) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  ASSERT_EQ(program.map_anon(4, 2), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.wr(4, 1), "ok");
  ASSERT_EQ(program.map_anon(2, 2), 0);
  EXPECT_EQ(program.layout(), "[0,2) rw-p | [2,6) rw-p");
}

class Brk : public MmTest {
 protected:
  void SetUp() override {
    Mm& mm = program.mm();
    mm.start_brk = mm.mm_struct::brk = program.addr(0);
  }

  /// The new break in bytes from the base.
  u64 brk(u64 bytes) {
    const auto got = program.mm().brk(program.addr(0) + bytes);
    EXPECT_TRUE(got);
    program.check();
    return *got - program.addr(0);
  }
};

TEST_F(Brk, E07_grow_and_shrink) {
  EXPECT_EQ(brk(4 * kPageSize), 4 * kPageSize);
  EXPECT_EQ(program.layout(), "[0,4) rw-p");
  EXPECT_EQ(program.flags(0), "rd wr mr mw me ac sd ");
  EXPECT_EQ(program.wr(2, 0x800, 0x7fc), "ok");
  EXPECT_EQ(brk(8 * kPageSize), 8 * kPageSize);
  EXPECT_EQ(program.layout(), "[0,8) rw-p");
  EXPECT_EQ(brk(2 * kPageSize + 0x800), 2 * kPageSize + 0x800);
  EXPECT_EQ(program.layout(), "[0,3) rw-p");
  EXPECT_EQ(program.rd(2, 0x7fc), "0x800");
  EXPECT_EQ(program.rd(3), "SIGSEGV/MAPERR@3");
  EXPECT_EQ(brk(2 * kPageSize + 0x900), 2 * kPageSize + 0x900) << "within the page";
}

TEST_F(Brk, E07_refusals_return_the_old_break) {
  EXPECT_EQ(brk(3 * kPageSize), 3 * kPageSize);
  ASSERT_EQ(program.map_anon(3, 2), 0);
  EXPECT_EQ(program.layout(), "[0,5) rw-p") << "anonymous memory right above joins the heap";
  EXPECT_EQ(brk(6 * kPageSize), 3 * kPageSize) << "it is in the way";
  EXPECT_EQ(brk(u64{0} - kPageSize), 3 * kPageSize) << "below the start";
  EXPECT_EQ(brk(u64{1} << 50), 3 * kPageSize);
  EXPECT_NE(program.mm().maps_text().find("[heap]"), std::string::npos);
}

TEST_F(Brk, E07_after_mprotect) {
  EXPECT_EQ(brk(2 * kPageSize), 2 * kPageSize);
  EXPECT_EQ(program.protect(1, 1, kRo), 0);
  EXPECT_EQ(brk(4 * kPageSize), 4 * kPageSize);
  EXPECT_EQ(program.layout(), "[0,1) rw-p | [1,2) r--p | [2,4) rw-p");
}

TEST_F(Brk, E07_first_growth_in_a_child_is_an_area_of_its_own) {
  EXPECT_EQ(brk(2 * kPageSize), 2 * kPageSize);
  EXPECT_EQ(program.wr(0, 1), "ok");
  Program child = program.fork();
  ASSERT_TRUE(child.mm().brk(child.addr(4)));
  EXPECT_EQ(child.layout(), "[0,2) rw-p | [2,4) rw-p");
  ASSERT_TRUE(child.mm().brk(child.addr(6)));
  EXPECT_EQ(child.layout(), "[0,2) rw-p | [2,6) rw-p");
  EXPECT_EQ(brk(4 * kPageSize), 4 * kPageSize);
  EXPECT_EQ(program.layout(), "[0,4) rw-p") << "the parent's heap grows in one piece";
}

}  // namespace
}  // namespace vmsim::mm
