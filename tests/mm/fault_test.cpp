// SPDX-License-Identifier: MIT
// Page faults: fault handlers that give pages or frames, page_mkwrite, fault-around, rights. Rows
// C01 to C09, C18 to C24, A52, X03, G05.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

namespace vmf = vm_fault_code;

class Fault : public MmTest {
 protected:
  void SetUp() override {
    driver.use(ops::kAll | ops::kFault);
    driver.give_pages();
  }

  /// Result of an access, and what the driver was asked for it.
  std::string read(u64 page, u64 offset = 0) {
    const std::string got = program.rd(page, offset);
    return got + " " + driver.log();
  }

  std::string write(u64 page, u32 value = 1, u64 offset = 0) {
    const std::string done = program.wr(page, value, offset);
    return done + " " + driver.log();
  }
};

TEST_F(Fault, C01_page_shared) {
  ASSERT_EQ(map_dev(0, 6, kRw, map::kShared, 3), 0);
  EXPECT_EQ(read(0), "0x44444444 fault(0)");
  EXPECT_EQ(program.pte(0), "P RW U A NX");
  EXPECT_EQ(read(0), "0x44444444 (none)");
  EXPECT_EQ(write(0), "ok (none)");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(write(1), "ok fault(1 W)");
  EXPECT_EQ(program.pte(1), "P RW U A D NX");
  EXPECT_EQ(driver.refs(3), "2/1");
  EXPECT_EQ(driver.refs(4), "2/1");
  EXPECT_EQ(program.mm().rss().file, 2);
  EXPECT_EQ(read(2), "0x46464646 fault(2)") << "C09: no fault-around without map_pages";
  program.unmap(0, 6);
  EXPECT_EQ(driver.refs(3), "1/0");
  EXPECT_EQ(program.mm().rss().total(), 0);
}

TEST_F(Fault, C02_page_private) {
  ASSERT_EQ(map_dev(0, 6, kRw, map::kPrivate, 3), 0);
  EXPECT_EQ(read(0), "0x44444444 fault(0)");
  EXPECT_EQ(program.pte(0), "P U A NX");
  EXPECT_EQ(program.pfn(0), driver.page_pfn(3));
  EXPECT_EQ(write(0), "ok (none)") << "the copy is the core's affair";
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_NE(program.pfn(0), driver.page_pfn(3));
  EXPECT_EQ(driver.refs(3), "1/0");
  EXPECT_EQ(program.rd(0), "0x1");
  EXPECT_EQ(program.rd(0, 4), "0x44444444");
  EXPECT_EQ(driver.peek(driver.page_pfn(3)), 0x44444444u);
  EXPECT_EQ(write(1), "ok fault(1 W)");
  EXPECT_EQ(driver.refs(4), "1/0");
  EXPECT_EQ(program.rd(1, 8), "0x45454545");
  EXPECT_EQ(program.mm().rss().anon, 2);
  EXPECT_EQ(program.mm().rss().file, 0);
}

TEST_F(Fault, C03_locked_pages_are_unlocked) {
  driver.give_pages(vmf::kLocked);
  ASSERT_EQ(map_dev(0, 4), 0);
  ASSERT_EQ(map_dev(4, 4, kRw, map::kPrivate), 0);
  EXPECT_EQ(read(0), "0x41414141 fault(0)");
  EXPECT_EQ(write(1), "ok fault(1 W)");
  EXPECT_EQ(write(6), "ok fault(6 W)");
  for (u64 i = 0; i < 3; ++i) EXPECT_EQ(driver.page(i)->flags >> PG_locked & 1, 0u) << i;
  EXPECT_EQ(driver.refs(2), "1/0");
}

TEST_F(Fault, C04_insert_pfn_of_ram) {
  driver.set_flags_on_mmap(vm::kPfnMap);
  driver.give_pfns(driver.block());
  ASSERT_EQ(map_dev(0, 6, kRw, map::kShared, 3), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms pf sd ");
  EXPECT_EQ(read(0), "0x1003 fault(0)");
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX");
  EXPECT_EQ(write(0), "ok (none)");
  EXPECT_EQ(program.pte(0), "P RW U A D SPECIAL NX");
  EXPECT_EQ(write(1), "ok fault(1 W)");
  EXPECT_EQ(program.pte(1), "P RW U A D SPECIAL NX");
  EXPECT_EQ(read(2), "0x1005 fault(2)");
  EXPECT_EQ(program.mm().rss().total(), 0);
  EXPECT_EQ(driver.block_page(3)->_mapcount.counter, 0);
}

TEST_F(Fault, C04_insert_pfn_of_reserved_memory_is_uncached) {
  driver.set_flags_on_mmap(vm::kPfnMap);
  driver.give_pfns(kReservedPfn);
  ASSERT_EQ(map_dev(0, 6, kRw, map::kShared, 3), 0);
  EXPECT_EQ(read(0), "0x0 fault(0)");
  EXPECT_EQ(program.pte(0), "P RW U PCD A SPECIAL NX");
  EXPECT_EQ(program.pfn(0), kReservedPfn + 3);
}

TEST_F(Fault, C05_insert_pfn_private_is_a_bug) {
  driver.set_flags_on_mmap(vm::kPfnMap);
  driver.give_pfns(driver.block());
  for (const u32 rights : {kRw, kRo}) {
    ASSERT_EQ(map_dev(0, 1, rights, map::kPrivate), 0);
    EXPECT_EQ(program.rd(0), "SIGBUS/ADRERR@0");
    EXPECT_NE(driver.bug, "");
    EXPECT_EQ(world.findings(), "insert-pfn-private");
  }
  driver.log();
}

TEST_F(Fault, C06_insert_mixed) {
  driver.set_flags_on_mmap(vm::kMixedMap);
  driver.give_mixed(driver.block(), false);
  ASSERT_EQ(map_dev(0, 6, kRw, map::kShared, 3), 0);
  EXPECT_EQ(program.flags(0), "rd wr sh mr mw me ms sd mm ");
  EXPECT_EQ(read(0), "0x1003 fault(0)");
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX");
  EXPECT_EQ(write(0), "ok (none)");
  EXPECT_EQ(write(1), "ok fault(1 W)");
  EXPECT_EQ(program.mm().rss().total(), 0);
}

TEST_F(Fault, C07_insert_mixed_private) {
  driver.set_flags_on_mmap(vm::kMixedMap);
  driver.give_mixed(driver.block(), false);
  ASSERT_EQ(map_dev(0, 6, kRw, map::kPrivate, 3), 0);
  EXPECT_EQ(read(0), "0x1003 fault(0)");
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  EXPECT_EQ(write(0), "ok (none)");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(write(1), "ok fault(1 W)") << "one call; the retry copies";
  EXPECT_EQ(program.pte(1), "P RW U A D NX");
  EXPECT_EQ(program.mm().rss().anon, 2);
  EXPECT_EQ(driver.peek(driver.block() + 4), 0x1004u);
}

TEST_F(Fault, C07_insert_page_in_the_handler) {
  driver.set_flags_on_mmap(vm::kMixedMap);
  driver.at_fault = [&](::vm_fault& fault) -> u32 {
    const auto done = vm_insert_page(*Vma::of(fault.vma), fault.address, driver.page(fault.pgoff));
    return done || done.error().errno_value == err::kBusy ? vmf::kNoPage : vmf::kSigBus;
  };
  ASSERT_EQ(map_dev(0, 3, kRw, map::kShared, 3), 0);
  ASSERT_EQ(map_dev(4, 2, kRw, map::kPrivate, 5), 0);
  EXPECT_EQ(read(0), "0x44444444 fault(0)");
  EXPECT_EQ(program.pte(0), "P RW U A NX");
  EXPECT_EQ(driver.refs(3), "2/1");
  EXPECT_EQ(write(1), "ok fault(1 W)");
  EXPECT_EQ(read(4), "0x46464646 fault(4)");
  EXPECT_EQ(program.pte(4), "P U A NX");
  EXPECT_EQ(write(4), "ok (none)");
  EXPECT_EQ(write(5), "ok fault(5 W)");
  EXPECT_EQ(program.pte(5), "P RW U A D NX");
  EXPECT_EQ(driver.refs(5), "1/0");
  EXPECT_EQ(driver.refs(6), "1/0");
}

TEST_F(Fault, C08_insert_pfn_bugs) {
  driver.give_pfns(driver.block());
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "SIGBUS/ADRERR@0");
  EXPECT_EQ(world.findings(), "insert-pfn-flags");
  driver.set_flags_on_mmap(vm::kMixedMap);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "SIGBUS/ADRERR@0");
  EXPECT_EQ(world.findings(), "insert-pfn-mixed-ram");
  driver.give_pfns(kReservedPfn);
  EXPECT_EQ(program.rd(0), "0x0") << "frames without struct page may";
  driver.log();
}

TEST_F(Fault, C09_map_pages) {
  driver.use(ops::kAll | ops::kFault | ops::kMapPages);
  driver.full_faults = true;
  ASSERT_EQ(map_dev(0, 20, kRw, map::kShared, 3), 0);
  EXPECT_EQ(read(5),
            "0x41414141 map_pages(5 pgoff 3..12) "
            "fault(5 pgoff=8 fl=ARETRY|KILLABLE|USER|INTR|VMALOCK in=+0)=0");
  EXPECT_EQ(write(6),
            "ok fault(6 pgoff=9 fl=WR|ARETRY|KILLABLE|USER|INTR|ORIGPTE|VMALOCK in=+0)=0");
  driver.full_faults = false;
  EXPECT_EQ(read(17), "0x45454545 map_pages(17 pgoff 13..16) fault(17)") << "clipped to the area";
}

TEST_F(Fault, C09_map_pages_may_suffice) {
  driver.use(ops::kAll | ops::kFault | ops::kMapPages);
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(read(1), "0x42424242 map_pages(1 pgoff 0..3) fault(1)");
  EXPECT_EQ(read(1), "0x42424242 (none)");
}

TEST_F(Fault, X03_context) {
  driver.with_context = true;
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(read(0), "0x41414141 fault(0){READ pte0=0 intree=1}");
  driver.use(ops::kAll | ops::kFault | ops::kMapPages);
  EXPECT_EQ(read(1),
            "0x42424242 map_pages(1 pgoff 0..1){unlocked pte0=1 intree=1} "
            "fault(1){unlocked pte0=1 intree=1}");
}

TEST_F(Fault, flags_of_a_fault) {
  driver.full_faults = true;
  ASSERT_EQ(map_dev(0, 3, kRw, map::kShared, 3), 0);
  EXPECT_EQ(read(0, 0x10), "0x44444444 fault(0 pgoff=3 fl=ARETRY|KILLABLE|USER|INTR in=+10)=0");
  EXPECT_EQ(write(1), "ok fault(1 pgoff=4 fl=WR|ARETRY|KILLABLE|USER|INTR|ORIGPTE in=+0)=0");
  ASSERT_EQ(map_dev(4, 1, kRw, map::kPrivate), 0);
  EXPECT_EQ(write(4),
            "ok fault(4 pgoff=0 fl=WR|ARETRY|KILLABLE|USER|INTR|ORIGPTE COWPAGE in=+0)=0");
  u32 value = 0;
  EXPECT_EQ(world.cpu().copy_from_partial(program.mm().space(), VirtAddr(program.addr(2)),
                                          std::as_writable_bytes(std::span(&value, 1))),
            0u);
  EXPECT_EQ(value, 0x46464646u);
  EXPECT_EQ(driver.log(), "fault(2 pgoff=5 fl=ARETRY|KILLABLE|INTR|ORIGPTE in=+0)=0")
      << "no USER from copy_from_user";
}

TEST_F(Fault, C18_write_only) {
  ASSERT_EQ(map_dev(0, 2, prot::kWrite), 0);
  EXPECT_EQ(read(0), "0x41414141 fault(0)");
  EXPECT_EQ(write(0), "ok (none)");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(program.flags(0), "wr sh mr mw me ms sd ");
}

TEST_F(Fault, C19_execution_and_strange_addresses) {
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(program.ex(0), "SIGSEGV/ACCERR@0");
  ASSERT_EQ(map_dev(1, 1, prot::kRead | prot::kExec), 0);
  EXPECT_EQ(program.ex(1), "ok");
  driver.log();
  const auto at = [&](u64 addr) {
    return fault_text(world.cpu().load<u64>(program.mm().space(), VirtAddr(addr)).fault(), 0);
  };
  EXPECT_EQ(at(8), "SIGSEGV/MAPERR@0+0x8");
  EXPECT_EQ(at(0xffffffff81000000), "SIGSEGV/MAPERR@0xffffffff81000000");
  EXPECT_EQ(at(0x8000000000000000), "SIGSEGV/KERNEL@0");
  EXPECT_EQ(program.rd(10), "SIGSEGV/MAPERR@10");
  EXPECT_EQ(program.wr(10, 1), "SIGSEGV/MAPERR@10");
}

TEST_F(Fault, C20_page_mkwrite) {
  driver.use(ops::kAll | ops::kFault | ops::kPageMkwrite);
  driver.mkwrite_says = vmf::kLocked;
  driver.full_faults = true;
  ASSERT_EQ(map_dev(0, 4), 0);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, 0x8000000000000025);
  EXPECT_EQ(driver.seen_prot, 0x8000000000000027);
  EXPECT_EQ(read(0), "0x41414141 fault(0 pgoff=0 fl=ARETRY|KILLABLE|USER|INTR in=+0)=0");
  EXPECT_EQ(program.pte(0), "P U A NX");
  EXPECT_EQ(write(0), "ok page_mkwrite(0 pgoff=0 fl=WR|MKW)=LOCKED");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(driver.page(0)->flags >> PG_locked & 1, 0u);
  driver.full_faults = false;
  EXPECT_EQ(write(1), "ok fault(1 W) page_mkwrite(1)");
  EXPECT_EQ(write(0), "ok (none)");
  driver.mkwrite_says = vmf::kSigBus;
  EXPECT_EQ(write(2), "SIGBUS/ADRERR@2 fault(2 W) page_mkwrite(2)");
  EXPECT_EQ(driver.refs(2), "1/0") << "the page was put";
  ASSERT_EQ(map_dev(4, 2, kRw, map::kPrivate), 0);
  EXPECT_EQ(write(4), "ok fault(4 W)") << "never asked for private mappings";
}

TEST_F(Fault, C20_page_mkwrite_with_a_mapping) {
  driver.use(ops::kAll | ops::kFault | ops::kPageMkwrite);
  driver.at_fault = [&](::vm_fault& fault) -> u32 {
    fault.page = driver.page(fault.pgoff);
    fault.page->mapping = fault.vma->vm_file->f_mapping;
    world.zones().get_page(fault.page);
    return 0;
  };
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(read(0), "0x41414141 fault(0)");
  EXPECT_EQ(write(0), "ok page_mkwrite(0)");
  EXPECT_EQ(write(1), "ok fault(1 W) page_mkwrite(1)");
  for (u64 i = 0; i < 2; ++i) driver.page(i)->mapping = nullptr;
}

TEST_F(Fault, C21_page_mkwrite_without_progress) {
  driver.use(ops::kAll | ops::kFault | ops::kPageMkwrite);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  for (const u32 code : {0u, vmf::kNoPage}) {
    driver.mkwrite_says = code;
    EXPECT_EQ(program.wr(0, 1), "SIGKILL/no-progress@0") << code;
    EXPECT_EQ(world.findings(), "no-progress");
  }
  EXPECT_EQ(driver.refs(0), "2/1");
  driver.log();
}

TEST_F(Fault, C22_pfn_mkwrite) {
  driver.use(ops::kAll | ops::kFault | ops::kPfnMkwrite | ops::kPageMkwrite);
  driver.set_flags_on_mmap(vm::kPfnMap);
  driver.give_pfns(kReservedPfn);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(read(0), "0x0 fault(0)");
  EXPECT_EQ(write(0), "ok pfn_mkwrite(0)");
  EXPECT_EQ(write(1), "ok fault(1 W) pfn_mkwrite(1)");
  EXPECT_EQ(program.pte(1), "P RW U PCD A D SPECIAL NX");
}

TEST_F(Fault, C23_the_slower_task_puts_its_page) {
  ASSERT_EQ(map_dev(0, 1), 0);
  int depth = 0;
  driver.at_fault = [&](::vm_fault& fault) -> u32 {
    // While this handler sleeps, another thread faults the same page.
    if (depth++ == 0) {
      EXPECT_EQ(program.mm().handle_mm_fault(*Vma::of(fault.vma), fault.address, fault.flags), 0u);
    }
    fault.page = driver.page(0);
    world.zones().get_page(fault.page);
    return 0;
  };
  EXPECT_EQ(read(0), "0x41414141 fault(0) fault(0)");
  EXPECT_EQ(driver.refs(0), "2/1");
  program.check();
}

TEST_F(Fault, C24_insert_pfn_over_present) {
  driver.set_flags_on_mmap(vm::kPfnMap);
  ASSERT_EQ(map_dev(0, 4), 0);
  Vma& vma = *program.vma(0);
  const auto insert = [&](u64 addr, u64 pfn) {
    return driver.fault_code(vmf_insert_pfn_prot(vma, addr, Pfn(pfn), vma.vm_page_prot.pgprot));
  };
  EXPECT_EQ(insert(program.addr(0), driver.block()), vmf::kNoPage);
  EXPECT_EQ(insert(program.addr(0), driver.block()), vmf::kNoPage);
  EXPECT_EQ(insert(program.addr(0), driver.block() + 1), vmf::kNoPage);
  EXPECT_EQ(program.pfn(0), driver.block()) << "the entry stays";
  EXPECT_EQ(insert(program.addr(4), driver.block()), vmf::kSigBus) << "outside of the area";
  EXPECT_EQ(insert(program.addr(1) + 8, driver.block() + 5), vmf::kNoPage);
  EXPECT_EQ(program.pfn(1), driver.block() + 5);
}

TEST_F(Fault, A52_read_only_entry_in_a_writable_area) {
  driver.at_mmap = [&](Vma& vma) {
    return driver.code(remap_pfn_range(vma, vma.vm_start, Pfn(driver.block()),
                                       vma.vm_end - vma.vm_start,
                                       vma.vm_page_prot.pgprot & ~mmu::Pte::kWrite));
  };
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  EXPECT_EQ(write(0), "ok (none)");
  EXPECT_EQ(program.pte(0), "P RW U A D SPECIAL NX");
}

TEST_F(Fault, locked_instructions_fault_as_writes) {
  ASSERT_EQ(map_dev(0, 2), 0);
  ASSERT_EQ(map_dev(4, 2, kRw, map::kPrivate), 0);
  mmu::Accessor& cpu = world.cpu();
  EXPECT_EQ(cpu.fetch_add<u32>(program.mm().space(), VirtAddr(program.addr(0)), 1).value(),
            0x41414141u);
  EXPECT_EQ(driver.log(), "fault(0 W)");
  EXPECT_EQ(cpu.fetch_add<u32>(program.mm().space(), VirtAddr(program.addr(4)), 1).value(),
            0x41414142u);
  EXPECT_EQ(driver.log(), "fault(4 W)");
  EXPECT_EQ(program.rd(4), "0x41414143");
  EXPECT_EQ(program.rd(0), "0x41414142");
}

class Fault61 : public MmTest61 {};

TEST_F(Fault61, G05_map_pages_runs_read_locked) {
  driver.use(ops::kAll | ops::kFault | ops::kMapPages);
  driver.give_pages();
  driver.with_context = true;
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(driver.log(),
            "map_pages(0 pgoff 0..1){READ pte0=0 intree=1} fault(0){READ pte0=0 intree=1}");
}

}  // namespace
}  // namespace vmsim::mm
