// SPDX-License-Identifier: MIT
// What fault handlers may return besides a page, and accesses that no handler hears of. Rows C10 to
// C17.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

namespace vmf = vm_fault_code;

class FaultCodes : public MmTest {
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

TEST_F(FaultCodes, C10_sigbus) {
  for (const u32 code : {vmf::kSigBus, vmf::kSigBus | vmf::kMajor}) {
    driver.say(code);
    for (const u32 type : {map::kShared, map::kPrivate}) {
      ASSERT_EQ(map_dev(0, 1, kRw, type), 0);
      EXPECT_EQ(read(0, 0x123), "SIGBUS/ADRERR@0+0x123 fault(0)");
      EXPECT_EQ(write(0, 1, 0x124), "SIGBUS/ADRERR@0+0x124 fault(0 W)");
    }
  }
}

TEST_F(FaultCodes, C11_sigsegv_and_poison) {
  ASSERT_EQ(map_dev(0, 1), 0);
  driver.say(vmf::kSigSegv);
  EXPECT_EQ(read(0, 0x123), "SIGSEGV/MAPERR@0+0x123 fault(0)");
  driver.say(vmf::kHwPoison);
  EXPECT_EQ(read(0, 0x123), "SIGBUS/MCEERR_AR@0+0x123 fault(0)");
  EXPECT_EQ(write(0, 1, 0x124), "SIGBUS/MCEERR_AR@0+0x124 fault(0 W)");
}

TEST_F(FaultCodes, C12_oom_loops_until_vmsim_ends_it) {
  ASSERT_EQ(map_dev(0, 1), 0);
  driver.say(vmf::kOom);
  EXPECT_EQ(program.rd(0), "SIGKILL/no-progress@0");
  EXPECT_GT(driver.log().size(), 64 * sizeof("fault(0)") / 2) << "asked again and again";
  EXPECT_EQ(world.findings(), "no-progress");
  std::byte one{};
  EXPECT_EQ(world.cpu().copy_from_partial(program.mm().space(), VirtAddr(program.addr(0)),
                                          std::span(&one, 1)),
            1u);
  EXPECT_EQ(driver.log(), "fault(0)") << "a kernel copy fails at once";
  EXPECT_EQ(world.findings(), "");
}

TEST_F(FaultCodes, C13_nopage_without_an_entry) {
  ASSERT_EQ(map_dev(0, 1), 0);
  driver.say(vmf::kNoPage);
  EXPECT_EQ(program.rd(0), "SIGKILL/no-progress@0");
  EXPECT_EQ(world.findings(), "no-progress");
  driver.log();
}

TEST_F(FaultCodes, C14_retry) {
  ASSERT_EQ(map_dev(0, 1), 0);
  driver.full_faults = true;
  int calls = 0;
  driver.at_fault = [&](::vm_fault& fault) -> u32 {
    if (calls++ == 0) {
      sched::up_read(fault.vma->vm_mm->mmap_lock);
      return vmf::kRetry;
    }
    fault.page = driver.page(0);
    world.zones().get_page(fault.page);
    return 0;
  };
  EXPECT_EQ(read(0),
            "0x41414141 fault(0 pgoff=0 fl=ARETRY|KILLABLE|USER|INTR in=+0)=RETRY "
            "fault(0 pgoff=0 fl=ARETRY|KILLABLE|TRIED|USER|INTR in=+0)=0");
  EXPECT_EQ(world.findings(), "");
}

TEST_F(FaultCodes, C14_retry_with_the_lock_held) {
  ASSERT_EQ(map_dev(0, 1), 0);
  int calls = 0;
  driver.at_fault = [&](::vm_fault& fault) -> u32 {
    if (calls++ == 0) return vmf::kRetry;
    fault.page = driver.page(0);
    world.zones().get_page(fault.page);
    return 0;
  };
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(world.findings(), "retry-with-lock");
  EXPECT_FALSE(sched::rwsem_is_locked(program.mm().mmap_lock));
  driver.log();
}

TEST_F(FaultCodes, C15_no_page_oopses) {
  ASSERT_EQ(map_dev(0, 1), 0);
  driver.say(0);
  EXPECT_EQ(program.rd(0), "SIGKILL@0");
  EXPECT_EQ(world.findings(), "fault-no-page");
  EXPECT_TRUE(program.mm().dead());
  EXPECT_EQ(world.oopses, 1u);
  EXPECT_FALSE(sched::rwsem_is_locked(program.mm().mmap_lock));
  driver.log();
}

TEST_F(FaultCodes, handler_that_oopses) {
  ASSERT_EQ(map_dev(0, 1), 0);
  driver.at_fault = [](::vm_fault&) -> u32 {
    sched::DriverCall::oops(sched::DriverCall::bug_record("test", __builtin_return_address(0),
                                                          __builtin_frame_address(0)));
  };
  EXPECT_EQ(program.rd(0), "SIGKILL@0");
  EXPECT_TRUE(program.mm().dead());
  EXPECT_EQ(world.oopses, 1u);
  EXPECT_FALSE(sched::rwsem_is_locked(program.mm().mmap_lock));
}

TEST_F(FaultCodes, C16_past_the_end_of_the_device) {
  ASSERT_EQ(map_dev(0, 4), 0);
  driver.at_fault = [&](::vm_fault& fault) -> u32 {
    if (fault.pgoff >= 2) return vmf::kSigBus;
    fault.page = driver.page(fault.pgoff);
    world.zones().get_page(fault.page);
    return 0;
  };
  EXPECT_EQ(read(1), "0x42424242 fault(1)");
  EXPECT_EQ(read(2, 7), "SIGBUS/ADRERR@2+0x7 fault(2)");
  EXPECT_EQ(write(3), "SIGBUS/ADRERR@3 fault(3 W)");
  EXPECT_EQ(read(4), "SIGSEGV/MAPERR@4 (none)");
  // A load of four bytes that begins two before the end of page 1.
  EXPECT_EQ(read(1, 0xffe), "SIGBUS/ADRERR@2 fault(2)");
  EXPECT_EQ(write(1, 0, 0xffe), "SIGBUS/ADRERR@2 fault(2 W)");
  EXPECT_EQ(program.rd(1, 0xffc), "0x42424242") << "nothing of a failed store arrives";
}

TEST_F(FaultCodes, C17_refusals_do_not_ask_the_driver) {
  ASSERT_EQ(map_dev(0, 1, 0), 0);
  EXPECT_EQ(read(0), "SIGSEGV/ACCERR@0 (none)");
  EXPECT_EQ(write(0), "SIGSEGV/ACCERR@0 (none)");
  for (const u32 type : {map::kShared, map::kPrivate}) {
    ASSERT_EQ(map_dev(0, 1, kRo, type), 0);
    EXPECT_EQ(write(0), "SIGSEGV/ACCERR@0 (none)");
    EXPECT_EQ(read(0), "0x41414141 fault(0)");
    EXPECT_EQ(write(0), "SIGSEGV/ACCERR@0 (none)");
  }
}

}  // namespace
}  // namespace vmsim::mm
