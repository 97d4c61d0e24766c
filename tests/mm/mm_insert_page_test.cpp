// SPDX-License-Identifier: MIT
// vm_insert_page() and its relatives: counted pages in areas of drivers. Rows B01 to B12, F6, G03.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class InsertPage : public MmTest {
 protected:
  int insert(u64 page, ::page* what, u64 offset = 0) {
    return driver.code(vm_insert_page(*program.vma(0), program.addr(page) + offset, what));
  }

  /// As an ioctl would call it.
  int insert_locked(u64 page, ::page* what, u64 offset = 0) {
    EXPECT_EQ(sched::down_write(program.mm().mmap_lock), 0);
    const int code = insert(page, what, offset);
    sched::up_write(program.mm().mmap_lock);
    program.check();
    return code;
  }
};

TEST_F(InsertPage, B01_shared) {
  driver.insert_on_mmap(2);
  ASSERT_EQ(map_dev(0, 4, kRw, map::kShared, 5), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms sd mm ");
  EXPECT_EQ(program.pte(0), "P RW U A NX");
  EXPECT_EQ(program.mm().rss().file, 2);
  EXPECT_EQ(driver.refs(0), "2/1");
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(program.unmap(0, 4), 0);
  EXPECT_EQ(driver.refs(0), "1/0");
}

TEST_F(InsertPage, B03_B04_B05_B06_refusals) {
  driver.insert_on_mmap(1);
  ASSERT_EQ(map_dev(0, 6), 0);
  phys::Zones& zones = world.zones();
  EXPECT_EQ(insert_locked(0, driver.page(0)), -err::kBusy);
  EXPECT_EQ(insert_locked(0, driver.page(1)), -err::kBusy);
  EXPECT_EQ(insert_locked(1, driver.page(0)), 0) << "a second mapping of the same page";
  EXPECT_EQ(driver.refs(0), "3/2");
  EXPECT_EQ(insert_locked(6, driver.page(1)), -err::kFault);
  EXPECT_EQ(insert_locked(2, world.env().zero_page), -err::kInval);
  EXPECT_EQ(insert_locked(2, driver.block_page(1)), -err::kInval)
      << "nobody counts a tail of a plain block";
  ::page* const slab = zones.alloc_page(VMSIM_GFP_KERNEL);
  zones.set_kind(slab, phys::PageKind::kSlab);
  EXPECT_EQ(insert_locked(2, slab), -err::kInval);
  zones.put_page(slab);
  ::page* const compound = zones.alloc_pages(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_COMP, 2);
  EXPECT_EQ(insert_locked(3, compound + 1), 0);
  EXPECT_EQ(program.pte(3), "P RW U A NX");
  EXPECT_EQ(zones.page_count(compound), 2);
  EXPECT_EQ(insert_locked(4, driver.page(2), 8), 0) << "an unaligned address";
  EXPECT_EQ(program.pfn(4), driver.page_pfn(2));
  EXPECT_EQ(program.pte(2), "none");
  EXPECT_EQ(program.unmap(0, 6), 0);
  EXPECT_EQ(zones.page_count(compound), 1);
  zones.free_pages(compound, 2);
}

TEST_F(InsertPage, B07_flag_comes_with_the_write_lock) {
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(insert_locked(0, driver.page(0)), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms sd mm ");
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(insert(0, driver.page(0)), -err::kFault) << "a BUG without the lock";
  EXPECT_EQ(world.findings(), "insert-page-unlocked");
  EXPECT_EQ(driver.refs(0), "1/0");
}

TEST_F(InsertPage, B07_into_a_pfn_map) {
  driver.set_flags_on_mmap(vm::kPfnMap);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(insert_locked(0, driver.page(0)), -err::kFault);
  EXPECT_NE(driver.bug, "");
  EXPECT_EQ(world.findings(), "insert-page-pfnmap");
  EXPECT_EQ(driver.refs(0), "1/0");
}

TEST_F(InsertPage, B08_private) {
  driver.insert_on_mmap(2);
  ASSERT_EQ(map_dev(0, 2, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.flags(0), "rd wr mr mw me ac sd mm ");
  EXPECT_EQ(program.pte(0), "P U A NX");
  EXPECT_EQ(driver.refs(0), "2/1");
  EXPECT_EQ(program.wr(0, 0x1234), "ok");
  EXPECT_EQ(program.rd(0), "0x1234");
  EXPECT_EQ(driver.refs(0), "1/0");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(program.mm().rss().anon, 1);
  EXPECT_EQ(program.mm().rss().file, 1);
  EXPECT_EQ(driver.log(), "(none)");
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "P U D NX");
  EXPECT_EQ(child.pte(1), "P U NX");
  EXPECT_EQ(driver.refs(1), "3/2");
}

TEST_F(InsertPage, B11_untouched_page) {
  driver.insert_on_mmap(1);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(2), "SIGBUS/ADRERR@2");
  driver.use(ops::kAll | ops::kFault);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(2, 2), "SIGBUS/ADRERR@2+0x2");
  EXPECT_EQ(driver.log(), "fault(2)");
}

TEST_F(InsertPage, B12_vm_map_pages) {
  struct Case {
    Offset offset;
    u64 pages;
    u64 pgoff;
    int code;
    const char* first;
  };

  const Case cases[] = {
      {Offset::kVmPgoff, 8, 0, 0, "0x41414141"}, {Offset::kVmPgoff, 4, 0, 0, "0x41414141"},
      {Offset::kVmPgoff, 9, 0, -err::kNxIo, ""}, {Offset::kVmPgoff, 4, 4, 0, "0x45454545"},
      {Offset::kVmPgoff, 8, 1, -err::kNxIo, ""}, {Offset::kVmPgoff, 1, 7, 0, "0x48484848"},
      {Offset::kVmPgoff, 1, 8, -err::kNxIo, ""}, {Offset::kZero, 8, 0, 0, "0x41414141"},
      {Offset::kZero, 9, 0, -err::kNxIo, ""},    {Offset::kZero, 4, 4, 0, "0x41414141"},
      {Offset::kZero, 8, 1, 0, "0x41414141"},    {Offset::kZero, 1, 8, 0, "0x41414141"},
  };
  std::vector<::page*> pages;
  for (u64 i = 0; i < 8; ++i) pages.push_back(driver.page(i));
  for (const Case& c : cases) {
    driver.at_mmap = [&](Vma& vma) { return driver.code(vm_map_pages(vma, pages, c.offset)); };
    EXPECT_EQ(map_dev(0, c.pages, kRw, map::kShared, c.pgoff), c.code)
        << c.pages << " from " << c.pgoff;
    if (c.code == 0) {
      EXPECT_EQ(program.rd(0), c.first) << c.pages << " from " << c.pgoff;
    }
    program.unmap(0, 16);
  }
  driver.log();
}

TEST_F(InsertPage, vm_insert_pages_says_how_many_are_left) {
  driver.at_mmap = [&](Vma& vma) {
    EXPECT_TRUE(vm_insert_page(vma, vma.vm_start + 2 * kPageSize, driver.page(5)));
    ::page* const pages[] = {driver.page(0), driver.page(1), driver.page(2), driver.page(3)};
    u64 left = 0;
    EXPECT_EQ(driver.code(vm_insert_pages(vma, vma.vm_start, pages, left)), -err::kBusy);
    EXPECT_EQ(left, 2u);
    EXPECT_EQ(driver.code(vm_insert_pages(vma, vma.vm_start + 2 * kPageSize, pages, left)),
              -err::kFault);
    EXPECT_EQ(left, 4u);
    return 0;
  };
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(1), "0x42424242");
  EXPECT_EQ(program.rd(2), "0x46464646");
  EXPECT_EQ(program.pte(3), "none");
}

TEST_F(InsertPage, F6_one_page_in_several_areas) {
  driver.insert_on_mmap(1);
  for (const u64 page : {0u, 2u, 4u}) ASSERT_EQ(map_dev(page, 1), 0);
  EXPECT_EQ(driver.refs(0), "4/3");
  EXPECT_EQ(program.wr(0, 0xaa), "ok");
  EXPECT_EQ(program.rd(2), "0xaa");
  EXPECT_EQ(program.rd(4), "0xaa");
  EXPECT_EQ(program.unmap(2), 0);
  EXPECT_EQ(driver.refs(0), "3/2");
  driver.log();
}

class InsertPage61 : public MmTest61 {};

TEST_F(InsertPage61, G03_zero_page) {
  driver.at_mmap = [&](Vma& vma) {
    return driver.code(vm_insert_page(vma, vma.vm_start, world.env().zero_page));
  };
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.unmap(0), 0);
}

}  // namespace
}  // namespace vmsim::mm
