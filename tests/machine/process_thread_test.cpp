// SPDX-License-Identifier: MIT
// Threads and programs with a body of their own: shared memory and descriptors, join, waiting.
#include "drivers/misc_basic.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

class ProcessThreadTest : public World {};

TEST_F(ProcessThreadTest, AClonedThreadSharesMemoryAndFiles) {
  insmod("misc_basic");
  Process& app = spawn();
  Process& thread = *must(app.clone_thread("second"));
  EXPECT_NE(thread.pid(), app.pid());
  EXPECT_EQ(thread.name(), "second");
  const VirtAddr at = map_anonymous(app, 1);
  EXPECT_TRUE(thread.store<u32>(at, 11).ok());
  EXPECT_EQ(*app.load<u32>(at), 11u);
  const int fd = must(thread.open("/dev/misc_basic"));
  EXPECT_EQ(must(app.write(fd, "abc")), 3u);
  misc_basic_state state = {};
  must(thread.ioctl(fd, MISC_BASIC_STATE, &state));
  EXPECT_EQ(state.pid, app.pid()) << "the thread group's id";
  must(thread.munmap(at, kPageSize));
  EXPECT_EQ(app.load<u32>(at).fault().signo, sig::kSigSegv);
}

TEST_F(ProcessThreadTest, TheMemoryStaysUntilTheLastThreadExits) {
  Process& app = spawn();
  const VirtAddr at = map_anonymous(app, 1);
  Process& thread = *must(app.clone_thread());
  EXPECT_TRUE(app.store<u32>(at, 3).ok());
  app.exit();
  EXPECT_EQ(*thread.load<u32>(at), 3u);
  EXPECT_EQ(thread.validate(), "");
  thread.exit();
  EXPECT_EQ(thread.load<u32>(at).fault().signo, sig::kSigKill);
}

TEST_F(ProcessThreadTest, StartedThreadsCountTogether) {
  Process& app = spawn();
  const VirtAddr at = map_anonymous(app, 1);
  std::vector<Process*> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(must(app.start_thread("t", [at, i](Process& self) {
      for (int round = 0; round < 50; ++round) {
        if (!self.fetch_add(at, u32{1}).ok()) return -1;
      }
      return i;
    })));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(machine().join(*threads[static_cast<std::size_t>(i)]), i);
    EXPECT_FALSE(threads[static_cast<std::size_t>(i)]->alive());
  }
  EXPECT_EQ(*app.load<u32>(at), 200u);
  EXPECT_EQ(app.validate(), "");
}

TEST_F(ProcessThreadTest, JoinGivesTheBodysValueAgain) {
  Process& body = *must(machine().start("body", [](Process&) { return 17; }));
  EXPECT_EQ(machine().join(body), 17);
  EXPECT_EQ(machine().join(body), 17);
  EXPECT_EQ(body.exit_status(), 17);
  Process& driven = spawn();
  EXPECT_EQ(machine().join(driven), 0) << "nothing to wait for";
  EXPECT_EQ(errno_of(machine().start("none", {})), kEInval);
}

TEST_F(ProcessThreadTest, AReaderWaitsForAWriter) {
  insmod("misc_basic");
  std::string order;
  Process& reader = *must(machine().start("reader", [&](Process& self) {
    const int fd = self.open("/dev/misc_basic").value_or(-1);
    order += "wait ";
    const auto waited = self.ioctl(fd, MISC_BASIC_WAIT, 0);
    order += waited ? "woken " : waited.error().to_string();
    std::byte buffer[8] = {};
    return static_cast<int>(self.read(fd, buffer).value_or(0));
  }));
  Process& writer = *must(machine().start("writer", [&](Process& self) {
    const int fd = self.open("/dev/misc_basic").value_or(-1);
    order += "write ";
    return static_cast<int>(self.write(fd, "four").value_or(0));
  }));
  EXPECT_EQ(machine().join(reader), 4);
  EXPECT_EQ(machine().join(writer), 4);
  EXPECT_NE(order.find("woken"), std::string::npos) << order;
}

TEST_F(ProcessThreadTest, AWaitWithATimeoutTakesThatTime) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  const u64 before = machine().now_ns();
  EXPECT_EQ(errno_of(app.ioctl(fd, MISC_BASIC_WAIT, 500)), 110);
  const u64 passed = machine().now_ns() - before;
  EXPECT_GE(passed, 500'000'000u);
  EXPECT_LT(passed, 520'000'000u);
}

TEST_F(ProcessThreadTest, AWaitThatNothingCanEndIsADeadlock) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  EXPECT_EQ(errno_of(app.ioctl(fd, MISC_BASIC_WAIT, 0)), kEIntr);
  EXPECT_EQ(findings_of("deadlock"), 1u) << findings_text();
  EXPECT_TRUE(app.alive());
}

TEST_F(ProcessThreadTest, AThreadForksOnlyItself) {
  Process& app = spawn();
  const VirtAddr at = map_anonymous(app, 1);
  Process& thread = *must(app.clone_thread());
  Process& child = *must(thread.fork());
  EXPECT_TRUE(child.store<u32>(at, 5).ok());
  EXPECT_EQ(*app.load<u32>(at), 0u);
  EXPECT_EQ(*thread.load<u32>(at), 0u);
}

TEST_F(ProcessThreadTest, AProgramMayForkAndStartOthersFromItsBody) {
  Process& parent = *must(machine().start("parent", [](Process& self) {
    const auto at = self.mmap({.length = kPageSize, .flags = kMapPrivate | kMapAnonymous});
    if (!at || !self.store<u32>(*at, 1).ok()) return 1;
    const auto child = self.fork();
    if (!child || !(*child)->store<u32>(*at, 2).ok()) return 2;
    (*child)->exit(0);
    const auto thread =
        self.start_thread("inner", [at = *at](Process& t) { return int(*t.load<u32>(at)) + 10; });
    if (!thread) return 3;
    return self.machine().join(**thread);
  }));
  EXPECT_EQ(machine().join(parent), 11);
}

}  // namespace
}  // namespace vmsim
