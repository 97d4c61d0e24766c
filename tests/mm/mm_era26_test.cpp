// SPDX-License-Identifier: MIT
// What 2.6.10 on x86-32 does otherwise: remap_pfn_range of RAM that is not reserved, nopage,
// merging after f_op->mmap, entries copied at fork. From its documentation; not observed.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class Era26 : public MmTest26 {};

TEST_F(Era26, remap_of_unreserved_ram_shows_zeroes) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(world.findings(), "remap-unreserved-ram");
  EXPECT_EQ(program.pte(0), "none");
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.pfn(0), world.env().zero_pfn().value);
  EXPECT_EQ(driver.peek(driver.block()), 0x1000u);
  EXPECT_TRUE(program.vma(0)->has(vm::kReserved26));
  EXPECT_TRUE(program.vma(0)->has(vm::kIo));
  EXPECT_FALSE(program.vma(0)->has(vm::kPfnMap));
}

TEST_F(Era26, remap_of_reserved_pages) {
  driver.poke(kReservedPagePfn, 0xabc);
  driver.remap_on_mmap(kReservedPagePfn);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(world.findings(), "");
  EXPECT_EQ(program.rd(0), "0xabc");
  EXPECT_EQ(program.wr(0, 0xdef), "ok");
  EXPECT_EQ(driver.peek(kReservedPagePfn), 0xdefu);
  EXPECT_EQ(program.mm().rss().total(), 0);
}

TEST_F(Era26, set_page_reserved_is_the_way) {
  for (u64 i = 0; i < 2; ++i) driver.page(i)->flags |= 1ul << PG_reserved;
  driver.at_mmap = [&](Vma& vma) {
    for (u64 i = 0; i < 2; ++i) {
      const int code =
          driver.code(remap_pfn_range(vma, vma.vm_start + (i << kPageShift),
                                      Pfn(driver.page_pfn(i)), kPageSize, vma.vm_page_prot.pgprot));
      if (code != 0) return code;
    }
    return 0;
  };
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(world.findings(), "");
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(program.rd(1), "0x42424242");
  EXPECT_EQ(driver.refs(0), "1/0") << "reserved pages are not counted";
  EXPECT_EQ(program.unmap(0, 2), 0);
  for (u64 i = 0; i < 2; ++i) driver.page(i)->flags &= ~(1ul << PG_reserved);
  driver.log();
}

TEST_F(Era26, remap_of_a_device) {
  driver.remap_on_mmap(kMmioPfn);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.pfn(0), kMmioPfn);
}

TEST_F(Era26, remap_twice) {
  driver.remap_on_mmap(kReservedPagePfn);
  ASSERT_EQ(map_dev(0, 2), 0);
  Vma& vma = *program.vma(0);
  EXPECT_EQ(driver.code(remap_pfn_range(vma, vma.vm_start, Pfn(kReservedPagePfn), kPageSize,
                                        vma.vm_page_prot.pgprot)),
            -err::kFault);
  EXPECT_EQ(world.findings(), "remap-twice");
}

TEST_F(Era26, nopage) {
  driver.use(ops::kAll | ops::kNopage);
  ASSERT_EQ(map_dev(0, 10), 0);
  EXPECT_EQ(program.rd(1), "0x42424242");
  EXPECT_EQ(driver.log(), "nopage(1)");
  EXPECT_EQ(driver.refs(1), "2/1");
  EXPECT_EQ(program.wr(1, 7), "ok");
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(program.wr(2, 8), "ok");
  EXPECT_EQ(driver.log(), "nopage(2)");
  EXPECT_EQ(driver.peek(driver.page_pfn(2)), 8u);
  EXPECT_EQ(program.rd(8), "SIGBUS/ADRERR@8") << "NOPAGE_SIGBUS";
  EXPECT_EQ(driver.log(), "nopage(8)");
  program.check();
  EXPECT_EQ(program.unmap(0, 10), 0);
  EXPECT_EQ(driver.refs(1), "1/0");
}

TEST_F(Era26, nopage_private) {
  driver.use(ops::kAll | ops::kNopage);
  ASSERT_EQ(map_dev(0, 4, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.wr(0, 7), "ok");
  EXPECT_EQ(driver.log(), "nopage(0)");
  EXPECT_EQ(driver.refs(0), "1/0");
  EXPECT_EQ(program.rd(0, 4), "0x41414141");
  EXPECT_EQ(program.rd(1), "0x42424242");
  EXPECT_EQ(program.wr(1, 9), "ok");
  EXPECT_EQ(driver.log(), "nopage(1)");
  EXPECT_EQ(driver.refs(1), "1/0");
  EXPECT_EQ(driver.peek(driver.page_pfn(1)), 0x42424242u);
  program.check();
}

TEST_F(Era26, merge_after_the_driver) {
  driver.use(ops::kOpen | ops::kNopage);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.map(2, 2, kRw, map::kShared, driver.file(), 2), 0);
  EXPECT_EQ(driver.log(), "MMAP([2,4))") << "the driver is asked, and then there is one area";
  EXPECT_EQ(program.layout(), "[0,4) rw-s 0");
  EXPECT_EQ(driver.file()->count(), 2);
}

TEST_F(Era26, close_prevents_merging) {
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.map(2, 2, kRw, map::kShared, driver.file(), 2), 0);
  EXPECT_EQ(driver.log(), "MMAP([2,4))");
  EXPECT_EQ(program.layout(), "[0,2) rw-s 0 | [2,4) rw-s 2");
}

TEST_F(Era26, fork_copies_every_entry) {
  driver.use(ops::kAll | ops::kNopage);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  driver.log();
  Program child = program.fork();
  EXPECT_EQ(driver.log(), "open([0,2) off=0 fc=3)");
  EXPECT_EQ(child.rd(0), "0x41414141");
  EXPECT_EQ(driver.log(), "(none)") << "no second call of nopage";
  EXPECT_EQ(driver.refs(0), "3/2");
}

TEST_F(Era26, anonymous_memory) {
  ASSERT_EQ(program.map_anon(0, 3), 0);
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.wr(1, 2), "ok");
  Program child = program.fork();
  EXPECT_EQ(child.wr(0, 5), "ok");
  EXPECT_EQ(program.rd(0), "0x1");
  EXPECT_EQ(program.wr(1, 6), "ok");
  EXPECT_EQ(child.rd(1), "0x2");
  EXPECT_EQ(program.ex(0), "ok") << "no NX bit";
  EXPECT_EQ(program.rd(0), "0x1");
}

TEST_F(Era26, first_area_is_the_head_of_a_list) {
  ASSERT_EQ(program.map_anon(4, 1, kRo), 0);
  ASSERT_EQ(map_dev(0, 1), 0);
  ASSERT_EQ(program.map_anon(8, 1), 0);
  std::string text;
  for (const ::vm_area_struct* area = program.mm().mm_struct::mmap; area; area = area->vm_next) {
    text += fmt::format("{} ", (area->vm_start - program.base()) >> kPageShift);
  }
  EXPECT_EQ(text, "0 4 8 ");
}

}  // namespace
}  // namespace vmsim::mm
