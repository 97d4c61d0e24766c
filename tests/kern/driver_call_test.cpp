// SPDX-License-Identifier: MIT
// The boundary around driver code: every kind of oops ends there, is reported once, and leaves the
// host as it was.
#include "sched/driver_call.hpp"

#include <csetjmp>
#include <csignal>
#include <sys/mman.h>
#include <thread>

#include <gtest/gtest.h>

#include "kern/loader_fixture.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/lock.hpp"

namespace vmsim::sched {
namespace {

using kern::driver_function;
using kern::LoaderHost;
using kern::Module;

/// Records what it is told.
struct ListSink final : OopsSink {
  void on_oops(const OopsRecord& record) override { records.push_back(record); }

  std::vector<OopsRecord> records;
};

int answer() {
  return 42;
}

[[noreturn]] void bug(const char* text) {
  DriverCall::oops(
      DriverCall::bug_record(text, __builtin_return_address(0), __builtin_frame_address(0)));
}

using Read = int(volatile int*);

class DriverOops : public testing::Test {
 protected:
  void SetUp() override {
    module = host.load();
    ASSERT_NE(module, nullptr) << host.error.message;
  }

  /// Calls probe function `name` with an address, expects an oops, returns its record.
  OopsRecord oops_of(const char* name, u64 address) {
    const auto outcome = DriverCall::call(driver_function<Read>(*module, name),
                                          reinterpret_cast<volatile int*>(address));
    EXPECT_FALSE(outcome.has_value());
    EXPECT_FALSE(DriverCall::driver_running());
    EXPECT_EQ(DriverCall::depth(), 0u);
    return host.reporter.last().value_or(OopsRecord{});
  }

  LoaderHost host;
  Module* module = nullptr;
};

TEST(DriverCall, PassesValues) {
  EXPECT_EQ(*DriverCall::call(&answer), 42);
  int side = 0;
  EXPECT_TRUE(DriverCall::run([&] {
    side = static_cast<int>(DriverCall::depth());
    EXPECT_TRUE(DriverCall::driver_running());
    const CoreScope core;
    EXPECT_FALSE(DriverCall::driver_running());
  }));
  EXPECT_EQ(side, 1);
  EXPECT_FALSE(DriverCall::driver_running());
}

TEST(DriverCall, BugEndsAtTheBoundaryAndIsReportedOnce) {
  ListSink sink;
  const OopsSinkScope scope(&sink);
  const auto outcome = DriverCall::run([]() -> int { bug("kernel BUG at x.c:1!"); });
  EXPECT_FALSE(outcome);
  EXPECT_EQ(outcome.value_or(-1), -1);
  ASSERT_EQ(sink.records.size(), 1u);
  EXPECT_EQ(sink.records[0].kind, OopsKind::kBug);
  EXPECT_STREQ(sink.records[0].text, "kernel BUG at x.c:1!");
}

TEST(DriverCall, NestedOopsTravelsAsAnErrorAndLeavesTheOuterDriverToo) {
  ListSink sink;
  const OopsSinkScope scope(&sink);
  bool outer_went_on = false;
  bool core_cleaned_up = false;
  const auto outcome = DriverCall::run([&] {
    bool died = false;
    {
      const CoreScope core;
      const auto inner = DriverCall::run([] { bug("inner"); });
      EXPECT_FALSE(DriverCall::driver_running());
      EXPECT_EQ(DriverCall::depth(), 1u);
      died = !inner;
      core_cleaned_up = true;
    }
    if (died) DriverCall::leave_by_oops();
    outer_went_on = true;
  });
  EXPECT_FALSE(outcome);
  EXPECT_TRUE(core_cleaned_up);
  EXPECT_FALSE(outer_went_on);
  EXPECT_EQ(sink.records.size(), 1u);
}

TEST(DriverCall, LocksTakenInsideAreGivenBackDownToTheSnapshot) {
  static u64 held;
  held = 3;
  DriverCall::set_lock_hooks({[] { return held; }, [](u64 snapshot) { held = snapshot; }});
  ListSink sink;
  const OopsSinkScope scope(&sink);
  EXPECT_TRUE(DriverCall::run([] { held = 5; }));
  EXPECT_EQ(held, 5u);
  EXPECT_FALSE(DriverCall::run([] {
    held = 9;
    bug("with locks");
  }));
  EXPECT_EQ(held, 5u);
  DriverCall::set_lock_hooks({});
}

TEST(DriverCall, TryCopyTellsTheExactByte) {
  const FaultSignals signals;
  auto* page = static_cast<char*>(
      ::mmap(nullptr, 2 * kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(page, MAP_FAILED);
  ASSERT_EQ(::mprotect(page + kPageSize, kPageSize, PROT_NONE), 0);
  char to[16] = {};
  OopsRecord record;
  EXPECT_TRUE(DriverCall::try_copy(to, page, sizeof(to)));
  EXPECT_FALSE(DriverCall::try_copy(to, page + kPageSize - 5, sizeof(to), &record));
  EXPECT_EQ(record.address, reinterpret_cast<u64>(page) + kPageSize);
  EXPECT_FALSE(DriverCall::try_copy(nullptr, page, sizeof(to), &record));
  EXPECT_EQ(record.kind, OopsKind::kNullDereference);
  ::munmap(page, 2 * kPageSize);
}

TEST(DriverCallDeath, LeavingFromTheCoreIsABugOfVmsim) {
  EXPECT_DEATH((void)DriverCall::run([] {
                 const CoreScope core;
                 DriverCall::leave_by_oops();
               }),
               "CoreScope");
  EXPECT_DEATH(DriverCall::leave_by_oops(), "outside of any DriverCall");
}

TEST(DriverCallDeath, AFaultOfTheCoreIsNotADriversOops) {
  LoaderHost host;
  Module* module = host.load();
  ASSERT_NE(module, nullptr);
  auto* read = driver_function<Read>(*module, "probe_read");
  EXPECT_DEATH((void)DriverCall::run([&] {
                 const CoreScope core;
                 return read(nullptr);
               }),
               "");
}

TEST(DriverCallScopes, TheCallerIsTheInnermostScopes) {
  const int outer = 0, inner = 0;
  EXPECT_EQ(DriverCall::caller(), nullptr);
  EXPECT_TRUE(DriverCall::run([&] {
    EXPECT_EQ(DriverCall::caller(), nullptr) << "the driver itself is running";
    const CoreScope core(&outer);
    EXPECT_EQ(DriverCall::caller(), &outer);
    EXPECT_TRUE(DriverCall::run([&] {
      EXPECT_EQ(DriverCall::caller(), nullptr) << "a handler, called by the core";
      {
        const CoreScope nested(&inner);
        EXPECT_EQ(DriverCall::caller(), &inner);
        EXPECT_TRUE(DriverCall::on_stack(&nested));
      }
      EXPECT_EQ(DriverCall::caller(), nullptr);
    }));
    EXPECT_FALSE(DriverCall::run([] { bug("kernel BUG at x.c:1!"); }));
    EXPECT_EQ(DriverCall::caller(), &outer) << "an oops has left the handler";
    u64 words[8];
    EXPECT_EQ(DriverCall::words_above_core(words, 8), 8u);
  }));
  EXPECT_EQ(DriverCall::caller(), nullptr);
  EXPECT_FALSE(DriverCall::on_stack(&outer)) << "no call is open";
}

TEST_F(DriverOops, NullDereference) {
  const OopsRecord record = oops_of("probe_read", 8);
  EXPECT_EQ(record.kind, OopsKind::kNullDereference);
  EXPECT_EQ(record.address, 8u);
  EXPECT_EQ(record.error_code, 0u);
  EXPECT_EQ(host.modules.symbolize(record.ip).substr(0, 12), "probe_inner+");
  EXPECT_TRUE(host.log.contains("BUG: kernel NULL pointer dereference, address: 0000000000000008"));
  EXPECT_TRUE(host.log.contains("#PF: supervisor read access in kernel mode"));
  EXPECT_TRUE(host.log.contains("#PF: error_code(0x0000) - not-present page"));
  EXPECT_TRUE(host.log.contains("Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI"));
  EXPECT_TRUE(host.log.contains("CPU: 0 UID: 0 PID: 7 Comm: app Tainted: G           O"));
  EXPECT_TRUE(host.log.contains("Tainted: [O]=OOT_MODULE"));
  EXPECT_TRUE(host.log.contains("RIP: 0010:probe_inner+0x"));
  EXPECT_TRUE(host.log.contains(" probe_read+0x"));
  EXPECT_TRUE(host.log.contains("Modules linked in: loader_probe(O)"));
  EXPECT_TRUE(host.log.contains("CR2: 0000000000000008"));
  EXPECT_TRUE(host.found("oops"));
}

TEST_F(DriverOops, TheSecondOneSaysThatOneWasBefore) {
  (void)oops_of("probe_write", 0);
  EXPECT_TRUE(host.log.contains("#PF: supervisor write access in kernel mode"));
  EXPECT_TRUE(host.log.contains("[#1]"));
  (void)oops_of("probe_write", 0);
  EXPECT_TRUE(host.log.contains("[#2]"));
  EXPECT_TRUE(host.log.contains("Tainted: G      D    O"));
  EXPECT_EQ(host.reporter.oops_count(), 2u);
}

TEST_F(DriverOops, UserPointerIsNamed) {
  const OopsRecord record = oops_of("probe_read", LoaderHost::kUserStart + 0x1000);
  EXPECT_EQ(record.kind, OopsKind::kUserPointer);
  EXPECT_TRUE(host.found("user-pointer"));
  EXPECT_TRUE(host.log.contains("BUG: unable to handle page fault for address: 0000000070001000"));
  EXPECT_TRUE(host.log.contains("permissions violation"));
}

TEST_F(DriverOops, WritingCodeIsRefusedByTheMapping) {
  const auto code = reinterpret_cast<u64>(module->image().symbol("probe_twice"));
  EXPECT_EQ(oops_of("probe_write", code & ~u64{3}).kind, OopsKind::kReadOnly);
}

TEST_F(DriverOops, NonCanonicalAddress) {
  const OopsRecord record = oops_of("probe_read", 0xdead'0000'0000'0100);
  EXPECT_EQ(record.kind, OopsKind::kNonCanonical);
#if defined(__x86_64__)
  EXPECT_TRUE(host.log.contains(
      "Oops: general protection fault, probably for non-canonical address 0xdead000000000100"));
#endif
}

TEST_F(DriverOops, DivideAndTrap) {
#if defined(__x86_64__)
  volatile int zero = 0;
  EXPECT_EQ(oops_of("probe_divide", reinterpret_cast<u64>(&zero)).kind, OopsKind::kDivideError);
  EXPECT_TRUE(host.log.contains("Oops: divide error: 0000 [#1]"));
#endif
  EXPECT_FALSE(DriverCall::call(driver_function<int()>(*module, "probe_trap")));
#if defined(__x86_64__)
  EXPECT_EQ(host.reporter.last()->kind, OopsKind::kInvalidOpcode);
#endif
}

TEST_F(DriverOops, CallThroughNullShowsTheCaller) {
  const OopsRecord record = oops_of("probe_jump", 0);
  EXPECT_EQ(record.kind, OopsKind::kBadJump);
  EXPECT_EQ(record.ip, 0u);
  EXPECT_TRUE(host.log.contains("#PF: supervisor instruction fetch in kernel mode"));
  EXPECT_TRUE(host.log.contains("RIP: 0010:0x0"));
#if defined(__x86_64__)
  ASSERT_GE(record.trace_count, 1u);
  EXPECT_EQ(host.modules.symbolize(record.trace[0]).substr(0, 11), "probe_jump+");
#endif
}

TEST_F(DriverOops, BugTextComesFirst) {
  EXPECT_FALSE(DriverCall::run([] { bug("kernel BUG at drivers/probe.c:12!"); }));
  const auto lines = host.log.lines();
  const auto cut = std::find(lines.begin(), lines.end(), "------------[ cut here ]------------");
  ASSERT_NE(cut, lines.end());
  EXPECT_EQ(*(cut + 1), "kernel BUG at drivers/probe.c:12!");
  EXPECT_EQ(*(cut + 2), "Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI");
}

TEST_F(DriverOops, CodeOfAnUnloadedModule) {
  auto* twice = driver_function<int(int)>(*module, "probe_twice");
  EXPECT_EQ(*DriverCall::call(twice, 4), 8);
  ASSERT_TRUE(host.modules.unload("loader_probe"));
  EXPECT_FALSE(DriverCall::call(twice, 4));
  ASSERT_TRUE(host.reporter.last());
  EXPECT_EQ(host.reporter.last()->kind, OopsKind::kFreedModule);
  EXPECT_TRUE(host.log.contains("[last unloaded: loader_probe]"));
  EXPECT_TRUE(host.found("freed-module"));
}

TEST_F(DriverOops, DriverCallsCoreCallsDriver) {
  static Read* read;
  read = driver_function<Read>(*module, "probe_read");
  using Callback = int(int (*)(int), int);
  auto through_core = +[](int address) {
    bool died = false;
    int value = 0;
    {
      const CoreScope core;
      const auto inner = DriverCall::call(
          read, reinterpret_cast<volatile int*>(static_cast<std::intptr_t>(address)));
      died = !inner;
      value = inner.value_or(0);
    }
    if (died) DriverCall::leave_by_oops();
    return value;
  };
  EXPECT_FALSE(
      DriverCall::call(driver_function<Callback>(*module, "probe_callback"), through_core, 4));
  EXPECT_EQ(host.reporter.oops_count(), 1u);
  EXPECT_EQ(DriverCall::depth(), 0u);
}

TEST_F(DriverOops, EachThreadHasItsOwnBoundary) {
  auto* read = driver_function<Read>(*module, "probe_read");
  std::vector<std::thread> threads;
  std::atomic<int> oopses{0}, values{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      ListSink sink;
      const OopsSinkScope scope(&sink);
      volatile int here = i;
      for (int round = 0; round < 50; ++round) {
        if (*DriverCall::call(read, &here) == i + 1) ++values;
        if (!DriverCall::call(read, static_cast<volatile int*>(nullptr))) ++oopses;
      }
      EXPECT_EQ(sink.records.size(), 50u);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(oopses, 200);
  EXPECT_EQ(values, 200);
}

TEST_F(DriverOops, LocksOfTheDriverAreReleasedAndReported) {
  Scheduler scheduler(SchedConfig{}, host.probe);
  Task& task = scheduler.create_task("app");

  struct mutex outer = {}, inner = {};
  {
    const KernelEntry entry(scheduler, task, nullptr);
    ASSERT_EQ(mutex_lock(outer), 0);
    EXPECT_FALSE(DriverCall::run([&] {
      EXPECT_EQ(mutex_lock(inner), 0);
      task.enter_atomic(AtomicReason::kPreemptOff);
      bug("with a mutex");
    }));
    EXPECT_EQ(task.atomic_depth(), 0u);
    EXPECT_EQ(task.held_locks().size(), 1u);
    EXPECT_EQ(task.held_locks().front().lock, &outer);
    mutex_unlock(outer);
  }

  EXPECT_TRUE(host.found("lock-held-at-oops"));
  scheduler.destroy_task(task);
}

TEST(OopsText, OlderKernelsHaveTheirOwnWords) {
  struct Case {
    unsigned version;
    std::vector<std::string> lines;
  };

  const Case cases[] = {
      {kern::kernel_version(6, 1, 0),
       {"BUG: kernel NULL pointer dereference, address: 0000000000000008",
        "Oops: 0000 [#1] PREEMPT SMP NOPTI", "CPU: 0 PID: 7 Comm: app Tainted: G           O"}},
      {kern::kernel_version(4, 14, 0),
       {"BUG: unable to handle kernel NULL pointer dereference at 0000000000000008"}},
      {kern::kernel_version(2, 6, 10),
       {"Unable to handle kernel NULL pointer dereference at 0000000000000008",
        "Oops: 0000 [1] SMP", "Pid: 7, comm: app Not tainted 2.6.10"}},
  };
  for (const Case& c : cases) {
    LoaderHost host(c.version);
    Module* module = host.load("", "loader_probe", kern::Force::kYes);
    ASSERT_NE(module, nullptr);
    EXPECT_FALSE(DriverCall::call(driver_function<Read>(*module, "probe_read"),
                                  reinterpret_cast<volatile int*>(8)));
    const auto lines = host.log.lines();
    for (const std::string& wanted : c.lines)
      EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                              [&](const std::string& l) { return l.starts_with(wanted); }))
          << wanted << "\nin\n"
          << host.log.text();
  }
}

sigjmp_buf host_jump;

void host_handler(int) {
  siglongjmp(host_jump, 1);
}

TEST(FaultSignals, OtherFaultsGoToThePreviousHandlerWhichComesBack) {
  struct sigaction mine = {}, before = {}, now = {};
  mine.sa_handler = host_handler;
  ASSERT_EQ(::sigaction(SIGSEGV, &mine, &before), 0);
  {
    LoaderHost host;
    Module* module = host.load();
    ASSERT_NE(module, nullptr);
    auto* read = driver_function<Read>(*module, "probe_read");
    volatile bool reached = false;
    if (sigsetjmp(host_jump, 1) == 0)
      (void)read(nullptr);
    else
      reached = true;
    EXPECT_TRUE(reached);
    EXPECT_FALSE(DriverCall::call(read, static_cast<volatile int*>(nullptr)));
  }
  ASSERT_EQ(::sigaction(SIGSEGV, &before, &now), 0);
  EXPECT_EQ(now.sa_handler, &host_handler);
}

TEST(FaultSignals, ASentSignalIsNoOops) {
  struct sigaction mine = {}, before = {};
  static volatile std::sig_atomic_t seen;
  seen = 0;
  mine.sa_handler = [](int) { seen = 1; };
  ASSERT_EQ(::sigaction(SIGFPE, &mine, &before), 0);
  {
    const FaultSignals signals;
    EXPECT_TRUE(DriverCall::run([] { ::raise(SIGFPE); }));
    EXPECT_EQ(seen, 1);
  }
  ::sigaction(SIGFPE, &before, nullptr);
}

}  // namespace
}  // namespace vmsim::sched
