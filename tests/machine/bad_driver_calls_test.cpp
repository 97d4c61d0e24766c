// SPDX-License-Identifier: MIT
// Mistakes with memory, pointers and locks, and what a driver leaves behind: the rule that is
// named, who dies of it, and that the machine goes on.
#include "machine/bad_world.hpp"

namespace vmsim {
namespace {

using ::testing::HasSubstr;

enum class Ends { kLives, kDies };

class BadCallsTest : public BadWorld {
 protected:
  struct Case {
    const char* name;
    bad_do what;
    const char* rule;
    Ends ends = Ends::kLives;
  };

  void attempt(const Case& c) {
    SCOPED_TRACE(c.name);
    machine().clear_findings();
    Process& app = victim();
    const auto done = do_badly(app, c.what);
    EXPECT_EQ(done.has_value(), c.ends == Ends::kLives) << (done ? "" : done.error().to_string());
    EXPECT_EQ(app.alive(), c.ends == Ends::kLives);
    expect_rule(c.rule);
    app.exit();
    still_serves();
  }
};

TEST_F(BadCallsTest, FreesThatMustNotBe) {
  const Case cases[] = {
      {"kfree twice", BAD_KFREE_TWICE, "double-free"},
      {"kfree of the middle", BAD_KFREE_MIDDLE, "kfree-bad-pointer"},
      {"kfree of a vmalloc area", BAD_KFREE_VMALLOC, "kfree-bad-pointer"},
      {"write past the end", BAD_WRITE_PAST_END, "slab-corruption"},
      {"write after kfree", BAD_WRITE_AFTER_KFREE, "slab-corruption"},
      {"free_page twice", BAD_FREE_PAGE_TWICE, "double-free-page"},
      {"vfree twice", BAD_VFREE_TWICE, "double-free"},
      {"vfree of the middle", BAD_VFREE_MIDDLE, "vfree-bad-pointer"},
      {"vfree of kmalloc memory", BAD_VFREE_KMALLOC, "vfree-bad-pointer"},
      {"iounmap twice", BAD_IOUNMAP_TWICE, "double-iounmap"},
      {"misc_deregister twice", BAD_UNREGISTER_TWICE, "misc-not-registered"},
  };
  for (const Case& c : cases) attempt(c);
}

TEST_F(BadCallsTest, PointersThatAreNone) {
  const Case cases[] = {
      {"NULL", BAD_READ_NULL, "oops", Ends::kDies},
      {"a freed vmalloc area", BAD_READ_FREED_VMALLOC, "oops", Ends::kDies},
      {"BUG()", BAD_BUG, "oops", Ends::kDies},
      {"divide by zero", BAD_DIVIDE, "oops", Ends::kDies},
      {"a jump to NULL", BAD_JUMP_NULL, "oops", Ends::kDies},
  };
  for (const Case& c : cases) attempt(c);
  EXPECT_THAT(machine().dmesg(), HasSubstr("BUG: kernel NULL pointer dereference, address: "
                                           "0000000000000000"));
  EXPECT_THAT(machine().dmesg(), HasSubstr("divide error"));
  EXPECT_THAT(machine().dmesg(), HasSubstr("kernel BUG at "));
  EXPECT_THAT(machine().dmesg(), HasSubstr("[bad_driver]")) << "the trace names the driver";
}

TEST_F(BadCallsTest, ACookieIsNoPointer) {
  leaked_.ioremaps = 1;  // the driver dies before iounmap
  attempt({"ioremap cookie", BAD_READ_COOKIE, "oops", Ends::kDies});
}

TEST_F(BadCallsTest, AUserAddressIsNoPointer) {
  Process& app = victim();
  const VirtAddr at = map_anonymous(app, 1);
  EXPECT_TRUE(app.store<u32>(at, 7).ok());
  EXPECT_FALSE(app.ioctl(fd_, BAD_TOUCH, at.value).has_value());
  EXPECT_FALSE(app.alive());
  expect_rule("user-pointer");
}

TEST_F(BadCallsTest, WildPointers) {
  for (const u64 address : {u64{8}, u64{0xdead0000}, u64{0x1234567890abcdef}, ~u64{0} - 7}) {
    SCOPED_TRACE(address);
    machine().clear_findings();
    Process& app = victim();
    EXPECT_FALSE(app.ioctl(fd_, BAD_TOUCH, address).has_value());
    EXPECT_FALSE(app.alive());
    EXPECT_EQ(machine().findings().size(), 1u) << findings_text();
  }
}

TEST_F(BadCallsTest, LocksTakenOrGivenWrongly) {
  const Case cases[] = {
      {"mutex twice", BAD_MUTEX_TWICE, "recursive-lock", Ends::kDies},
      {"unlock of an unlocked mutex", BAD_MUTEX_UNLOCK_UNLOCKED, "unlock-unlocked"},
      {"spinlock twice", BAD_SPIN_TWICE, "recursive-lock", Ends::kDies},
      {"sleep under a spinlock", BAD_SLEEP_IN_SPINLOCK, "sleep-in-atomic"},
      {"oops with a mutex", BAD_OOPS_WITH_MUTEX, "lock-held-at-oops", Ends::kDies},
      {"and the next one gets it", BAD_MUTEX_TAKE, ""},
  };
  for (const Case& c : cases) attempt(c);
}

TEST_F(BadCallsTest, AMutexThatStaysLocked) {
  attempt({"left locked", BAD_MUTEX_LEFT, "lock-leaked-to-user"});
  machine().clear_findings();
  Process& app = victim();
  const auto taken = do_badly(app, BAD_MUTEX_TAKE);
  if (taken) {
    EXPECT_EQ(machine().findings().size(), 0u) << "the holder's exit has released it";
  } else {
    expect_rule("deadlock");
  }
}

TEST_F(BadCallsTest, AnothersMutex) {
  const auto hold = [](bad_do what) {
    return [what](Process& self) {
      const int fd = self.open("/dev/bad_driver").value_or(-1);
      return self.ioctl(fd, BAD_DO, what) ? 0 : 1;
    };
  };
  Process& owner = *must(machine().start("owner", hold(BAD_MUTEX_HOLD)));
  machine().advance_ns(10'000'000);
  Process& thief = *must(machine().start("thief", hold(BAD_MUTEX_UNLOCK)));
  EXPECT_EQ(machine().join(thief), 0);
  EXPECT_EQ(machine().join(owner), 0);
  expect_rule("unlock-not-owner");
}

TEST_F(BadCallsTest, TwoTasksThatWaitForEachOther) {
  const auto lock = [](bad_do what) {
    return [what](Process& self) {
      const int fd = self.open("/dev/bad_driver").value_or(-1);
      return self.ioctl(fd, BAD_DO, what) ? 0 : 1;
    };
  };
  Process& first = *must(machine().start("first", lock(BAD_LOCK_A_B)));
  Process& second = *must(machine().start("second", lock(BAD_LOCK_B_A)));
  const int failed = machine().join(first) + machine().join(second);
  EXPECT_GE(failed, 1) << "at least one of them can never go on";
  EXPECT_GE(findings_of("deadlock"), 1u) << findings_text();
  machine().clear_findings();
  attempt({"both mutexes are free again", BAD_LOCK_A_B, ""});
}

TEST_F(BadCallsTest, AWaitThatNobodyEnds) {
  Process& app = victim();
  EXPECT_EQ(errno_of(do_badly(app, BAD_WAIT_FOREVER)), kEIntr);
  EXPECT_TRUE(app.alive());
  expect_rule("deadlock");
}

/// High memory: kmap means something.
class BadKmapTest : public BadCallsTest {
 protected:
  BadKmapTest() {
    World::TearDown();
    MachineConfig config = config_of({6, 12, 0}, Profile::kX86_32);
    config.ram_bytes = u64{1} << 30;
    boot_bad(config);
  }
};

TEST_F(BadKmapTest, WindowsGivenBackWrongly) {
  attempt({"kunmap twice", BAD_KUNMAP_UNMAPPED, "kunmap-not-mapped"});
  attempt({"kunmap of the address", BAD_KUNMAP_ADDRESS, "kunmap-wrong-pointer"});
}

TEST_F(BadKmapTest, AUseAfterKunmapFaults) {
  leaked_.frames = 1;  // the driver dies before __free_page
  attempt({"use after kunmap", BAD_USE_AFTER_KUNMAP, "oops", Ends::kDies});
}

TEST_F(BadKmapTest, AForgottenKunmapIsInTheLedger) {
  leaked_.frames = 1;
  leaked_.kmap_slots = 1;
  Process& app = victim();
  must(do_badly(app, BAD_KMAP_LEFT));
  EXPECT_EQ(machine().ledger().kmap_slots, at_start_.kmap_slots + 1);
}

/// What exit() forgets.
class BadUnloadTest : public BadWorld {
 protected:
  void leave(unsigned what) {
    World::TearDown();
    boot_bad(bad_config(), "leave=" + std::to_string(what));
    machine().clear_findings();
    must(rmmod("bad_driver"));
  }
};

TEST_F(BadUnloadTest, AMiscDevice) {
  leave(BAD_LEAVE_MISC);
  expect_rule("misc-left-registered");
  Process& app = spawn();
  EXPECT_FALSE(app.open("/dev/bad_driver").has_value());
  EXPECT_TRUE(app.alive());
}

TEST_F(BadUnloadTest, ACharacterDevice) {
  leave(BAD_LEAVE_CHRDEV);
  expect_rule("chrdev-left-registered");
  EXPECT_EQ(must(machine().read_text("/proc/devices")).find("bad_chrdev"), std::string::npos);
}

TEST_F(BadUnloadTest, AnInterruptHandler) {
  leave(BAD_LEAVE_IRQ);
  expect_rule("irq-left-requested");
  EXPECT_EQ(machine().ledger().irq_handlers, 0u);
}

TEST_F(BadUnloadTest, ATimer) {
  leave(BAD_LEAVE_TIMER);
  expect_rule("timer-freed-active");
  machine().advance_ns(5'000'000'000);
  EXPECT_FALSE(machine().tainted()) << "it must not run code that is gone";
}

TEST_F(BadUnloadTest, Work) {
  leave(BAD_LEAVE_WORK);
  EXPECT_EQ(findings_of("work-left-pending") + findings_of("timer-freed-active"), 1u)
      << findings_text();
  machine().advance_ns(5'000'000'000);
  EXPECT_FALSE(machine().tainted());
}

TEST_F(BadUnloadTest, MemoryIsInTheLedger) {
  leave(BAD_LEAVE_MEMORY | BAD_LEAVE_IOREMAP);
  EXPECT_EQ(machine().ledger().slab_objects, at_start_.slab_objects + 2)
      << "the table of insert_page, and what was forgotten";
  leaked_.slab_objects = leaked_.ioremaps = 1;
  leaked_.frames = 2;  // the run of kmalloc-1k objects that holds it
}

TEST_F(BadUnloadTest, EverythingAtOnceAndAgain) {
  leave(BAD_LEAVE_MISC | BAD_LEAVE_CHRDEV | BAD_LEAVE_IRQ | BAD_LEAVE_TIMER | BAD_LEAVE_WORK);
  EXPECT_GE(machine().findings().size(), 5u) << findings_text();
  insmod("bad_driver");
  Process& app = spawn();
  EXPECT_TRUE(app.open("/dev/bad_driver").has_value()) << "a fresh copy, registered anew";
  app.exit();
  machine().advance_ns(5'000'000'000);
  EXPECT_FALSE(machine().tainted());
}

}  // namespace
}  // namespace vmsim
