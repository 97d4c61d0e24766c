// SPDX-License-Identifier: MIT
// The clock, timers and driver timers.
#include "sched/time.hpp"

#include <memory>

#include "sched_fixture.hpp"

namespace vmsim::sched {
namespace {

class TimeTest : public SchedTest {
 protected:
  KernelEntry entry_{scheduler_, main_, &kernel_};
};

TEST_F(TimeTest, TimersFireInOrderAtTheirInstant) {
  std::string log;
  const auto note = [&](const char* name) {
    return [&log, name, this] { log += name + std::to_string(scheduler_.now_ns()) + " "; };
  };
  CallbackTimer c(note("c"));
  CallbackTimer a(note("a"));
  CallbackTimer b(note("b"));
  scheduler_.timers().arm(c, 300);
  scheduler_.timers().arm(a, 100);
  scheduler_.timers().arm(b, 100);
  scheduler_.advance(99);
  EXPECT_EQ(log, "");
  scheduler_.advance(1);
  EXPECT_EQ(log, "a100 b100 ");
  scheduler_.advance(1000);
  EXPECT_EQ(log, "a100 b100 c300 ");
  EXPECT_EQ(scheduler_.now_ns(), 1100u);
}

TEST_F(TimeTest, CancelledAndDestroyedTimersStaySilent) {
  int fired = 0;
  CallbackTimer kept([&] { ++fired; });
  auto gone = std::make_unique<CallbackTimer>([&] { fired += 100; });
  scheduler_.timers().arm(kept, 10);
  scheduler_.timers().arm(*gone, 10);
  gone.reset();
  EXPECT_TRUE(scheduler_.timers().cancel(kept));
  EXPECT_FALSE(scheduler_.timers().cancel(kept));
  scheduler_.advance(100);
  EXPECT_EQ(fired, 0);
}

TEST_F(TimeTest, TickOnlyMovesTheClockUntilTheTaskCanBearIt) {
  int fired = 0;
  CallbackTimer timer([&] { ++fired; });
  scheduler_.timers().arm(timer, 50);
  scheduler_.tick(100);
  EXPECT_EQ(fired, 0);
  local_irq_disable();
  scheduler_.relax(1);
  EXPECT_EQ(fired, 0) << "interrupts are off";
  local_irq_enable();
  scheduler_.relax(1);
  EXPECT_EQ(fired, 1);
}

TEST_F(TimeTest, PollingLoopSeesAnotherThreadsWork) {
  bool ready = false;
  scheduler_.spawn("device", [&] {
    scheduler_.sleep_ns(10'000);
    ready = true;
    return 0;
  });
  int loops = 0;
  while (!ready && ++loops < 1'000'000) scheduler_.relax(1000);
  EXPECT_TRUE(ready);
}

TEST_F(TimeTest, JiffiesFollowTheClock) {
  const u64 start = scheduler_.jiffies();
  EXPECT_EQ(start, 0xffffffffu - 300 * 250 + 1) << "five minutes before the wrap of 32 bits";
  scheduler_.advance(4'000'000 - 1);
  EXPECT_EQ(scheduler_.jiffies(), start);
  scheduler_.advance(1);
  EXPECT_EQ(scheduler_.jiffies(), start + 1);
}

struct Counted {
  struct timer_list timer = {};
  int fired = 0;
};

void count_new_shape(struct timer_list* timer) {
  ++reinterpret_cast<Counted*>(timer)->fired;
}

TEST_F(TimeTest, DriverTimerFiresOnceAndCanBeMoved) {
  Counted counted;
  counted.timer.function = &count_new_shape;
  counted.timer.expires = scheduler_.jiffies() + 10;
  DriverTimers& timers = scheduler_.driver_timers();
  timers.add(counted.timer);
  EXPECT_TRUE(timers.pending(counted.timer));
  EXPECT_NE(counted.timer.entry.pprev, nullptr);
  EXPECT_TRUE(timers.mod(counted.timer, scheduler_.jiffies() + 20));
  scheduler_.advance(19 * scheduler_.ns_per_jiffy());
  EXPECT_EQ(counted.fired, 0);
  scheduler_.advance(scheduler_.ns_per_jiffy());
  EXPECT_EQ(counted.fired, 1);
  EXPECT_FALSE(timers.pending(counted.timer));
  EXPECT_EQ(counted.timer.entry.pprev, nullptr);
  EXPECT_FALSE(timers.del(counted.timer));
  scheduler_.advance(kNsPerSecond);
  EXPECT_EQ(counted.fired, 1);
}

TEST_F(TimeTest, DriverTimerOfTheOldShapeGetsItsData) {
  static unsigned long seen;
  seen = 0;
  struct timer_list timer = {};
  void (*old)(unsigned long) = [](unsigned long data) { seen = data; };
  timer.function = reinterpret_cast<void (*)(struct timer_list*)>(reinterpret_cast<void*>(old));
  timer.data = 4711;
  timer.flags = VMSIM_TIMER_DATA;
  scheduler_.driver_timers().mod(timer, scheduler_.jiffies());
  EXPECT_EQ(seen, 0u) << "what is due already fires with the next jiffy";
  scheduler_.advance(scheduler_.ns_per_jiffy());
  EXPECT_EQ(seen, 4711u);
}

TEST_F(TimeTest, DriverTimerMisuse) {
  auto counted = std::make_unique<Counted>();
  counted->timer.expires = scheduler_.jiffies() + 5;
  DriverTimers& timers = scheduler_.driver_timers();
  timers.add(counted->timer);
  timers.add(counted->timer);
  EXPECT_EQ(count("timer-added-twice"), 1u);
  scheduler_.advance(kNsPerSecond);
  EXPECT_EQ(count("timer-no-function"), 1u);

  timers.mod(counted->timer, scheduler_.jiffies() + 5);
  scheduler_.memory_freed(counted.get(), sizeof *counted);
  counted.reset();
  EXPECT_EQ(count("timer-freed-active"), 1u);
  scheduler_.advance(kNsPerSecond);

  struct timer_list self = {};
  self.function = [](struct timer_list* timer) {
    current_scheduler().driver_timers().del_sync(*timer);
  };
  timers.mod(self, scheduler_.jiffies() + 1);
  scheduler_.advance(kNsPerSecond);
  EXPECT_EQ(count("timer-deletes-itself"), 1u);
}

TEST_F(TimeTest, SleepersWakeInTheOrderOfTheirTimes) {
  std::string log;
  std::vector<Task*> tasks;
  for (const u64 ns : {3000u, 1000u, 2000u}) {
    tasks.push_back(&scheduler_.spawn("sleeper", [&log, ns, this] {
      scheduler_.sleep_ns(ns);
      log += std::to_string(ns) + " ";
      return 0;
    }));
  }
  for (Task* task : tasks) scheduler_.join(*task);
  EXPECT_EQ(log, "1000 2000 3000 ");
  EXPECT_EQ(rules(), "");
}

}  // namespace
}  // namespace vmsim::sched
