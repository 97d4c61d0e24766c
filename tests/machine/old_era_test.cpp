// SPDX-License-Identifier: MIT
// Drivers as they were written for 2.4 and 2.6: use counts by hand, operations without names, task
// queues, kiocbs, and the parameters that their users give and change.
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class OldEraTest : public World {
 protected:
  std::string read_some(Process& app, int fd) {
    std::byte buffer[64] = {};
    const u64 got = must(app.read(fd, buffer));
    return std::string(reinterpret_cast<char*>(buffer), got);
  }

  int write_file(const std::string& path, std::string_view text) {
    Process& app = spawn("echo");
    const auto fd = app.open(path, kWriteOnly);
    const int error = fd ? errno_of(app.write(*fd, text)) : errno_of(fd);
    app.exit();
    return error;
  }
};

class Linux24 : public OldEraTest {
 protected:
  void start(const std::string& parameters = "") {
    boot(config_of({2, 4, 20}, Profile::kX86_32));
    insmod("old24", parameters);
    must(machine().mknod("/dev/old24", 240, 0));
    must(machine().mknod("/dev/plain24", 241, 0));
    app_ = &spawn();
  }

  Process* app_ = nullptr;
};

TEST_F(Linux24, ReadsAndWrites) {
  start();
  const int fd = must(app_->open("/dev/old24", kReadWrite | kNonBlock));
  std::byte byte{};
  EXPECT_EQ(errno_of(app_->read(fd, std::span(&byte, 1))), kEAgain);
  EXPECT_EQ(must(app_->write(fd, "old world")), 9u);
  EXPECT_EQ(read_some(*app_, fd), "old world");
  EXPECT_EQ(must(app_->ioctl(fd, 1)), 1) << "the bottom half ran";
  int value = 39;
  must(app_->ioctl(fd, 4, &value));
  EXPECT_EQ(value, 42);
  EXPECT_EQ(errno_of(app_->ioctl(fd, 99)), kEInval);
  EXPECT_EQ(findings_text(), "no findings\n");
}

TEST_F(Linux24, ItsUseCountIsItsOwn) {
  start();
  const int fd = must(app_->open("/dev/old24"));
  EXPECT_EQ(must(machine().read_text("/proc/old24_info")), "in use: 1\n");
  EXPECT_EQ(errno_of(machine().unload_driver("old24")), kEBusy);
  must(app_->close(fd));
  EXPECT_EQ(must(machine().read_text("/proc/old24_info")), "in use: 0\n");
}

TEST_F(Linux24, AReaderSleepsUntilSomebodyWrites) {
  start();
  const int fd = must(app_->open("/dev/old24"));
  Process* const writer = must(machine().start("writer", [](Process& self) {
    const int own = *self.open("/dev/old24");
    static_cast<void>(self.write(own, "late"));
    return 0;
  }));
  EXPECT_EQ(read_some(*app_, fd), "late");
  EXPECT_EQ(machine().join(*writer), 0);
}

TEST_F(Linux24, TaskQueues) {
  start();
  const int fd = must(app_->open("/dev/old24"));
  EXPECT_EQ(must(app_->ioctl(fd, 2)), 1);
  machine().advance_ns(20'000'000);
  EXPECT_EQ(must(app_->ioctl(fd, 3)), 1) << "schedule_task";
  must(app_->ioctl(fd, 5));
  EXPECT_EQ(must(app_->ioctl(fd, 1)), 0);
  machine().advance_ns(20'000'000);
  EXPECT_EQ(must(app_->ioctl(fd, 1)), 1) << "tq_timer: with the next tick";
}

TEST_F(Linux24, MapsWithoutNamingTheArea) {
  start();
  const int fd = must(app_->open("/dev/old24"));
  must(app_->write(fd, "mapped"));
  const VirtAddr at = must(app_->mmap({.length = kPageSize, .fd = fd}));
  EXPECT_EQ(string_at(*app_, at), "mapped");
  EXPECT_EQ(errno_of(app_->mmap({.length = 2 * kPageSize, .fd = fd})), kEInval);
}

TEST_F(Linux24, OperationsWithoutNames) {
  start();
  const int fd = must(app_->open("/dev/plain24"));
  EXPECT_EQ(read_some(*app_, fd), "plain");
  EXPECT_EQ(must(app_->ioctl(fd, 40, 2)), 42);
  EXPECT_EQ(errno_of(app_->write(fd, "x")), kEInval);
  EXPECT_EQ(errno_of(machine().unload_driver("old24")), kEBusy);
  must(app_->close(fd));
}

TEST_F(Linux24, Parameters) {
  start("old24_sizes=7,8 old24_greeting=servus");
  EXPECT_EQ(must(machine().read_text("/proc/old24")), "servus 7 8 3\n");
  EXPECT_TRUE(machine().dmesg_contains("old24: loaded"));
  must(rmmod("old24"));
  EXPECT_EQ(errno_of(machine().load_driver(driver_file("old24"), "old24_sizes=1,2,3,4")), kEInval);
  EXPECT_EQ(errno_of(machine().load_driver(driver_file("old24"), "old24_none=1")), kENoEnt);
}

struct AioEra {
  const char* name;
  const char* driver;
  KernelVersion kernel;
};

class AioEraTest : public OldEraTest, public ::testing::WithParamInterface<AioEra> {};

TEST_P(AioEraTest, ReadAndWriteGoThroughAKiocb) {
  boot(config_of(GetParam().kernel));
  insmod(GetParam().driver);
  Process& app = spawn();
  const int fd = must(app.open("/dev/asyncio"));
  EXPECT_EQ(read_some(app, fd), "nothing yet");
  EXPECT_EQ(read_some(app, fd), "") << "the position moved";
  EXPECT_EQ(must(app.write(fd, "something")), 9u);
  const int again = must(app.open("/dev/asyncio"));
  EXPECT_EQ(read_some(app, again), "something");
  EXPECT_EQ(errno_of(app.read(again, VirtAddr(0x1000), 4)), 0) << "at the end: nothing to copy";
  const int third = must(app.open("/dev/asyncio"));
  const bool by_iterator = GetParam().kernel >= KernelVersion{4, 1, 0};
  EXPECT_EQ(errno_of(app.read(third, VirtAddr(0x1000), 4)), by_iterator ? 0 : kEFault)
      << "nothing is mapped there; copy_to_iter copies nothing";
}

INSTANTIATE_TEST_SUITE_P(Kernels, AioEraTest,
                         ::testing::Values(AioEra{"v6_12", "asyncio612", {6, 12, 0}},
                                           AioEra{"v2_6_32", "asyncio2632", {2, 6, 32}},
                                           AioEra{"v2_6_10", "asyncio2610", {2, 6, 10}}),
                         [](const auto& era) { return std::string(era.param.name); });

TEST_F(OldEraTest, ParametersAreFiles) {
  boot();
  insmod("params612", "name=given list=4,5,6 hidden=9");
  EXPECT_TRUE(machine().dmesg_contains("hidden 9 given 3"));
  const std::string folder = "/sys/module/params612/parameters/";
  const auto text = [&](const char* name) { return must(machine().read_text(folder + name)); };
  EXPECT_EQ(text("number"), "5\n");
  EXPECT_EQ(text("shown_as"), "7\n");
  EXPECT_EQ(text("name"), "given\n");
  EXPECT_EQ(text("list"), "4,5,6\n");
  EXPECT_EQ(text("text"), "abc\n");
  EXPECT_EQ(text("flag"), "N\n");
  EXPECT_EQ(text("half"), "4\n");
  EXPECT_THAT(machine().nodes(), Not(Contains(folder + "hidden"))) << "permission 0";
  EXPECT_EQ(write_file(folder + "number", "0x20\n"), 0);
  EXPECT_EQ(text("number"), "32\n");
  EXPECT_EQ(write_file(folder + "number", "many"), kEInval);
  EXPECT_EQ(write_file(folder + "number", "99999999999"), 34 /* ERANGE */);
  EXPECT_EQ(text("number"), "32\n");
  EXPECT_EQ(write_file(folder + "shown_as", "1"), 13 /* EACCES */);
  EXPECT_EQ(write_file(folder + "name", "later"), 0);
  EXPECT_EQ(write_file(folder + "list", "1,2,3,4,5"), kEInval);
  EXPECT_EQ(write_file(folder + "list", "8,9"), 0);
  EXPECT_EQ(text("list"), "8,9\n");
  EXPECT_EQ(write_file(folder + "text", "far too long"), kENoSpc);
  EXPECT_EQ(write_file(folder + "flag", "1"), 0);
  EXPECT_EQ(text("flag"), "Y\n");
  EXPECT_EQ(write_file(folder + "half", "21"), 0);
  EXPECT_EQ(text("half"), "21\n");
  EXPECT_TRUE(machine().dmesg_contains("doubled is 42"));
  EXPECT_EQ(must(machine().read_text("/sys/module/params612/initstate")), "live\n");
  EXPECT_EQ(must(machine().read_text("/sys/module/params612/version")), "1.5\n");
  EXPECT_EQ(must(machine().read_text("/sys/module/params612/refcnt")), "0\n");
  must(rmmod("params612"));
  EXPECT_TRUE(machine().dmesg_contains("number 32 name later list 8 of 2"));
  EXPECT_THAT(machine().nodes(), Not(Contains(HasSubstr("/sys/module/params612"))));
}

TEST_F(OldEraTest, ParametersAreFilesSinceTheirBeginning) {
  boot(config_of({2, 6, 10}, Profile::kX86_32));
  insmod("params2610", "list=4");
  const std::string folder = "/sys/module/params2610/parameters/";
  EXPECT_EQ(must(machine().read_text(folder + "list")), "4\n");
  EXPECT_EQ(write_file(folder + "number", "11"), 0);
  must(rmmod("params2610"));
  EXPECT_TRUE(machine().dmesg_contains("number 11 name first list 4 of 1"));
}

}  // namespace
}  // namespace vmsim
