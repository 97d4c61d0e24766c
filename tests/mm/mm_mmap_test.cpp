// SPDX-License-Identifier: MIT
// mmap(2): refusals, what the handler sees, replacing, errors of the handler. Rows D of the
// observed kernel.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class Mmap : public MmTest {
 protected:
  int raw(u64 addr, u64 len, u32 flags, bool dev = true, u64 offset = 0, u32 rights = kRw) {
    const auto got =
        program.mmap({addr, len, rights, flags, dev ? driver.file() : nullptr, offset});
    program.check();
    return code_of(got);
  }

  /// vm_flags without the rights' MAY bits: what differs from case to case.
  std::string seen() const { return vm_flags_text(driver.seen_flags); }
};

TEST_F(Mmap, D01_length) {
  EXPECT_EQ(raw(0, 0, map::kShared), -err::kInval);
  EXPECT_EQ(raw(0, ~u64{0}, map::kShared), -err::kNoMem);
  EXPECT_EQ(raw(0, u64{1} << 47, map::kShared), -err::kNoMem);
  EXPECT_EQ(raw(0, u64{1} << 48, map::kShared), -err::kNoMem);
  EXPECT_EQ(raw(0, 0xfffffffffffff001, map::kShared), -err::kNoMem);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(raw(program.addr(0), 1, map::kShared | map::kFixed), 0);
  EXPECT_EQ(driver.log(), "MMAP([0,1))");
  EXPECT_EQ(raw(0, u64{1} << 46, map::kShared), 0);
  EXPECT_NE(driver.log(), "(none)");
}

TEST_F(Mmap, D01_offset_unaligned) {
  EXPECT_EQ(raw(0, kPageSize, map::kShared, true, 1), -err::kInval);
  EXPECT_EQ(raw(0, kPageSize, map::kShared, true, 0x800), -err::kInval);
  EXPECT_EQ(driver.log(), "(none)");
}

TEST_F(Mmap, D02_offset_wraps) {
  EXPECT_EQ(raw(0, kPageSize, map::kShared, true, ~u64{0} << kPageShift), -err::kOverflow);
  EXPECT_EQ(raw(0, 2 * kPageSize, map::kShared, true, ~u64{0} << kPageShift), -err::kOverflow);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(raw(0, kPageSize, map::kShared, true, u64{1} << 63), 0);
  EXPECT_EQ(driver.seen_pgoff, 0x8000000000000u);
  EXPECT_EQ(raw(0, 2 * kPageSize, map::kShared, true, (u64{1} << 63) - kPageSize), 0);
  EXPECT_EQ(driver.seen_pgoff, 0x7ffffffffffffu);
}

TEST_F(Mmap, D03_flags) {
  EXPECT_EQ(raw(0, kPageSize, 0), -err::kInval);
  EXPECT_EQ(raw(0, kPageSize, 4), -err::kInval);
  EXPECT_EQ(raw(0, kPageSize, map::kSharedValidate), 0);
  EXPECT_EQ(raw(0, kPageSize, map::kSharedValidate | map::kSync), -err::kOpNotSupp);
  EXPECT_EQ(raw(0, kPageSize, map::kSharedValidate | 0x2000000), -err::kOpNotSupp);
  EXPECT_EQ(raw(0, kPageSize, map::kShared | 0x2000000), 0);
  EXPECT_EQ(raw(0, kPageSize, map::kShared, true, 0, kRw | 0x10), 0);
  EXPECT_EQ(raw(0, kPageSize, 0, false), -err::kInval);
}

TEST_F(Mmap, D04_files) {
  EXPECT_EQ(raw(0, kPageSize, map::kShared | map::kGrowsDown), -err::kInval);
  EXPECT_EQ(raw(0, kPageSize, map::kPrivate | map::kGrowsDown), -err::kInval);
  EXPECT_EQ(raw(0, kPageSize, map::kShared | map::kHugeTlb), -err::kInval);
  const ::file_operations nothing{};
  vfs::File* const file = driver.open();
  file->f_op = &nothing;
  EXPECT_EQ(program.map(0, 1, kRw, map::kShared, file), -err::kNoDev);
  EXPECT_EQ(driver.log(), "(none)");
}

TEST_F(Mmap, D05_fixed_address) {
  EXPECT_EQ(raw(program.addr(0) + 8, kPageSize, map::kShared | map::kFixed), -err::kInval);
  EXPECT_EQ(raw(0x7fffffffe000, kPageSize, map::kShared | map::kFixed), 0);
  EXPECT_EQ(raw(0x7ffffffff000, kPageSize, map::kShared | map::kFixed), -err::kNoMem);
  EXPECT_EQ(raw(0xffffffff81000000, kPageSize, map::kShared | map::kFixed), -err::kNoMem);
  EXPECT_EQ(raw(0, kPageSize, map::kShared | map::kFixed), 0) << "root may";
  EXPECT_EQ(raw(0x1000, kPageSize, map::kShared | map::kFixed), 0);
}

TEST_F(Mmap, D06_handler_sees_flags_and_prot) {
  struct Case {
    u32 rights;
    u32 flags;
    const char* seen;
    u64 seen_prot;
  };

  constexpr u64 kNx = u64{1} << 63;
  const Case cases[] = {
      {0, map::kShared, "sh mr mw me ms ", 0x120},
      {1, map::kShared, "rd sh mr mw me ms ", kNx | 0x25},
      {2, map::kShared, "wr sh mr mw me ms ", kNx | 0x27},
      {3, map::kShared, "rd wr sh mr mw me ms ", kNx | 0x27},
      {5, map::kShared, "rd ex sh mr mw me ms ", 0x25},
      {7, map::kShared, "rd wr ex sh mr mw me ms ", 0x27},
      {0, map::kPrivate, "mr mw me ", 0x120},
      {1, map::kPrivate, "rd mr mw me ", kNx | 0x25},
      {2, map::kPrivate, "wr mr mw me ac ", kNx | 0x25},
      {3, map::kPrivate, "rd wr mr mw me ac ", kNx | 0x25},
      {5, map::kPrivate, "rd ex mr mw me ", 0x25},
      {7, map::kPrivate, "rd wr ex mr mw me ac ", 0x25},
      {3, map::kPrivate | map::kNoReserve, "rd wr mr mw me nr ", kNx | 0x25},
      {3, map::kShared | map::kNoReserve, "rd wr sh mr mw me ms nr ", kNx | 0x27},
      {3, map::kShared | map::kLocked, "rd wr sh mr mw me ms lo ", kNx | 0x27},
      {3, map::kShared | map::kStack, "rd wr sh mr mw me ms nh ", kNx | 0x27},
      {3, map::kPrivate | 0x800, "rd wr mr mw me ac ", kNx | 0x25},
  };
  for (const Case& c : cases) {
    ASSERT_EQ(program.map(0, 2, c.rights, c.flags, driver.file(), 5), 0);
    EXPECT_EQ(seen(), c.seen) << "rights " << c.rights << " flags " << c.flags;
    EXPECT_EQ(driver.seen_prot, c.seen_prot) << "rights " << c.rights << " flags " << c.flags;
    EXPECT_EQ(driver.seen_pgoff, 5u) << "D09";
    EXPECT_TRUE(driver.seen_ops) << "X01: vm_ops is set before the handler runs";
    EXPECT_FALSE(driver.seen_in_tree) << "X01";
    EXPECT_TRUE(program.vma(0)->has(vm::kSoftDirty)) << "D09: added after the handler";
    EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, c.seen_prot);
  }
}

TEST_F(Mmap, D07_read_only_file) {
  vfs::File* const file = driver.open(vfs::kORdOnly);
  EXPECT_EQ(program.map(0, 2, kRw, map::kShared, file), -err::kAcces);
  EXPECT_EQ(program.map(0, 2, prot::kWrite, map::kShared, file), -err::kAcces);
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(program.map(0, 2, kRo, map::kShared, file), 0);
  EXPECT_EQ(seen(), "rd mr me ms ") << "no VM_SHARED, no VM_MAYWRITE";
  EXPECT_EQ(program.layout(), "[0,2) r--s 0");
  EXPECT_EQ(program.protect(0, 2, kRw), -err::kAcces);
  EXPECT_EQ(program.map(0, 2, 0, map::kShared, file), 0);
  EXPECT_EQ(seen(), "mr me ms ");
  EXPECT_EQ(program.map(0, 2, kRw, map::kPrivate, file), 0);
  EXPECT_EQ(seen(), "rd wr mr mw me ac ");
}

TEST_F(Mmap, D08_write_only_file) {
  vfs::File* const file = driver.open(vfs::kOWrOnly);
  for (const u32 rights : {0u, 1u, 2u, 3u, 4u, 7u}) {
    EXPECT_EQ(program.map(0, 2, rights, map::kShared, file), -err::kAcces) << rights;
    EXPECT_EQ(program.map(0, 2, rights, map::kPrivate, file), -err::kAcces) << rights;
  }
  EXPECT_EQ(driver.log(), "(none)");
}

TEST_F(Mmap, D10_fixed_over_whole) {
  map_dev(0, 4);
  EXPECT_EQ(program.map(0, 4, kRw, map::kShared, driver.file(), 0x32), 0);
  EXPECT_EQ(driver.log(), "close([0,4) off=0 fc=2) MMAP([0,4))");
}

TEST_F(Mmap, D11_fixed_over_middle) {
  map_dev(0, 4, kRw, map::kShared, 0x32);
  EXPECT_EQ(program.map(1, 2, kRw, map::kShared, driver.file(), 0x64), 0);
  EXPECT_EQ(driver.log(),
            "may_split([0,4) at 1)=0 open([0,1) off=32 fc=3) may_split([1,4) at 3)=0 open([3,4) "
            "off=35 fc=4) "
            "close([1,3) off=33 fc=4) MMAP([1,3))");
  EXPECT_EQ(program.layout(), "[0,1) rw-s 32 | [1,3) rw-s 64 | [3,4) rw-s 35");
  EXPECT_EQ(program.map_anon(3, 2), 0);
  EXPECT_EQ(driver.log(), "close([3,4) off=35 fc=4)");
}

TEST_F(Mmap, D12_handler_error_over_existing) {
  map_dev(0, 4);
  driver.at_mmap = [](Vma&) { return -err::kIo; };
  EXPECT_EQ(program.map(0, 2, kRw, map::kShared, driver.file(), 0x10), -err::kIo);
  EXPECT_EQ(driver.log(),
            "may_split([0,4) at 2)=0 open([2,4) off=2 fc=3) close([0,2) off=0 fc=3) MMAP([0,2))");
  EXPECT_EQ(program.layout(), "[2,4) rw-s 2");
  EXPECT_EQ(program.rd(0), "SIGSEGV/MAPERR@0");
}

TEST_F(Mmap, D13_handler_error_is_passed_raw) {
  for (const int code : {5, 6, 11, 512, 1000, 4095}) {
    driver.at_mmap = [code](Vma&) { return -code; };
    EXPECT_EQ(program.map(0, 2, kRw, map::kShared, driver.file()), -code);
    EXPECT_EQ(driver.log(), "MMAP([0,2))") << "close is not called";
    EXPECT_EQ(program.layout(), "");
    EXPECT_EQ(driver.file()->count(), 1);
  }
  driver.at_mmap = [](Vma&) { return 5; };
  EXPECT_EQ(program.map(0, 2, kRw, map::kShared, driver.file()), 5);
  EXPECT_EQ(program.layout(), "");
  driver.close(driver.file());
  EXPECT_EQ(driver.log(), "MMAP([0,2)) RELEASE");
}

TEST_F(Mmap, D14_handler_changes_flags) {
  const std::pair<u64, const char*> cases[] = {
      {vm::kDontCopy, "dc"},  {vm::kDontExpand, "de"}, {vm::kDontDump, "dd"},
      {vm::kIo, "io"},        {vm::kPfnMap, "pf"},     {vm::kMixedMap, "mm"},
      {vm::kNoReserve, "nr"}, {vm::kLocked, "lo"},     {vm::kGrowsDown, "gd"}};
  for (const auto& [flag, name] : cases) {
    driver.set_flags_on_mmap(flag);
    ASSERT_EQ(program.map(0, 2, kRo, map::kShared, driver.file()), 0);
    EXPECT_NE(program.flags(0).find(name), std::string::npos) << name << " in " << program.flags(0);
    EXPECT_NE(program.flags(0).find("sd"), std::string::npos);
  }
  // A private mapping that the handler made writable is not accounted.
  driver.set_flags_on_mmap(vm::kWrite);
  ASSERT_EQ(program.map(0, 2, kRo, map::kPrivate, driver.file()), 0);
  EXPECT_EQ(program.flags(0), "rd wr mr mw me sd ");
  driver.set_flags_on_mmap(vm::kShared | vm::kMayShare);
  ASSERT_EQ(program.map(0, 2, kRo, map::kPrivate, driver.file()), 0);
  EXPECT_EQ(program.flags(0), "rd sh mr mw me ms sd ");
}

TEST_F(Mmap, D15_handler_clears_vm_ops) {
  driver.at_mmap = [](Vma& vma) {
    vma.vm_ops = nullptr;
    return 0;
  };
  map_dev(0, 2, kRw, map::kPrivate, 5);
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.wr(0, 7), "ok");
  EXPECT_EQ(program.rd(0), "0x7");
  EXPECT_EQ(program.layout(), "[0,2) rw-p 5");
  map_dev(4, 2, kRw, map::kShared, 5);
  EXPECT_EQ(program.rd(4), "SIGBUS/ADRERR@4");
  EXPECT_EQ(program.wr(4, 1), "SIGBUS/ADRERR@4");
  EXPECT_EQ(program.pte(4), "none");
}

TEST_F(Mmap, D18_file_references) {
  map_dev(0, 2);
  EXPECT_EQ(driver.file()->count(), 2);
  driver.close(driver.file());
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(unmap_log(0, 1),
            "may_split([0,2) at 1)=0 open([1,2) off=1 fc=2) close([0,1) off=0 fc=2)");
  EXPECT_EQ(unmap_log(1, 1), "close([1,2) off=1 fc=1) RELEASE");
}

TEST_F(Mmap, D18_release_at_exit_of_the_child) {
  map_dev(0, 2);
  Program child = program.fork();
  driver.close(driver.file());
  EXPECT_EQ(driver.log(), "open([0,2) off=0 fc=3)");
  EXPECT_EQ(unmap_log(0, 2), "close([0,2) off=0 fc=2)");
  child.exit();
  EXPECT_EQ(driver.log(), "close([0,2) off=0 fc=1) RELEASE");
}

TEST_F(Mmap, X01_context) {
  driver.with_context = true;
  EXPECT_EQ(program.map(0, 4, kRw, map::kShared, driver.file()), 0);
  EXPECT_EQ(driver.log(), "MMAP([0,4)){WRITE pte0=0 intree=0}");
}

TEST_F(Mmap, X10_context_of_replacing) {
  map_dev(0, 2);
  driver.with_context = true;
  EXPECT_EQ(program.map_anon(0, 2), 0);
  EXPECT_EQ(driver.log(), "close([0,2) off=0 fc=2){WRITE pte0=0 intree=1}");
}

TEST_F(Mmap, B10_failure_after_inserting) {
  driver.at_mmap = [&](Vma& vma) {
    EXPECT_TRUE(vm_insert_page(vma, vma.vm_start, driver.page(0)));
    EXPECT_TRUE(vm_insert_page(vma, vma.vm_start + kPageSize, driver.page(1)));
    EXPECT_EQ(driver.refs(0), "2/1");
    return driver.code(vm_insert_page(vma, vma.vm_end, driver.page(2)));
  };
  EXPECT_EQ(program.map(0, 2, kRw, map::kShared, driver.file()), -err::kFault);
  EXPECT_EQ(driver.log(), "MMAP([0,2))");
  EXPECT_EQ(driver.refs(0), "1/0");
  EXPECT_EQ(driver.refs(1), "1/0");
  EXPECT_EQ(program.pte(0), "none");
}

TEST_F(Mmap, MAP_ANONYMOUS_shared_has_a_name) {
  EXPECT_EQ(program.map(0, 2, kRw, map::kShared | map::kAnonymous), 0);
  EXPECT_EQ(program.rd(1), "0x0");
  EXPECT_EQ(program.wr(1, 0x55), "ok");
  EXPECT_EQ(program.rd(1), "0x55");
  EXPECT_NE(program.mm().maps_text().find("/dev/zero (deleted)"), std::string::npos);
}

class MmapLimited : public MmTest {
 protected:
  static MachineConfig limited() {
    MachineConfig config = small_config();
    config.address_space_limit_bytes = u64{16} << kPageShift;
    config.max_map_count = 5;
    return config;
  }

  MmapLimited() : MmTest(limited()) {}
};

TEST_F(MmapLimited, E09_address_space) {
  EXPECT_EQ(program.map(0, 17, kRw, map::kShared, driver.file()), -err::kNoMem);
  EXPECT_EQ(driver.log(), "(none)") << "refused before the handler";
  EXPECT_EQ(program.map(0, 16, kRw, map::kShared, driver.file()), 0);
  EXPECT_EQ(program.map(20, 1, kRw, map::kShared, driver.file()), -err::kNoMem);
}

TEST_F(MmapLimited, E09_map_count) {
  for (u64 page = 0; page < 8; page += 2) EXPECT_EQ(program.map_anon(page, 1), 0);
  EXPECT_EQ(program.map_anon(8, 3), 0);
  EXPECT_EQ(program.mm().map_count, 5);
  EXPECT_EQ(program.unmap(9, 1), -err::kNoMem) << "a hole in the middle would make one more";
  EXPECT_EQ(program.protect(9, 1, kRo), -err::kNoMem);
  EXPECT_EQ(program.map_anon(20, 1), 0) << "exactly at the limit mmap still works";
  EXPECT_EQ(program.map_anon(22, 1), -err::kNoMem);
}

class Mmap61 : public MmTest61 {};

TEST_F(Mmap61, G08_map_stack) {
  EXPECT_EQ(program.map(0, 2, kRw, map::kShared | map::kStack, driver.file()), 0);
  EXPECT_EQ(vm_flags_text(driver.seen_flags), "rd wr sh mr mw me ms ");
}

TEST_F(Mmap61, X10_close_of_a_replaced_area_cannot_be_found) {
  map_dev(0, 2);
  driver.with_context = true;
  EXPECT_EQ(program.map_anon(0, 2), 0);
  EXPECT_EQ(driver.log(), "close([0,2) off=0 fc=2){WRITE pte0=0 intree=0}")
      << "G04: in the tree only in 6.12";
}

}  // namespace
}  // namespace vmsim::mm
