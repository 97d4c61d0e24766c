// SPDX-License-Identifier: MIT
// What drivers tell programs in time: high-resolution timers and event descriptors.
#include "drivers/hrtick.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

struct Era {
  const char* name;
  KernelVersion kernel;
};

std::string tag_of(const Era& era) {
  return std::string(era.name).substr(1);
}

const Era kEras[] = {
    {"v612", {6, 12, 0}}, {"v510", {5, 10, 0}}, {"v310", {3, 10, 0}}, {"v2632", {2, 6, 32}}};

class EventsEra : public World, public ::testing::WithParamInterface<Era> {
 protected:
  int start(const std::string& driver) {
    boot(config_of(GetParam().kernel));
    insmod(driver + tag_of(GetParam()));
    app_ = &spawn();
    return must(app_->open("/dev/" + driver));
  }

  u64 read_event(int fd) {
    u64 value = 0;
    must(app_->read(fd, std::as_writable_bytes(std::span(&value, 1))));
    return value;
  }

  Result<u64> write_event(int fd, u64 value) {
    return app_->write(fd, std::as_bytes(std::span(&value, 1)));
  }

  Process* app_ = nullptr;
};

TEST_P(EventsEra, HrtimerTicksInNanoseconds) {
  const int fd = start("hrtick");
  must(app_->ioctl(fd, HRTICK_MAX, 100));
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_STATE)) & 3, 0);
  must(app_->ioctl(fd, HRTICK_START, 250'000));
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_STATE)), 7) << "active, queued, in the future";
  machine().advance_ns(10'100'000);
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_TICKS)), 40) << "4 kHz, far finer than a jiffy";
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_CANCEL)), 1);
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_CANCEL)), 0);
  machine().advance_ns(10'000'000);
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_TICKS)), 40);
  EXPECT_EQ(findings_text(), "no findings\n");
}

TEST_P(EventsEra, HrtimerStopsWhenItsFunctionSaysSo) {
  const int fd = start("hrtick");
  must(app_->ioctl(fd, HRTICK_MAX, 3));
  const u64 before_us = machine().now_ns() / 1000;
  must(app_->ioctl(fd, HRTICK_START, 70'000));
  machine().advance_ns(1'000'000);
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_TICKS)), 3);
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_STATE)) & 3, 0);
  const auto last_us = static_cast<u64>(must(app_->ioctl(fd, HRTICK_LAST_US)));
  EXPECT_GE(last_us, before_us + 210);
  EXPECT_LE(last_us, before_us + 230);
}

TEST_P(EventsEra, HrtimeoutSleepsInNanoseconds) {
  const int fd = start("hrtick");
  const u64 before = machine().now_ns();
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_SLEEP_US, 330)), 0);
  const u64 slept = machine().now_ns() - before;
  EXPECT_GE(slept, 330'000u);
  EXPECT_LE(slept, 350'000u);
}

TEST_P(EventsEra, ARestartWithoutForwardingIsFoundOut) {
  const int fd = start("hrtick");
  must(app_->ioctl(fd, HRTICK_STORM, 1));
  must(app_->ioctl(fd, HRTICK_MAX, 3));
  must(app_->ioctl(fd, HRTICK_START, 1000));
  machine().advance_ns(10'000'000);
  EXPECT_EQ(must(app_->ioctl(fd, HRTICK_TICKS)), 3);
  EXPECT_GE(findings_of("hrtimer-restart-in-past"), 1u) << findings_text();
}

TEST_P(EventsEra, ATimerThatIsLeftBehindIsFoundOut) {
  boot(config_of(GetParam().kernel));
  const std::string driver = "hrtick" + tag_of(GetParam());
  insmod(driver, "forget=1");
  app_ = &spawn();
  const int fd = must(app_->open("/dev/hrtick"));
  must(app_->ioctl(fd, HRTICK_MAX, 100));
  must(app_->ioctl(fd, HRTICK_START, 1'000'000));
  must(app_->close(fd));
  must(rmmod(driver));
  EXPECT_EQ(findings_of("hrtimer-freed-active"), 1u) << findings_text();
  machine().advance_ns(10'000'000);
}

TEST_P(EventsEra, EventsAddUp) {
  const int dev = start("evfd");
  const int fd = must(app_->eventfd(0, kNonBlock));
  EXPECT_EQ(must(app_->poll(fd)) & 5, 4u) << "writable, nothing to read";
  u64 none = 0;
  EXPECT_EQ(errno_of(app_->read(fd, std::as_writable_bytes(std::span(&none, 1)))), kEAgain);
  must(app_->ioctl(dev, EVFD_TAKE, static_cast<u64>(fd)));
  must(app_->ioctl(dev, EVFD_SIGNAL, 3));
  must(app_->ioctl(dev, EVFD_SIGNAL, 4));
  EXPECT_EQ(must(app_->poll(fd)) & 5, 5u);
  const bool one_each = GetParam().kernel >= KernelVersion{6, 8, 0};
  EXPECT_EQ(read_event(fd), one_each ? 2u : 7u);
  EXPECT_EQ(must(app_->poll(fd)) & 5, 4u);
  EXPECT_EQ(must(write_event(fd, 5)), 8u);
  EXPECT_EQ(read_event(fd), 5u);
  EXPECT_EQ(errno_of(write_event(fd, ~u64{0})), kEInval);
  must(app_->ioctl(dev, EVFD_DROP));
  EXPECT_EQ(findings_text(), "no findings\n");
}

TEST_P(EventsEra, AReaderSleepsUntilTheDriverSignals) {
  const int dev = start("evfd");
  const int fd = must(app_->eventfd());
  must(app_->ioctl(dev, EVFD_TAKE, static_cast<u64>(fd)));
  must(app_->ioctl(dev, EVFD_LATER_MS, 40));
  const u64 before = machine().now_ns();
  EXPECT_EQ(read_event(fd), 1u);
  EXPECT_GE(machine().now_ns() - before, 36'000'000u);
  must(app_->ioctl(dev, EVFD_DROP));
}

TEST_P(EventsEra, TheContextOutlivesItsDescriptor) {
  const int dev = start("evfd");
  const int fd = must(app_->eventfd(1, 1 /* EFD_SEMAPHORE */));
  EXPECT_EQ(errno_of(app_->ioctl(dev, EVFD_TAKE, 77)), kEBadF);
  EXPECT_EQ(errno_of(app_->ioctl(dev, EVFD_TAKE, static_cast<u64>(dev))), kEInval);
  must(app_->ioctl(dev, EVFD_TAKE, static_cast<u64>(fd)));
  must(app_->ioctl(dev, EVFD_SIGNAL, 1));
  EXPECT_EQ(read_event(fd), 1u) << "a semaphore gives one at a time";
  EXPECT_EQ(read_event(fd), 1u);
  must(app_->close(fd));
  must(app_->ioctl(dev, EVFD_SIGNAL, 1));
  must(app_->ioctl(dev, EVFD_DROP));
  EXPECT_EQ(errno_of(app_->ioctl(dev, EVFD_SIGNAL, 1)), kENxIo);
  EXPECT_EQ(findings_text(), "no findings\n");
}

INSTANTIATE_TEST_SUITE_P(Kernels, EventsEra, ::testing::ValuesIn(kEras),
                         [](const auto& era) { return std::string(era.param.name); });

class EventsTest : public World {};

TEST_F(EventsTest, HrtimerSetupOfTheNewestKernel) {
  boot(config_of({6, 17, 0}));
  insmod("hrtick617");
  Process& app = spawn();
  const int fd = must(app.open("/dev/hrtick"));
  must(app.ioctl(fd, HRTICK_MAX, 2));
  must(app.ioctl(fd, HRTICK_START, 1000));
  machine().advance_ns(10'000);
  EXPECT_EQ(must(app.ioctl(fd, HRTICK_TICKS)), 2);
}

TEST_F(EventsTest, UnknownFlagsOfAnEventfdAreRefused) {
  boot();
  EXPECT_EQ(errno_of(spawn().eventfd(0, 0x40)), kEInval);
}

}  // namespace
}  // namespace vmsim
