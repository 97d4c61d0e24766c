// SPDX-License-Identifier: MIT
// remap_pfn_range() and vm_iomap_memory(), and dropping what they mapped. Rows A01 to A05, A39 to
// A53.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

constexpr u64 kNx = u64{1} << 63;

class Remap : public MmTest {
 protected:
  int remap(u64 page, u64 frame, u64 bytes) {
    Vma& vma = *program.vma(0);
    return driver.code(
        remap_pfn_range(vma, program.addr(page), Pfn(frame), bytes, vma.vm_page_prot.pgprot));
  }
};

TEST_F(Remap, A01_A02_ram) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(program.map(0, 4, kRw, map::kShared, driver.file(), 5), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf io de ar dd sd ");
  EXPECT_EQ(program.layout(), "[0,4) rw-s 5");
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, kNx | 0x27);
  for (u64 page = 0; page < 4; ++page) {
    EXPECT_EQ(program.pte(page), "P RW U A SPECIAL NX");
    EXPECT_EQ(program.pfn(page), driver.block() + page);
    EXPECT_EQ(program.rd(page), fmt::format("{:#x}", 0x1000 + page));
  }
  EXPECT_EQ(program.wr(1, 0x77), "ok");
  EXPECT_EQ(program.pte(1), "P RW U A D SPECIAL NX");
  EXPECT_EQ(driver.peek(driver.block() + 1), 0x77u);
  EXPECT_EQ(driver.block_page(1)->_refcount.counter, 0) << "the struct page is not touched";
  EXPECT_EQ(driver.block_page(1)->_mapcount.counter, 0);
  EXPECT_EQ(program.mm().rss().total(), 0);
  EXPECT_EQ(unmap_log(0, 4), "MMAP([0,4)) close([0,4) off=5 fc=2)");
  EXPECT_EQ(world.findings(), "");
}

TEST_F(Remap, A01_reserved_memory) {
  driver.poke(kReservedPfn + 1, 0xabcd);
  driver.remap_on_mmap(kReservedPfn);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf io de ar dd sd ");
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX") << "write-back, as memory is";
  EXPECT_EQ(program.rd(1), "0xabcd");
}

TEST_F(Remap, A02_device_is_uncached) {
  driver.remap_on_mmap(kMmioPfn);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, kNx | 0x27);
  EXPECT_EQ(program.pte(0), "P RW U PCD A SPECIAL NX");
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.wr(1, 5), "ok");
  EXPECT_EQ(program.pte(1), "P RW U PCD A D SPECIAL NX");
}

TEST_F(Remap, A04_cache_types) {
  driver.remap_on_mmap(kMmioPfn, kCacheUncachedMinus);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, kNx | 0x37);
  EXPECT_EQ(program.pte(0), "P RW U PCD A SPECIAL NX");
  EXPECT_EQ(program.unmap(0), 0);
  driver.remap_on_mmap(kMmioPfn, kCacheWriteCombine);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, kNx | 0x2f);
  EXPECT_EQ(program.pte(0), "P RW U PWT A SPECIAL NX");
  EXPECT_EQ(world.findings(), "");
}

TEST_F(Remap, A04_uncached_ram_is_cached) {
  driver.remap_on_mmap(driver.block(), kCacheUncachedMinus);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, kNx | 0x37);
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX");
  EXPECT_EQ(world.findings(), "pat-ram");
}

TEST_F(Remap, A04_alias_takes_the_first_type) {
  driver.remap_on_mmap(kReservedPfn, kCacheUncachedMinus);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.pte(0), "P RW U PCD A SPECIAL NX");
  driver.remap_on_mmap(kReservedPfn);
  ASSERT_EQ(map_dev(4, 1), 0);
  EXPECT_EQ(program.pte(4), "P RW U PCD A SPECIAL NX");
  EXPECT_EQ(program.vma(4)->vm_page_prot.pgprot, kNx | 0x27);
  EXPECT_EQ(program.unmap(0), 0);
  EXPECT_EQ(program.unmap(4), 0);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX") << "forgotten with the last mapping";
}

TEST_F(Remap, A37_copies_to_and_from_user) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 2), 0);
  const VirtAddr at(program.addr(1));
  u32 value = 0;
  EXPECT_EQ(world.cpu().copy_from_partial(program.mm().space(), at,
                                          std::as_writable_bytes(std::span(&value, 1))),
            0u);
  EXPECT_EQ(value, 0x1001u);
  value = 0x55;
  EXPECT_EQ(
      world.cpu().copy_to_partial(program.mm().space(), at, std::as_bytes(std::span(&value, 1))),
      0u);
  EXPECT_EQ(driver.peek(driver.block() + 1), 0x55u);
  std::byte pages[2 * kPageSize] = {};
  EXPECT_EQ(world.cpu().copy_to_partial(program.mm().space(), at, pages), kPageSize)
      << "the second page is nowhere";
}

TEST_F(Remap, A39_private) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 4, kRw, map::kPrivate, 7), 0);
  EXPECT_EQ(driver.seen_pgoff, 7u);
  EXPECT_EQ(program.vma(0)->vm_pgoff, driver.block()) << "the offset is the frame number now";
  EXPECT_EQ(program.flags(0), "rd wr mr mw me pf io de ac ar dd sd ");
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.wr(0, 0xbeef), "ok");
  EXPECT_EQ(program.rd(0), "0xbeef");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(program.pte(1), "P U A SPECIAL NX");
  EXPECT_EQ(driver.peek(driver.block()), 0x1000u);
  EXPECT_EQ(program.mm().rss().anon, 1);
  EXPECT_EQ(
      unmap_log(0, 1),
      fmt::format("may_split([0,4) at 1)=0 open([1,4) off={:x} fc=3) close([0,1) off={:x} fc=3)",
                  driver.block() + 1, driver.block()));
  EXPECT_EQ(program.vma(1)->vm_pgoff, driver.block() + 1);
  EXPECT_EQ(program.wr(1, 5), "ok") << "the rest still copies";
  EXPECT_EQ(program.pte(1), "P RW U A D NX");
}

TEST_F(Remap, A40_private_in_part) {
  for (const u32 rights : {kRw, kRo}) {
    driver.remap_part_on_mmap(0, 2 * kPageSize);
    EXPECT_EQ(program.map(0, 4, rights, map::kPrivate, driver.file()), -err::kInval);
    driver.remap_part_on_mmap(2 * kPageSize, 2 * kPageSize);
    EXPECT_EQ(program.map(0, 4, rights, map::kPrivate, driver.file()), -err::kInval);
  }
  EXPECT_EQ(program.layout(), "");
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 4, kRo, map::kPrivate), 0);
  EXPECT_EQ(program.protect(0, 4, kRw), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(program.flags(0), "rd wr mr mw me pf io de ac ar dd sd ");
  driver.log();
}

TEST_F(Remap, A41_private_copies_of_what_has_no_struct_page) {
  driver.poke(kReservedPfn, 0x64636261);
  driver.remap_on_mmap(kReservedPfn);
  ASSERT_EQ(map_dev(0, 1, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.rd(0), "0x64636261");
  EXPECT_EQ(program.wr(0, 7, 4), "ok");
  EXPECT_EQ(program.rd(0), "0x64636261");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  driver.remap_on_mmap(kMmioPfn);
  ASSERT_EQ(map_dev(4, 1, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.wr(4, 7), "ok");
  EXPECT_EQ(program.rd(4), "0x7");
  EXPECT_EQ(program.rd(4, 4), "0x0");
  EXPECT_EQ(program.pte(4), "P RW U PCD A D NX") << "even the copy keeps the cache type";
}

TEST_F(Remap, A42_holes) {
  driver.remap_part_on_mmap(0, 2 * kPageSize);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf io de dd sd ")
      << "no ar: not the whole area";
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.rd(2), "SIGBUS/ADRERR@2");
  EXPECT_EQ(program.wr(3, 1), "SIGBUS/ADRERR@3");
  driver.leave_ops = true;
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(2), "SIGBUS/ADRERR@2");
  EXPECT_EQ(program.pte(2), "none");
  driver.leave_ops = false;
  driver.use(ops::kAll | ops::kFault);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(2), "SIGBUS/ADRERR@2");
  EXPECT_EQ(driver.log(), "fault(2)");
}

TEST_F(Remap, A42_nothing_mapped_at_all) {
  driver.leave_ops = true;
  for (const u32 type : {map::kShared, map::kPrivate}) {
    ASSERT_EQ(map_dev(0, 4, kRw, type), 0);
    EXPECT_EQ(program.rd(0), "SIGBUS/ADRERR@0");
    EXPECT_EQ(program.wr(0, 1), "SIGBUS/ADRERR@0");
    EXPECT_EQ(program.pte(0), "none");
  }
}

TEST_F(Remap, A43_unaligned_address) {
  driver.remap_part_on_mmap(8, kPageSize);
  EXPECT_EQ(program.map(0, 4, kRw, map::kShared, driver.file()), -err::kInval);
  EXPECT_EQ(world.findings(), "remap-unaligned");
  driver.log();
}

TEST_F(Remap, A44_size_is_rounded_up) {
  driver.remap_part_on_mmap(0, kPageSize + 100);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(1), "0x1001");
  EXPECT_EQ(program.rd(2), "SIGBUS/ADRERR@2");
  driver.remap_part_on_mmap(0, 100);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.rd(1), "SIGBUS/ADRERR@1");
}

TEST_F(Remap, A45_size_zero_is_a_bug) {
  driver.remap_part_on_mmap(0, 0);
  EXPECT_EQ(program.map(0, 4, kRw, map::kShared, driver.file()), -err::kFault);
  EXPECT_NE(driver.bug, "");
  EXPECT_EQ(world.findings(), "remap-empty");
  driver.log();
}

TEST_F(Remap, A46_twice_is_a_bug) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(remap(0, driver.block(), kPageSize), -err::kFault);
  EXPECT_NE(driver.bug, "");
  EXPECT_EQ(world.findings(), "remap-twice");
  EXPECT_EQ(program.rd(0), "0x1000");
}

TEST_F(Remap, A48_frame_number_is_truncated) {
  driver.remap_on_mmap((u64{1} << 45) + driver.block());
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.pfn(0), driver.block());
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(world.findings(), "pfn-truncated");
}

TEST_F(Remap, A49_beside_inserted_pages) {
  driver.insert_on_mmap(1);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(remap(1, driver.block() + 4, kPageSize), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf io de dd sd mm ");
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(program.rd(1), "0x1004");
  EXPECT_EQ(driver.refs(0), "2/1");
  EXPECT_EQ(program.unmap(0, 2), 0);
  EXPECT_EQ(driver.refs(0), "1/0");
  driver.log();
}

TEST_F(Remap, A50_vm_iomap_memory) {
  const auto iomap = [&](u64 pages, u64 pgoff, u64 bytes) {
    driver.at_mmap = [this, bytes](Vma& vma) {
      return driver.code(vm_iomap_memory(vma, Pfn(kReservedPfn).addr(), bytes));
    };
    return map_dev(0, pages, kRw, map::kShared, pgoff);
  };
  EXPECT_EQ(iomap(4, 0, 4 * kPageSize), 0);
  EXPECT_EQ(iomap(4, 1, 4 * kPageSize), -err::kInval);
  EXPECT_EQ(iomap(2, 2, 4 * kPageSize), 0);
  EXPECT_EQ(program.pfn(0), kReservedPfn + 2);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf io de ar dd sd ");
  EXPECT_EQ(iomap(1, 4, 4 * kPageSize), -err::kInval);
  EXPECT_EQ(iomap(1, 5, 4 * kPageSize), -err::kInval);
  EXPECT_EQ(iomap(1, 0, 100), 0);
  EXPECT_EQ(iomap(2, 0, 100), -err::kInval);
}

TEST_F(Remap, A51_pfn_mkwrite_and_entries_of_the_handler) {
  driver.use(ops::kAll | ops::kPfnMkwrite);
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, kNx | 0x25) << "after the handler";
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX") << "written by the handler, so never asked";
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(driver.log(), "(none)");
}

TEST_F(Remap, A51_pfn_mkwrite_of_read_only_entries) {
  driver.use(ops::kAll | ops::kPfnMkwrite);
  driver.at_mmap = [&](Vma& vma) {
    return driver.code(remap_pfn_range(vma, vma.vm_start, Pfn(driver.block()),
                                       vma.vm_end - vma.vm_start,
                                       vma.vm_page_prot.pgprot & ~mmu::Pte::kWrite));
  };
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.pte(0), "P RW U A D SPECIAL NX");
  EXPECT_EQ(driver.log(), "pfn_mkwrite(0)");
  driver.mkwrite_says = vm_fault_code::kSigBus;
  EXPECT_EQ(program.wr(1, 1), "SIGBUS/ADRERR@1");
  EXPECT_EQ(program.rd(1), "0x1001");
  driver.log();
}

TEST_F(Remap, A53_unmap_mapping_range) {
  driver.use(ops::kAll | ops::kFault);
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.rd(1), "0x1001") << "in the TLB from here on";
  unmap_mapping_range(world.env(), *driver.file()->f_mapping, kPageSize, 2 * kPageSize,
                      Mm::Cows::kZapToo);
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.rd(1), "SIGBUS/ADRERR@1");
  EXPECT_EQ(program.pte(2), "none");
  EXPECT_EQ(program.rd(3), "0x1003");
  EXPECT_EQ(driver.log(), "fault(1)");
  zap_vma_ptes(*program.vma(0), program.addr(0), kPageSize);
  EXPECT_EQ(program.rd(0), "SIGBUS/ADRERR@0");
  EXPECT_EQ(driver.log(), "fault(0)");
  zap_vma_ptes(*program.vma(0), program.addr(3), 2 * kPageSize);
  EXPECT_EQ(program.rd(3), "0x1003") << "a range that leaves the area is ignored";
}

TEST_F(Remap, A53_even_cows) {
  driver.use(ops::kAll | ops::kFault);
  driver.give_pages();
  ASSERT_EQ(map_dev(0, 2, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(program.wr(1, 5), "ok");
  const u64 copy = program.pfn(1);
  unmap_mapping_range(world.env(), *driver.file()->f_mapping, 0, 0, Mm::Cows::kKeep);
  program.check();
  EXPECT_EQ(program.pte(0), "none");
  EXPECT_EQ(program.pfn(1), copy);
  unmap_mapping_range(world.env(), *driver.file()->f_mapping, 0, 0, Mm::Cows::kZapToo);
  program.check();
  EXPECT_EQ(program.pte(1), "none");
  driver.log();
  EXPECT_EQ(program.rd(1), "0x42424242");
  EXPECT_EQ(driver.log(), "fault(1)");
}

TEST_F(Remap, A53_every_process_and_area) {
  driver.use(ops::kAll | ops::kFault);
  driver.give_pages();
  ASSERT_EQ(map_dev(0, 2, kRw, map::kShared, 0), 0);
  ASSERT_EQ(map_dev(4, 2, kRw, map::kShared, 1), 0);
  Program child = program.fork();
  for (const Program* who : {&program, &child}) {
    for (const u64 page : {0u, 1u, 4u, 5u}) who->rd(page);
  }
  EXPECT_EQ(driver.refs(1), "5/4");
  unmap_mapping_range(world.env(), *driver.file()->f_mapping, kPageSize, kPageSize,
                      Mm::Cows::kZapToo);
  EXPECT_EQ(driver.refs(0), "3/2");
  EXPECT_EQ(driver.refs(1), "1/0");
  EXPECT_EQ(driver.refs(2), "3/2");
  program.check();
  child.check();
}

}  // namespace
}  // namespace vmsim::mm
