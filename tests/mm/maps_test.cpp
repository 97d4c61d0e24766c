// SPDX-License-Identifier: MIT
// /proc/<pid>/maps, byte for byte, and counters of address spaces.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class Maps : public MmTest {};

TEST_F(Maps, lines) {
  Mm& mm = program.mm();
  ASSERT_EQ(program.map(0, 2, kRw, map::kShared, driver.file(), 5), 0);
  ASSERT_EQ(program.map(4, 1, prot::kRead | prot::kExec, map::kPrivate, driver.file()), 0);
  ASSERT_EQ(program.map(6, 1, 0, map::kPrivate | map::kAnonymous), 0);
  EXPECT_EQ(mm.maps_text(),
            "200000000000-200000002000 rw-s 00005000 00:05 77                         /dev/probe\n"
            "200000004000-200000005000 r-xp 00000000 00:05 77                         /dev/probe\n"
            "200000006000-200000007000 ---p 00000000 00:00 0 \n");
  driver.log();
}

TEST_F(Maps, heap_and_stack) {
  Mm& mm = program.mm();
  mm.start_brk = mm.mm_struct::brk = 0x1000000;
  ASSERT_TRUE(mm.brk(0x1003000));
  ASSERT_TRUE(
      mm.mmap({0x7fff00000000, 2 * kPageSize, kRw,
               map::kPrivate | map::kAnonymous | map::kFixed | map::kGrowsDown, nullptr, 0}));
  mm.start_stack = 0x7fff00001800;
  EXPECT_EQ(mm.maps_text(),
            "01000000-01003000 rw-p 00000000 00:00 0                                  [heap]\n"
            "7fff00000000-7fff00002000 rw-p 00000000 00:00 0                          [stack]\n");
}

TEST_F(Maps, A39_private_remap_shows_the_physical_address) {
  driver.remap_on_mmap(kReservedPfn);
  ASSERT_EQ(program.map(0, 1, kRw, map::kPrivate, driver.file()), 0);
  EXPECT_EQ(
      program.mm().maps_text(),
      "200000000000-200000001000 rw-p 02000000 00:05 77                         /dev/probe\n");
  driver.log();
}

TEST_F(Maps, counters) {
  ::mm_struct& mm = program.mm();
  ASSERT_EQ(program.map_anon(0, 4), 0);
  ASSERT_EQ(program.map_anon(8, 2, prot::kRead | prot::kExec), 0);
  ASSERT_EQ(program.map_anon(16, 3, kRo), 0);
  EXPECT_EQ(mm.total_vm, 9u);
  EXPECT_EQ(mm.data_vm, 4u);
  EXPECT_EQ(mm.exec_vm, 2u);
  EXPECT_EQ(mm.map_count, 3);
  EXPECT_EQ(program.protect(16, 1, kRw), 0);
  EXPECT_EQ(mm.data_vm, 5u);
  EXPECT_EQ(mm.map_count, 4);
  EXPECT_EQ(program.unmap(0, 20), 0);
  EXPECT_EQ(mm.total_vm, 0u);
  EXPECT_EQ(mm.data_vm, 0u);
  EXPECT_EQ(mm.exec_vm, 0u);
  EXPECT_EQ(mm.map_count, 0);
}

class Maps26 : public MmTest26 {};

TEST_F(Maps26, narrow_column_and_no_labels) {
  Mm& mm = program.mm();
  ASSERT_EQ(program.map(0, 2, kRw, map::kShared, driver.file(), 5), 0);
  mm.start_brk = mm.mm_struct::brk = 0x1000000;
  ASSERT_TRUE(mm.brk(0x1003000));
  EXPECT_EQ(mm.maps_text(),
            "01000000-01003000 rw-p 00000000 00:00 0 \n"
            "50000000-50002000 rw-s 00005000 00:05 77         /dev/probe\n");
  driver.log();
}

}  // namespace
}  // namespace vmsim::mm
