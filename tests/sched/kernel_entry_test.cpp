// SPDX-License-Identifier: MIT
// Ways into and out of the kernel.
#include "sched/kernel_entry.hpp"

#include <atomic>
#include <thread>

#include "sched_fixture.hpp"

namespace vmsim::sched {
namespace {

using KernelEntryTest = SchedTest;

TEST_F(KernelEntryTest, SaysWhoAndWhere) {
  EXPECT_FALSE(in_kernel());
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    EXPECT_EQ(&current_task(), &main_);
    EXPECT_EQ(current_kernel(), &kernel_);
    EXPECT_EQ(&current_scheduler(), &scheduler_);
    EXPECT_EQ(scheduler_.current_pid(), static_cast<u32>(main_.pid));
    EXPECT_TRUE(main_.in_kernel());
  }
  EXPECT_FALSE(in_kernel());
  EXPECT_FALSE(main_.in_kernel());
  EXPECT_EQ(scheduler_.current_pid(), 0u);
}

TEST_F(KernelEntryTest, NestedOnlyCounts) {
  bool worked = false;
  {
    const KernelEntry outer(scheduler_, main_, &kernel_);
    scheduler_.run_on_kernel_exit([&worked] { worked = true; });
    {
      const KernelEntry inner(scheduler_, main_, &kernel_);
      EXPECT_EQ(&current_task(), &main_);
    }
    EXPECT_FALSE(worked) << "the inner exit is not the way out";
    EXPECT_TRUE(main_.in_kernel());
  }
  EXPECT_TRUE(worked);
}

TEST_F(KernelEntryTest, TwoMachinesOnOneThread) {
  base::Probe other_probe;
  Scheduler other(config(), other_probe);
  Task& guest = other.create_task("guest");
  const KernelEntry outer(scheduler_, main_, &kernel_);
  {
    const KernelEntry inner(other, guest, nullptr);
    EXPECT_EQ(&current_scheduler(), &other);
    {
      const KernelEntry back(scheduler_, main_, &kernel_);
      EXPECT_EQ(&current_scheduler(), &scheduler_);
    }
    EXPECT_EQ(&current_task(), &guest);
  }
  EXPECT_EQ(&current_task(), &main_);
}

TEST_F(KernelEntryTest, WithoutOneTheMessageSaysWhatToDo) {
  EXPECT_DEATH(static_cast<void>(current_task()), "KernelEntry");
}

TEST_F(KernelEntryTest, OneTaskOnTwoThreadsIsRefused) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        const KernelEntry entry(scheduler_, main_, &kernel_);
        std::thread([&] { const KernelEntry same(scheduler_, main_, &kernel_); }).detach();
        scheduler_.sleep_ns(1'000'000'000);
      },
      "one host thread at a time");
}

TEST_F(KernelEntryTest, TwoHostThreadsExcludeEachOther) {
  constexpr int kRounds = 20'000;
  Task& second = scheduler_.create_task("second");
  int plain = 0;  // a data race if both were ever inside
  const auto run = [&](Task& task) {
    for (int i = 0; i < kRounds; ++i) {
      const KernelEntry entry(scheduler_, task, &kernel_);
      ++plain;
    }
  };
  std::thread thread([&] { run(second); });
  run(main_);
  thread.join();
  EXPECT_EQ(plain, 2 * kRounds);
}

TEST_F(KernelEntryTest, ThreadsContendWithSleepersAndKthreads) {
  constexpr int kRounds = 300;
  struct semaphore work = {};
  int done = 0;
  Task& worker = scheduler_.spawn("worker", [&] {
    while (!current_task().should_stop()) {
      if (down(work, State::kInterruptible) == 0) ++done;
    }
    return 7;
  });
  const auto run = [&](Task& task) {
    for (int i = 0; i < kRounds; ++i) {
      const KernelEntry entry(scheduler_, task, &kernel_);
      up(work);
      if (i % 16 == 0) scheduler_.yield();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    Task& task = scheduler_.create_task("user");
    threads.emplace_back([&run, &task] { run(task); });
  }
  for (std::thread& thread : threads) thread.join();
  scheduler_.poke();
  EXPECT_EQ(done, 3 * kRounds);
  scheduler_.stop(worker);
  scheduler_.send_signal(worker);
  EXPECT_EQ(scheduler_.join(worker), 7);
  EXPECT_EQ(rules(), "");
}

TEST_F(KernelEntryTest, InterruptsAreDeliveredOnTheWayOut) {
  int delivered = 0;
  scheduler_.set_irq_delivery([](void* count) { ++*static_cast<int*>(count); }, &delivered);
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.raise_irq();
    EXPECT_EQ(delivered, 0);
  }
  EXPECT_EQ(delivered, 1);
  { const KernelEntry entry(scheduler_, main_, &kernel_); }
  EXPECT_EQ(delivered, 1) << "once raised, once delivered";
}

TEST_F(KernelEntryTest, WorkThatRaisesItselfDoesNotHang) {
  // Static: what is left is run once more when the machine is switched off.
  static int runs;
  static std::function<void()> again;
  runs = 0;
  again = [this] {
    ++runs;
    scheduler_.raise_softirq(again);
  };
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.raise_softirq(again);
  }
  EXPECT_GT(runs, 1);
  EXPECT_LE(runs, 1000);
}

TEST_F(KernelEntryTest, ExitLetsKernelThreadsRunUntilTheyWait) {
  std::string log;
  scheduler_.spawn("a", [&] {
    log += "a1 ";
    scheduler_.yield();
    log += "a2 ";
    return 0;
  });
  EXPECT_EQ(log, "");
  { const KernelEntry entry(scheduler_, main_, &kernel_); }
  EXPECT_EQ(log, "a1 a2 ");
}

TEST_F(KernelEntryTest, ThreadThatOnlyYieldsDoesNotHoldUpTheExit) {
  Task& busy = scheduler_.spawn("busy", [&] {
    while (!current_task().should_stop()) scheduler_.yield();
    return 0;
  });
  { const KernelEntry entry(scheduler_, main_, &kernel_); }
  EXPECT_FALSE(busy.finished());
  scheduler_.stop(busy);
  EXPECT_EQ(scheduler_.join(busy), 0);
}

}  // namespace
}  // namespace vmsim::sched
