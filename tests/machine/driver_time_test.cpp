// SPDX-License-Identifier: MIT
// Drivers whose code runs later: interrupts of a register device, timers, waits and work.
#include "drivers/regs_map.h"
#include "drivers/timed.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::HasSubstr;

constexpr u64 kMs = 1'000'000;

class DriverTimeTest : public World {
 protected:
  Process& timed_app() {
    insmod("timed");
    Process& app = spawn();
    fd = must(app.open("/dev/timed"));
    return app;
  }

  int fd = -1;
};

/// A device with an identity, a data register, and a doorbell that interrupts.
class Doorbell : public RegisterFile {
 public:
  static constexpr u64 kBase = 0xfe000000;

  Doorbell() : RegisterFile("doorbell", kPageSize) {
    reg("ID", 0x00).reset(0xd00be11).read_only();
    reg("DATA", 0x04);
    reg("RING", 0x08).on_write([this](u64) {
      if (irq_) irq_->raise();
    });
  }

  void ring() { irq_->raise(); }
};

class DriverIrqTest : public World {
 protected:
  DriverIrqTest() { boot(); }

  void TearDown() override {
    if (machine_) {
      end_programs();
      for (const std::string& name : std::vector<std::string>(loaded_)) must(rmmod(name));
      must(machine_->remove_device(device));
    }
    World::TearDown();
  }

  void plug(std::optional<unsigned> irq, const std::string& parameters) {
    must(machine().add_device(PhysAddr(Doorbell::kBase), kPageSize, device, irq));
    insmod("regs_map", "base=0xfe000000 size=4096 " + parameters);
  }

  Doorbell device;
};

TEST_F(DriverIrqTest, RegistersByProgramAndDriver) {
  plug({}, "");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/regs_map", 1);
  EXPECT_EQ(*app.load<u32>(at), 0xd00be11u);
  EXPECT_TRUE(app.store<u32>(at + 4, 99).ok());
  const int fd = must(app.open("/dev/regs_map"));
  regs_map_access access = {4, 0};
  must(app.ioctl(fd, REGS_MAP_READ, &access));
  EXPECT_EQ(access.value, 99u);
  access.value = 100;
  must(app.ioctl(fd, REGS_MAP_WRITE, &access));
  EXPECT_EQ(*app.load<u32>(at + 4), 100u);
  const EntryView entry = app.entry(at);
  EXPECT_TRUE(entry.uncached && entry.special) << entry.text;
  EXPECT_EQ(entry.pfn, Pfn(Doorbell::kBase >> kPageShift));
  EXPECT_FALSE(machine().page(entry.pfn).valid) << "a device has no struct page";
  EXPECT_THAT(must(machine().read_text("/proc/iomem")), HasSubstr("regs_map"));
}

TEST_F(DriverIrqTest, AccessWidthReachesTheDevice) {
  plug({}, "");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/regs_map", 1);
  TextRecorder recorder({EventKind::kMmioRead, EventKind::kMmioWrite});
  machine().add_observer(recorder);
  EXPECT_TRUE(app.load<u8>(at).ok());
  EXPECT_TRUE(app.store<u16>(at + 4, 7).ok());
  machine().remove_observer(recorder);
  ASSERT_EQ(recorder.lines().size(), 2u) << recorder.text();
  EXPECT_THAT(recorder.lines()[0], HasSubstr("doorbell 0xfe000000 width 1 = 0x11"));
  EXPECT_THAT(recorder.lines()[1], HasSubstr("doorbell 0xfe000004 width 2 := 0x7"));
}

TEST_F(DriverIrqTest, InterruptsReachTheHandler) {
  plug(11, "irq=11 simple_way=1");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/regs_map", 1);
  const int fd = must(app.open("/dev/regs_map"));
  TextRecorder recorder({EventKind::kIrq, EventKind::kMmioWrite});
  machine().add_observer(recorder);
  EXPECT_TRUE(app.store<u32>(at + 8, 1).ok());
  machine().remove_observer(recorder);
  EXPECT_EQ(recorder.lines().size(), 2u) << "the handler ran after the store:\n" << recorder.text();
  EXPECT_EQ(must(app.ioctl(fd, REGS_MAP_IRQS)), 1);
  device.ring();
  machine().advance_ns(kMs);
  EXPECT_EQ(must(app.ioctl(fd, REGS_MAP_IRQS)), 2);
  regs_map_access access = {8, 1};
  must(app.ioctl(fd, REGS_MAP_WRITE, &access));
  EXPECT_EQ(must(app.ioctl(fd, REGS_MAP_IRQS)), 3);
  EXPECT_THAT(must(machine().read_text("/proc/interrupts")), HasSubstr("regs_map"));
  EXPECT_EQ(machine().ledger().irq_handlers, 1u);
}

TEST_F(DriverIrqTest, TheRangeBelongsToOneDriver) {
  plug({}, "");
  EXPECT_EQ(errno_of(machine().load_driver(driver_file("regs_map"), "base=0xfe000000")), kEExist);
  must(rmmod("regs_map"));
  EXPECT_EQ(errno_of(machine().load_driver(driver_file("regs_map"))), kEInval);
  Doorbell second;
  EXPECT_FALSE(machine().add_device(PhysAddr(Doorbell::kBase), kPageSize, second).has_value());
  EXPECT_FALSE(machine().add_device(PhysAddr(0x100000), kPageSize, second).has_value()) << "RAM";
  EXPECT_FALSE(machine().add_device(PhysAddr(0xfd000000), 12, second).has_value());
  EXPECT_FALSE(machine().add_device(PhysAddr(0xfd000000), kPageSize, second, 9999).has_value());
  EXPECT_FALSE(machine().remove_device(second).has_value());
}

TEST_F(DriverTimeTest, ATimerFiresAtItsTime) {
  Process& app = timed_app();
  must(app.ioctl(fd, TIMED_START, 100));
  machine().advance_ns(90 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_TICKS)), 0);
  machine().advance_ns(20 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_TICKS)), 1);
  machine().advance_ns(1000 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_TICKS)), 1) << "once";
}

TEST_F(DriverTimeTest, ATimerMayRestartItself) {
  Process& app = timed_app();
  must(app.ioctl(fd, TIMED_PERIODIC, 5));
  must(app.ioctl(fd, TIMED_START, 100));
  machine().advance_ns(10'000 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_TICKS)), 5);
}

TEST_F(DriverTimeTest, AStoppedTimerDoesNotFire) {
  Process& app = timed_app();
  EXPECT_EQ(must(app.ioctl(fd, TIMED_STOP)), 0);
  must(app.ioctl(fd, TIMED_START, 100));
  EXPECT_EQ(must(app.ioctl(fd, TIMED_STOP)), 1);
  machine().advance_ns(200 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_TICKS)), 0);
}

TEST_F(DriverTimeTest, AWaitEndsWithTheTimerOrTheTimeout) {
  Process& app = timed_app();
  must(app.ioctl(fd, TIMED_START, 100));
  const u64 start = machine().now_ns();
  const i64 left = must(app.ioctl(fd, TIMED_WAIT, 1000));
  EXPECT_GE(left, 880);
  EXPECT_LE(left, 900);
  EXPECT_NEAR(static_cast<double>(machine().now_ns() - start), 100e6, 12e6);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_WAIT, 50)), 0) << "nothing fires: the timeout";
  EXPECT_EQ(machine().findings().size(), 0u) << findings_text();
}

TEST_F(DriverTimeTest, WorkRunsOnAThreadThatMaySleep) {
  Process& app = timed_app();
  EXPECT_EQ(must(app.ioctl(fd, TIMED_WORK)), 1);
  machine().advance_ns(100 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_WORK_RUNS)), 1);
  must(app.ioctl(fd, TIMED_WORK));
  must(app.ioctl(fd, TIMED_FLUSH));
  EXPECT_EQ(must(app.ioctl(fd, TIMED_WORK_RUNS)), 2);
  EXPECT_EQ(machine().findings().size(), 0u) << findings_text();
}

TEST_F(DriverTimeTest, QueuedTwiceRunsOnce) {
  Process& app = timed_app();
  EXPECT_EQ(must(app.ioctl(fd, TIMED_LATER, 50)), 1);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_LATER, 50)), 0);
  machine().advance_ns(40 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_WORK_RUNS)), 0);
  machine().advance_ns(100 * kMs);
  EXPECT_EQ(must(app.ioctl(fd, TIMED_WORK_RUNS)), 1);
}

TEST_F(DriverTimeTest, UnloadingStopsWhatIsPending) {
  Process& app = timed_app();
  must(app.ioctl(fd, TIMED_START, 100));
  must(app.ioctl(fd, TIMED_LATER, 50));
  must(app.ioctl(fd, TIMED_WORK));
  must(app.close(fd));
  must(rmmod("timed"));
  machine().advance_ns(500 * kMs);
  EXPECT_EQ(machine().findings().size(), 0u) << findings_text();
  EXPECT_FALSE(machine().tainted());
}

TEST_F(DriverTimeTest, ProgramsWaitBesideEachOther) {
  timed_app();
  std::vector<Process*> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.push_back(must(machine().start("waiter", [](Process& self) {
      const int mine = self.open("/dev/timed").value_or(-1);
      return static_cast<int>(self.ioctl(mine, TIMED_WAIT, 1000).value_or(-1));
    })));
  }
  Process& starter = *must(machine().start("starter", [](Process& self) {
    const int mine = self.open("/dev/timed").value_or(-1);
    return self.ioctl(mine, TIMED_START, 200) ? 0 : 1;
  }));
  EXPECT_EQ(machine().join(starter), 0);
  for (Process* waiter : waiters) {
    const int left = machine().join(*waiter);
    EXPECT_GT(left, 750);
    EXPECT_LE(left, 800);
  }
}

}  // namespace
}  // namespace vmsim
