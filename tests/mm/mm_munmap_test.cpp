// SPDX-License-Identifier: MIT
// munmap(2): which part opens and which closes, locks and trees during the calls, refusals. Rows
// A10 to A16, D19, G01.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class Munmap : public MmTest {
 protected:
  void map_remapped(u64 page = 0, u64 pages = 4, u64 pgoff = 5) {
    driver.remap_on_mmap(driver.block() + page);
    ASSERT_EQ(map_dev(page, pages, kRw, map::kShared, pgoff), 0);
  }
};

TEST_F(Munmap, A10_head) {
  map_remapped();
  EXPECT_EQ(unmap_log(0, 1),
            "may_split([0,4) at 1)=0 open([1,4) off=6 fc=3) close([0,1) off=5 fc=3)");
  EXPECT_EQ(program.layout(), "[1,4) rw-s 6");
  EXPECT_EQ(program.rd(0), "SIGSEGV/MAPERR@0");
  EXPECT_EQ(program.rd(3), "0x1003");
  EXPECT_EQ(program.flags(1), "rd wr sh mr mw me ms pf io de ar dd sd ");
}

TEST_F(Munmap, A11_middle) {
  map_remapped();
  EXPECT_EQ(unmap_log(1, 1),
            "may_split([0,4) at 1)=0 open([0,1) off=5 fc=3) may_split([1,4) at 2)=0 open([2,4) "
            "off=7 fc=4) "
            "close([1,2) off=6 fc=4)");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 5 | [2,4) rw-s 7");
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.rd(1), "SIGSEGV/MAPERR@1");
  EXPECT_EQ(program.rd(3), "0x1003");
}

TEST_F(Munmap, A12_tail) {
  map_remapped();
  EXPECT_EQ(unmap_log(3, 1),
            "may_split([0,4) at 3)=0 open([0,3) off=5 fc=3) close([3,4) off=8 fc=3)");
  EXPECT_EQ(program.layout(), "[0,3) rw-s 5");
  EXPECT_EQ(program.rd(3), "SIGSEGV/MAPERR@3");
}

TEST_F(Munmap, A13_the_old_struct_is_closed) {
  map_remapped();
  const Vma* const before = program.vma(0);
  const Vma* closed = nullptr;
  driver.at_close = [&](Vma& vma) { closed = &vma; };
  unmap_log(1, 1);
  EXPECT_EQ(closed, before);
  driver.at_close = nullptr;
}

TEST_F(Munmap, A14_whole_and_larger) {
  map_remapped();
  EXPECT_EQ(unmap_log(0, 6), "close([0,4) off=5 fc=2)");
  EXPECT_EQ(program.layout(), "");
}

TEST_F(Munmap, A15_across_two_areas) {
  map_remapped(0, 4, 0);
  map_remapped(4, 4, 0x12);
  EXPECT_EQ(unmap_log(2, 4),
            "may_split([0,4) at 2)=0 open([0,2) off=0 fc=4) may_split([4,8) at 6)=0 open([6,8) "
            "off=14 fc=5) "
            "close([2,4) off=2 fc=5) close([4,6) off=12 fc=4)");
  EXPECT_EQ(program.layout(), "[0,2) rw-s 0 | [6,8) rw-s 14");
}

TEST_F(Munmap, A16_may_split_refuses) {
  map_remapped();
  driver.split_says = -err::kInval;
  EXPECT_EQ(program.unmap(1), -err::kInval);
  EXPECT_EQ(driver.log(), "may_split([0,4) at 1)=-22");
  EXPECT_EQ(program.layout(), "[0,4) rw-s 5");
  EXPECT_EQ(program.rd(1), "0x1001");
  EXPECT_EQ(unmap_log(0, 4), "close([0,4) off=5 fc=2)");
}

TEST_F(Munmap, D19_arguments) {
  map_dev(0, 4);
  Mm& mm = program.mm();
  EXPECT_EQ(code_of(mm.munmap(program.addr(0), 0)), -err::kInval);
  EXPECT_EQ(code_of(mm.munmap(program.addr(0) + 1, kPageSize)), -err::kInval);
  EXPECT_EQ(code_of(mm.munmap(0xffffffff81000000, kPageSize)), -err::kInval);
  EXPECT_EQ(code_of(mm.munmap(program.addr(0), u64{1} << 60)), -err::kInval);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(code_of(mm.munmap(program.addr(3), 1)), 0);
  EXPECT_EQ(driver.log(), "may_split([0,4) at 3)=0 open([0,3) off=0 fc=3) close([3,4) off=3 fc=3)");
  EXPECT_EQ(program.unmap(10, 4), 0) << "a hole is fine";
}

TEST_F(Munmap, X04_X05_X09_context) {
  map_remapped();
  driver.with_context = true;
  EXPECT_EQ(unmap_log(1, 1),
            "may_split([0,4) at 1)=0{WRITE pte0=1 intree=1} open([0,1) off=5 fc=3){WRITE pte0=1 "
            "intree=other} "
            "may_split([1,4) at 2)=0{WRITE pte0=1 intree=1} open([2,4) off=7 fc=4){WRITE pte0=1 "
            "intree=other} "
            "close([1,2) off=6 fc=4){READ pte0=0 intree=0}");
}

TEST_F(Munmap, D16_no_ops_at_all) {
  driver.leave_ops = true;
  map_remapped();
  EXPECT_EQ(unmap_log(1, 1), "(none)");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 5 | [2,4) rw-s 7");
}

TEST_F(Munmap, anonymous_pages_are_freed) {
  ASSERT_EQ(program.map_anon(0, 8), 0);
  for (u64 page = 0; page < 8; ++page) ASSERT_EQ(program.wr(page, 1), "ok");
  const u64 before = world.frames_used();
  EXPECT_EQ(program.unmap(2, 3), 0);
  EXPECT_EQ(world.frames_used(), before - 3);
  EXPECT_EQ(program.layout(), "[0,2) rw-p | [5,8) rw-p");
  EXPECT_EQ(program.rd(2), "SIGSEGV/MAPERR@2");
  EXPECT_EQ(program.rd(5), "0x1");
  EXPECT_EQ(program.mm().rss().anon, 5);
}

TEST_F(Munmap, tables_are_freed_with_the_last_page) {
  const u64 before = program.mm().table().table_pages();
  ASSERT_EQ(program.map_anon(0, 1), 0);
  ASSERT_EQ(program.map_anon(1024, 1), 0);
  ASSERT_EQ(program.wr(0, 1), "ok");
  ASSERT_EQ(program.wr(1024, 1), "ok");
  EXPECT_EQ(program.mm().table().table_pages(), before + 4);
  EXPECT_EQ(program.unmap(0), 0);
  EXPECT_EQ(program.mm().table().table_pages(), before + 3);
  EXPECT_EQ(program.rd(1024), "0x1");
  EXPECT_EQ(program.unmap(1024), 0);
  EXPECT_EQ(program.mm().table().table_pages(), before);
}

TEST_F(Munmap, A47_pages_outside_of_the_area_survive) {
  driver.remap_part_on_mmap(0, 6 * kPageSize);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf io de dd sd ");
  EXPECT_EQ(program.rd(3), "0x1003");
  EXPECT_EQ(program.rd(5), "0x1005") << "readable where no area is";
  // Another mapping keeps the page table alive, as it was on the real machine.
  ASSERT_EQ(program.map_anon(10, 1), 0);
  ASSERT_EQ(program.wr(10, 1), "ok");
  EXPECT_EQ(unmap_log(0, 4), "close([0,4) off=0 fc=2)");
  EXPECT_EQ(program.pte(3), "none");
  EXPECT_EQ(program.pte(4), "P RW U A SPECIAL NX");
  EXPECT_EQ(world.findings(), "remap-outside-vma");
}

class Munmap61 : public MmTest61 {
 protected:
  void SetUp() override {
    driver.remap_on_mmap(driver.block());
    ASSERT_EQ(map_dev(0, 4, kRw, map::kShared, 5), 0);
  }
};

TEST_F(Munmap61, G01_head) {
  EXPECT_EQ(unmap_log(0, 1),
            "may_split([0,4) at 1)=0 open([0,1) off=5 fc=3) close([0,1) off=5 fc=3)");
  EXPECT_EQ(program.layout(), "[1,4) rw-s 6");
}

TEST_F(Munmap61, G01_middle) {
  EXPECT_EQ(unmap_log(1, 1),
            "may_split([0,4) at 1)=0 open([1,4) off=6 fc=3) may_split([1,4) at 2)=0 open([1,2) "
            "off=6 fc=4) "
            "close([1,2) off=6 fc=4)");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 5 | [2,4) rw-s 7");
  EXPECT_EQ(program.rd(2), "0x1002");
}

TEST_F(Munmap61, G01_tail) {
  EXPECT_EQ(unmap_log(3, 1),
            "may_split([0,4) at 3)=0 open([3,4) off=8 fc=3) close([3,4) off=8 fc=3)");
}

TEST_F(Munmap61, G01_across_two_areas) {
  ASSERT_EQ(map_dev(4, 4, kRw, map::kShared, 0x12), 0);
  EXPECT_EQ(unmap_log(2, 4),
            "may_split([0,4) at 2)=0 open([2,4) off=7 fc=4) may_split([4,8) at 6)=0 open([4,6) "
            "off=12 fc=5) "
            "close([2,4) off=7 fc=5) close([4,6) off=12 fc=4)");
}

TEST_F(Munmap61, G01_fixed_over_the_middle) {
  driver.at_mmap = nullptr;
  EXPECT_EQ(program.map(1, 1, kRw, map::kShared, driver.file(), 0x20), 0);
  EXPECT_EQ(driver.log(),
            "may_split([0,4) at 1)=0 open([1,4) off=6 fc=3) may_split([1,4) at 2)=0 open([1,2) "
            "off=6 fc=4) "
            "close([1,2) off=6 fc=4) MMAP([1,2))");
}

TEST_F(Munmap61, G04_close_with_a_split_is_write_locked) {
  driver.with_context = true;
  EXPECT_EQ(unmap_log(3, 1),
            "may_split([0,4) at 3)=0{WRITE pte0=1 intree=1} open([3,4) off=8 fc=3){WRITE pte0=1 "
            "intree=other} "
            "close([3,4) off=8 fc=3){WRITE pte0=0 intree=0}");
}

}  // namespace
}  // namespace vmsim::mm
