// SPDX-License-Identifier: MIT
// mprotect(2): the driver's veto, splitting, what happens to entries. Rows A06, A17 to A21, A51,
// D19, B09.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class Mprotect : public MmTest {
 protected:
  void map_remapped(u32 rights = kRw) {
    driver.remap_on_mmap(driver.block());
    ASSERT_EQ(map_dev(0, 4, rights, map::kShared, 5), 0);
  }
};

TEST_F(Mprotect, A06_read_only_becomes_writable) {
  map_remapped(kRo);
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  EXPECT_EQ(program.wr(0, 1), "SIGSEGV/ACCERR@0");
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(protect_log(0, 4, kRw), "mprotect([0,4) vma@0 to rw-)=0");
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX");
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.pte(0), "P RW U A D SPECIAL NX");
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, 0x8000000000000027);
}

TEST_F(Mprotect, A17_middle) {
  map_remapped();
  EXPECT_EQ(protect_log(1, 1, kRo),
            "mprotect([1,2) vma@0 to r--)=0 may_split([0,4) at 1)=0 open([0,1) off=5 fc=3) "
            "may_split([1,4) at 2)=0 open([2,4) off=7 fc=4)");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 5 | [1,2) r--s 6 | [2,4) rw-s 7");
  EXPECT_EQ(program.pte(1), "P U A SPECIAL NX");
  EXPECT_EQ(program.rd(1), "0x1001");
  EXPECT_EQ(program.wr(1, 1), "SIGSEGV/ACCERR@1");
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.wr(2, 1), "ok");
}

TEST_F(Mprotect, A17_head_and_tail) {
  map_remapped();
  EXPECT_EQ(protect_log(0, 1, kRo),
            "mprotect([0,1) vma@0 to r--)=0 may_split([0,4) at 1)=0 open([1,4) off=6 fc=3)");
  EXPECT_EQ(protect_log(3, 1, kRo),
            "mprotect([3,4) vma@1 to r--)=0 may_split([1,4) at 3)=0 open([1,3) off=6 fc=4)");
  EXPECT_EQ(program.layout(), "[0,1) r--s 5 | [1,3) rw-s 6 | [3,4) r--s 8");
}

TEST_F(Mprotect, A18_does_not_merge_back) {
  map_remapped();
  protect_log(1, 1, kRo);
  EXPECT_EQ(protect_log(1, 1, kRw), "mprotect([1,2) vma@1 to rw-)=0");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 5 | [1,2) rw-s 6 | [2,4) rw-s 7");
}

TEST_F(Mprotect, A18_not_even_without_ops) {
  driver.leave_ops = true;
  map_remapped();
  EXPECT_EQ(protect_log(1, 1, kRo), "(none)");
  EXPECT_EQ(protect_log(1, 1, kRw), "(none)");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 5 | [1,2) rw-s 6 | [2,4) rw-s 7");
}

TEST_F(Mprotect, A19_several_areas_and_none) {
  map_remapped();
  protect_log(1, 1, kRo);
  EXPECT_EQ(protect_log(0, 4, 0),
            "mprotect([0,1) vma@0 to ---)=0 mprotect([1,2) vma@1 to ---)=0 mprotect([2,4) vma@2 to "
            "---)=0");
  EXPECT_EQ(program.rd(0), "SIGSEGV/ACCERR@0");
  EXPECT_EQ(program.pte(0), "A PROTNONE SPECIAL");
  EXPECT_EQ(program.pfn(0), driver.block());
  EXPECT_EQ(program.entry(0).bits & mmu::Pte::kPfnMask,
            ~(driver.block() << kPageShift) & mmu::Pte::kPfnMask)
      << "stored inverted";
  EXPECT_EQ(program.layout(), "[0,1) ---s 5 | [1,2) ---s 6 | [2,4) ---s 7");
  EXPECT_EQ(protect_log(0, 1, kRw), "mprotect([0,1) vma@0 to rw-)=0");
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX");
  EXPECT_EQ(program.rd(0), "0x1000");
}

TEST_F(Mprotect, A20_driver_refuses) {
  map_remapped();
  driver.protect_says = -err::kAcces;
  EXPECT_EQ(protect_log(1, 1, kRo), "-13 mprotect([1,2) vma@0 to r--)=-13");
  EXPECT_EQ(program.layout(), "[0,4) rw-s 5");
  EXPECT_EQ(program.wr(1, 1), "ok");
}

TEST_F(Mprotect, A21_may_write_cleared) {
  driver.at_mmap = [&](Vma& vma) {
    vma.__vm_flags &= ~vm::kMayWrite;
    return driver.code(remap_pfn_range(vma, vma.vm_start, Pfn(driver.block()), 2 * kPageSize,
                                       vma.vm_page_prot.pgprot));
  };
  ASSERT_EQ(map_dev(0, 2, kRo), 0);
  EXPECT_EQ(protect_log(0, 2, kRw), "-13 (none)");
}

TEST_F(Mprotect, A33_hole_in_the_middle) {
  map_remapped();
  unmap_log(2, 1);
  EXPECT_EQ(protect_log(0, 4, kRo), "-12 mprotect([0,2) vma@0 to r--)=0");
  EXPECT_EQ(program.layout(), "[0,2) r--s 5 | [3,4) rw-s 8") << "the part before the hole is done";
  EXPECT_EQ(program.protect(2, 1, kRo), -err::kNoMem);
}

TEST_F(Mprotect, D19_arguments) {
  map_dev(0, 4);
  Mm& mm = program.mm();
  EXPECT_EQ(code_of(mm.mprotect(program.addr(0), 0, kRo)), 0);
  EXPECT_EQ(code_of(mm.mprotect(program.addr(0) + 1, kPageSize, kRo)), -err::kInval);
  EXPECT_EQ(code_of(mm.mprotect(program.addr(0), kPageSize, kRw | prot::kGrowsDown)), -err::kInval);
  EXPECT_EQ(code_of(mm.mprotect(program.addr(0), kPageSize, 0x100)), -err::kInval);
  EXPECT_EQ(code_of(mm.mprotect(program.addr(20), kPageSize, kRo)), -err::kNoMem);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(protect_log(0, 1, kRw), "mprotect([0,1) vma@0 to rw-)=0") << "the same rights again";
  EXPECT_EQ(program.layout(), "[0,4) rw-s 0");
}

TEST_F(Mprotect, X04_context) {
  map_remapped();
  driver.with_context = true;
  EXPECT_EQ(protect_log(1, 1, kRo),
            "mprotect([1,2) vma@0 to r--)=0{WRITE pte0=1 intree=1} may_split([0,4) at 1)=0{WRITE "
            "pte0=1 intree=1} "
            "open([0,1) off=5 fc=3){WRITE pte0=1 intree=other} may_split([1,4) at 2)=0{WRITE "
            "pte0=1 intree=1} "
            "open([2,4) off=7 fc=4){WRITE pte0=1 intree=other}");
}

TEST_F(Mprotect, B09_inserted_page) {
  driver.insert_on_mmap(2);
  ASSERT_EQ(map_dev(0, 2, kRo), 0);
  EXPECT_EQ(program.pte(0), "P U A NX");
  EXPECT_EQ(program.wr(0, 1), "SIGSEGV/ACCERR@0");
  EXPECT_EQ(program.protect(0, 2, kRw), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
}

TEST_F(Mprotect, A51_pfn_mkwrite_after_read_only) {
  driver.use(ops::kAll | ops::kPfnMkwrite);
  driver.full_faults = true;
  map_remapped(kRo);
  EXPECT_EQ(program.rd(0), "0x1000");
  program.protect(0, 4, kRw);
  driver.log();
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, 0x8000000000000025);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(driver.log(), "pfn_mkwrite(0 pgoff=5 fl=WR|MKW|ARETRY|KILLABLE|USER|INTR|ORIGPTE)=0");
  EXPECT_EQ(program.wr(0, 2), "ok");
  EXPECT_EQ(driver.log(), "(none)");
  program.protect(0, 4, kRo);
  program.protect(0, 4, kRw);
  driver.log();
  EXPECT_EQ(program.pte(0), "P RW U A D SPECIAL NX") << "a dirty entry is writable at once";
  EXPECT_EQ(program.pte(1), "P U A SPECIAL NX");
  EXPECT_EQ(program.wr(0, 3), "ok");
  EXPECT_EQ(driver.log(), "(none)");
  driver.mkwrite_says = vm_fault_code::kSigBus;
  EXPECT_EQ(program.wr(1, 3), "SIGBUS/ADRERR@1");
  EXPECT_EQ(driver.log(),
            "pfn_mkwrite(1 pgoff=6 fl=WR|MKW|ARETRY|KILLABLE|USER|INTR|ORIGPTE)=SIGBUS");
}

TEST_F(Mprotect, C30_none_roundtrip_keeps_pages) {
  driver.use(ops::kAll | ops::kFault);
  driver.give_pages();
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  driver.log();
  EXPECT_EQ(program.protect(0, 2, 0), 0);
  EXPECT_EQ(program.rd(0), "SIGSEGV/ACCERR@0");
  EXPECT_EQ(program.protect(0, 2, kRw), 0);
  EXPECT_EQ(program.rd(0), "0x1");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(driver.log(), "mprotect([0,2) vma@0 to ---)=0 mprotect([0,2) vma@0 to rw-)=0");
}

TEST_F(Mprotect, anonymous_cow_stays_copy_on_write) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.wr(1, 5), "ok");
  EXPECT_EQ(program.protect(0, 2, kRo), 0);
  EXPECT_EQ(program.wr(1, 6), "SIGSEGV/ACCERR@1");
  EXPECT_EQ(program.protect(0, 2, kRw), 0);
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX") << "the zero page is never writable";
  EXPECT_EQ(program.wr(0, 7), "ok");
  EXPECT_EQ(program.wr(1, 8), "ok");
  EXPECT_EQ(program.rd(0), "0x7");
  EXPECT_EQ(program.rd(1), "0x8");
}

TEST_F(Mprotect, private_write_is_accounted_when_allowed) {
  vfs::File* const file = driver.open(vfs::kORdOnly);
  ASSERT_EQ(program.map(0, 1, kRo, map::kPrivate, file), 0);
  EXPECT_EQ(program.flags(0), "rd mr mw me sd ");
  EXPECT_EQ(program.protect(0, 1, kRw), 0);
  EXPECT_EQ(program.flags(0), "rd wr mr mw me ac sd ");
}

TEST_F(Mprotect, PROT_GROWSDOWN_on_a_stack) {
  ASSERT_EQ(program.map(0, 4, kRw, map::kPrivate | map::kAnonymous | map::kGrowsDown), 0);
  EXPECT_EQ(code_of(program.mm().mprotect(program.addr(1), kPageSize, kRo | prot::kGrowsDown)), 0);
  program.check();
  EXPECT_EQ(program.layout(), "[0,2) r--p | [2,4) rw-p") << "from the lower end of the area on";
}

}  // namespace
}  // namespace vmsim::mm
