// SPDX-License-Identifier: MIT
// Grace periods.
#include "sched/rcu.hpp"

#include <cerrno>

#include "sched_fixture.hpp"

namespace vmsim::sched {
namespace {

using RcuTest = SchedTest;

TEST_F(RcuTest, CallbacksRunWhenTheKernelIsLeft) {
  int ran = 0;
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.rcu().call([&] { ++ran; });
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(scheduler_.rcu().pending(), 1u);
  }
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(scheduler_.rcu().pending(), 0u);
}

TEST_F(RcuTest, ReaderThatSleepsHoldsTheGracePeriodUp) {
  bool freed = false;
  std::string log;
  Task& reader = scheduler_.spawn("reader", [&] {
    const RcuReadGuard guard(scheduler_.rcu());
    scheduler_.sleep_ns(1000);  // the bug
    log += freed ? "use-after-free " : "fine ";
    return 0;
  });
  scheduler_.poke();
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.rcu().call([&] { freed = true; });
  }
  EXPECT_FALSE(freed);
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    EXPECT_EQ(scheduler_.rcu().synchronize(), 0);
    log += "synchronized ";
  }
  EXPECT_TRUE(freed);
  EXPECT_EQ(scheduler_.join(reader), 0);
  EXPECT_EQ(log, "fine synchronized ");
  EXPECT_EQ(count("sleep-in-atomic"), 1u);
}

TEST_F(RcuTest, BarrierRunsWhatIsQueued) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  int ran = 0;
  scheduler_.rcu().call([&] { ++ran; });
  scheduler_.rcu().call([&] {
    ++ran;
    scheduler_.rcu().call([&] { ran += 10; });
  });
  EXPECT_EQ(scheduler_.rcu().barrier(), 0);
  EXPECT_GE(ran, 2);
}

TEST_F(RcuTest, DriverHeads) {
  struct Object {
    struct rcu_head head = {};
    int freed = 0;
  } object;

  const auto free_it = [](struct rcu_head* head) { ++reinterpret_cast<Object*>(head)->freed; };
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.rcu().call(object.head, free_it);
    scheduler_.rcu().call(object.head, free_it);
  }
  EXPECT_EQ(object.freed, 1);
  EXPECT_EQ(count("rcu-head-twice"), 1u);
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.rcu().call(object.head, free_it);
  }
  EXPECT_EQ(object.freed, 2) << "after the callback the head is free for use";
}

TEST_F(RcuTest, Misuse) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  scheduler_.rcu().read_unlock();
  EXPECT_EQ(count("rcu-unlock-unlocked"), 1u);
  scheduler_.rcu().read_lock();
  EXPECT_TRUE(scheduler_.rcu().read_lock_held());
  EXPECT_EQ(scheduler_.rcu().synchronize(), -EDEADLK);
  EXPECT_EQ(count("rcu-sync-in-reader"), 1u);
  scheduler_.rcu().read_unlock();
  EXPECT_FALSE(scheduler_.rcu().read_lock_held());
}

}  // namespace
}  // namespace vmsim::sched
