// SPDX-License-Identifier: MIT
// Tasks, order, waits, deadlocks, switching off.
#include "sched/scheduler.hpp"

#include <cerrno>
#include <thread>

#include "sched_fixture.hpp"

namespace vmsim::sched {
namespace {

using SchedulerTest = SchedTest;

TEST_F(SchedulerTest, RefusesWhatItCannotDo) {
  SchedConfig two;
  two.cpus = 2;
  const auto made = Scheduler::create(two, probe_);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().errno_value, EINVAL);
  EXPECT_NE(made.error().message.find("1 CPU"), std::string::npos);
}

TEST_F(SchedulerTest, JoinReturnsWhatTheBodyReturned) {
  Task& thread = scheduler_.spawn("kthread", [] { return 42; });
  EXPECT_EQ(scheduler_.join(thread), 42);
  EXPECT_TRUE(thread.finished());
  scheduler_.destroy_task(thread);
  EXPECT_EQ(scheduler_.find_pid(2), nullptr);
}

TEST_F(SchedulerTest, JoinInsideTheKernelPassesTheCpuOn) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  Task& outer = scheduler_.spawn("outer", [&] {
    Task& inner = scheduler_.spawn("inner", [] { return 5; });
    return scheduler_.join(inner) + 1;
  });
  EXPECT_EQ(scheduler_.join(outer), 6);
}

TEST_F(SchedulerTest, StoppedBeforeItRanNeverRuns) {
  bool ran = false;
  Task& thread = scheduler_.spawn(
      "late", [&] { return ran = true, 0; }, TaskKind::kKernelThread, StartMode::kLater);
  { const KernelEntry entry(scheduler_, main_, &kernel_); }
  EXPECT_FALSE(ran);
  scheduler_.stop(thread);
  EXPECT_EQ(scheduler_.join(thread), -EINTR);
  EXPECT_FALSE(ran);
}

/// Programs that enter and leave the kernel, threads that yield and sleep: who came when.
std::string order_of(u64 seed, std::string* trace = nullptr) {
  struct Log : Observer {
    void on_event(const Event& event) override {
      text += std::string(event_kind_name(event.kind)) + " " + std::to_string(event.pid) + " " +
              std::to_string(event.time_ns) + " " + std::to_string(event.a) + "\n";
    }

    std::string text;
  } events;

  base::Probe probe;
  probe.add(&events);
  SchedConfig config;
  config.seed = seed;
  Scheduler scheduler(config, probe);
  std::string log;
  std::vector<Task*> tasks(4);
  for (int i = 0; i < 4; ++i) {
    const char name = static_cast<char>('a' + i);
    const auto kind = i < 2 ? TaskKind::kProgram : TaskKind::kKernelThread;
    tasks[static_cast<size_t>(i)] = &scheduler.spawn(
        std::string(1, name),
        [&scheduler, &log, &tasks, i, name] {
          for (int round = 0; round < 12; ++round) {
            if (i < 2) {
              const KernelEntry entry(scheduler, *tasks[static_cast<size_t>(i)], nullptr);
              log += name;
              if (round % 3 == 0) scheduler.sleep_ns(1000);
            } else {
              log += name;
              if (round % 4 == 0) {
                scheduler.sleep_ns(500);
              } else {
                scheduler.yield();
              }
            }
          }
          return 0;
        },
        kind);
  }
  for (Task* task : tasks) scheduler.join(*task);
  if (trace != nullptr) *trace = events.text;
  return log + " " + std::to_string(scheduler.now_ns());
}

TEST(SchedulerOrder, OneSeedOneOrder) {
  const char* given = std::getenv("VMSIM_SEED");
  const u64 seed = given != nullptr ? std::strtoull(given, nullptr, 0) : 99;
  std::string first;
  std::string second;
  const std::string log = order_of(seed, &first);
  EXPECT_GT(log.size(), 48u);
  EXPECT_NE(first.find("timer 0 "), std::string::npos) << "idle events name nobody";
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(order_of(seed, &second), log) << "VMSIM_SEED=" << seed;
    EXPECT_EQ(first, second) << "VMSIM_SEED=" << seed;
  }
}

TEST(SchedulerOrder, TwoSeedsTwoOrders) {
  EXPECT_NE(order_of(1), order_of(2));
  EXPECT_NE(order_of(2), order_of(3));
}

TEST_F(SchedulerTest, GeneratorIsTheSameEverywhere) {
  Rng rng(1);
  EXPECT_EQ(rng.next(), 0xb3f2af6d0fc710c5u);
  EXPECT_EQ(rng.next(), 0x853b559647364ceau);
  for (int i = 0; i < 100; ++i) EXPECT_LT(rng.below(3), 3u);
}

TEST_F(SchedulerTest, BlockEndsByWakeTimeoutAndSignal) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  scheduler_.spawn("waker", [&] { return scheduler_.wake(main_) ? 0 : 1; });
  EXPECT_EQ(scheduler_.block(State::kUninterruptible), WaitResult::kWoken);

  const u64 before = scheduler_.now_ns();
  EXPECT_EQ(scheduler_.block(State::kUninterruptible, scheduler_.deadline_in(5000)),
            WaitResult::kTimeout);
  EXPECT_EQ(scheduler_.now_ns(), before + 5000) << "time jumps exactly to the timer";

  scheduler_.spawn("signaller", [&] { return scheduler_.send_signal(main_), 0; });
  EXPECT_EQ(scheduler_.block(State::kInterruptible), WaitResult::kInterrupted);
  EXPECT_EQ(scheduler_.block(State::kInterruptible), WaitResult::kInterrupted) << "still pending";
  EXPECT_EQ(scheduler_.block(State::kKillable, scheduler_.deadline_in(1)), WaitResult::kTimeout)
      << "not a fatal one";
  main_.clear_signal();

  scheduler_.spawn("killer", [&] { return scheduler_.kill(main_), 0; });
  EXPECT_EQ(scheduler_.block(State::kKillable), WaitResult::kInterrupted);
  EXPECT_EQ(scheduler_.block(State::kUninterruptible, scheduler_.deadline_in(1)),
            WaitResult::kTimeout);
  EXPECT_EQ(rules(), "");
}

TEST_F(SchedulerTest, WakeBetweenStateAndScheduleIsNotLost) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  main_.__state = static_cast<unsigned>(State::kUninterruptible);
  EXPECT_TRUE(scheduler_.wake(main_));
  EXPECT_EQ(scheduler_.schedule(), WaitResult::kWoken);
  EXPECT_FALSE(scheduler_.wake(main_)) << "it runs";
}

TEST_F(SchedulerTest, DeadlockOfOneEndsItsWait) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  EXPECT_EQ(scheduler_.block(State::kUninterruptible, {}, {"a letter"}), WaitResult::kDeadlock);
  EXPECT_EQ(count("deadlock"), 1u);
  EXPECT_NE(text("deadlock").find("pid 1 'main' waits for a letter"), std::string::npos)
      << text("deadlock");
}

TEST_F(SchedulerTest, RepeatedDeadlocksKillInTheEnd) {
  const KernelEntry entry(scheduler_, main_, &kernel_);
  int rounds = 0;
  while (!main_.kill_pending()) {
    EXPECT_EQ(scheduler_.block(State::kUninterruptible), WaitResult::kDeadlock);
    ASSERT_LT(++rounds, 10);
  }
  EXPECT_EQ(scheduler_.block(State::kKillable), WaitResult::kInterrupted);
}

TEST_F(SchedulerTest, TwoProgramsWithTwoMutexesAreFreed) {
  struct mutex a = {};
  struct mutex b = {};
  a.name = "a";
  b.name = "b";
  const auto body = [&](struct mutex& mine, struct mutex& other, Task*& task) {
    return [&]() -> int {
      const KernelEntry entry(scheduler_, *task, &kernel_);
      if (mutex_lock(mine) != 0) return 1;
      scheduler_.sleep_ns(1000);
      const int error = mutex_lock(other);
      if (error == 0) mutex_unlock(other);
      mutex_unlock(mine);
      return error;
    };
  };
  Task* p = nullptr;
  Task* q = nullptr;
  p = &scheduler_.spawn("p", body(a, b, p), TaskKind::kProgram);
  q = &scheduler_.spawn("q", body(b, a, q), TaskKind::kProgram);
  const int first = scheduler_.join(*p);
  const int second = scheduler_.join(*q);
  EXPECT_EQ(first + second, -EINTR) << first << " " << second;
  EXPECT_EQ(count("deadlock"), 1u);
  const std::string why = text("deadlock");
  EXPECT_NE(why.find("'p' waits for mutex 'b' held by pid 3 'q', holds mutex 'a'"),
            std::string::npos)
      << why;
  EXPECT_NE(why.find("'q' waits for mutex 'a' held by pid 2 'p', holds mutex 'b'"),
            std::string::npos)
      << why;
  EXPECT_FALSE(mutex_is_locked(a));
  EXPECT_FALSE(mutex_is_locked(b));
}

TEST_F(SchedulerTest, IdleKernelThreadsAreNoDeadlock) {
  struct wait_queue_head queue = {};
  bool go = false;
  Task& idle = scheduler_.spawn("idle", [&] {
    wait_event(queue, State::kIdle, {}, [&] { return go; });
    return 3;
  });
  scheduler_.poke();
  EXPECT_TRUE(idle.blocked());
  EXPECT_EQ(rules(), "");
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    go = true;
    wake_up(queue);
  }
  EXPECT_EQ(scheduler_.join(idle), 3);
}

TEST_F(SchedulerTest, WaitOfTheProgramEndsNotThatOfTheWorkerItWoke) {
  scheduler_.spawn("worker", [] {
    struct wait_queue_head queue = {};  // outlives the test body, which the worker does
    return wait_event(queue, State::kIdle, {}, [] { return false; }) == WaitResult::kInterrupted
               ? 0
               : 1;
  });
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    EXPECT_EQ(scheduler_.block(State::kUninterruptible), WaitResult::kDeadlock);
  }
  EXPECT_EQ(count("deadlock"), 1u);
}

TEST_F(SchedulerTest, HeartbeatDoesNotHideADeadlock) {
  CallbackTimer* beat = nullptr;
  u64 beats = 0;
  CallbackTimer timer([&] {
    ++beats;
    scheduler_.timers().arm(*beat, scheduler_.now_ns() + 1000);
  });
  beat = &timer;
  const KernelEntry entry(scheduler_, main_, &kernel_);
  scheduler_.timers().arm(timer, 1000);
  EXPECT_EQ(scheduler_.block(State::kUninterruptible), WaitResult::kDeadlock);
  EXPECT_GT(beats, 1000u);
  EXPECT_NE(text("deadlock").find("timers fire"), std::string::npos);
}

TEST_F(SchedulerTest, OtherHostThreadMayStillWake) {
  struct completion done = {};
  Task& second = scheduler_.create_task("second");
  std::thread thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const KernelEntry entry(scheduler_, second, &kernel_);
    complete(done);
  });
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    // Waits of a program of several threads must not be called a deadlock early.
    WaitResult result = wait_for_completion(done);
    while (result == WaitResult::kDeadlock) result = wait_for_completion(done);
    EXPECT_EQ(result, WaitResult::kWoken);
  }
  thread.join();
}

TEST_F(SchedulerTest, ProgramsWithoutTheKernelRunToo) {
  Task& program = scheduler_.spawn(
      "program", [] { return in_kernel() ? 1 : 0; }, TaskKind::kProgram);
  EXPECT_EQ(scheduler_.join(program), 0);
}

TEST(SchedulerShutdown, ThreadsThatAreLeftAreToldToStop) {
  base::Probe probe;
  int interrupted = 0;
  {
    Scheduler scheduler({}, probe);
    for (int i = 0; i < 3; ++i) {
      scheduler.spawn("left", [&] {
        struct wait_queue_head queue = {};
        while (!current_task().should_stop()) {
          wait_event(queue, State::kUninterruptible, {}, [] { return false; });
        }
        ++interrupted;
        return 0;
      });
    }
    scheduler.poke();
  }
  EXPECT_EQ(interrupted, 3);
  ASSERT_EQ(probe.findings().size(), 1u);
  EXPECT_EQ(probe.findings()[0].rule, "thread-left");
  EXPECT_NE(probe.findings()[0].text.find("pid 3 'left'"), std::string::npos);
}

TEST(SchedulerShutdown, ThreadThatIgnoresEverythingIsAbandoned) {
  base::Probe probe;
  static struct mutex held;
  held = {};
  {
    Scheduler scheduler({}, probe);
    scheduler.spawn("stubborn", [&scheduler] {
      const int error = mutex_lock(held);
      for (; error == 0;) scheduler.sleep_ns(1000);
      return 0;
    });
    scheduler.poke();
  }
  std::string rules;
  for (const Finding& finding : probe.findings()) rules += finding.rule + " ";
  EXPECT_EQ(rules, "thread-left thread-abandoned lock-held-at-exit ");
  EXPECT_EQ(held.owner, nullptr);
}

TEST(SchedulerShutdown, RunnableThreadsEndByThemselves) {
  base::Probe probe;
  bool ran = false;
  {
    Scheduler scheduler({}, probe);
    scheduler.spawn("quick", [&] { return ran = true, 0; });
  }
  EXPECT_TRUE(ran);
  EXPECT_TRUE(probe.findings().empty());
}

TEST_F(SchedulerTest, SwitchesAreTraced) {
  struct Log : Observer {
    void on_event(const Event& event) override {
      if (event.kind == EventKind::kSched) pids.push_back(static_cast<int>(event.a));
    }

    std::vector<int> pids;
  } log;

  probe_.add(&log);
  Task& thread = scheduler_.spawn("thread", [] { return 0; });
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    scheduler_.join(thread);
  }
  probe_.remove(&log);
  EXPECT_EQ(log.pids, (std::vector<int>{2, 1}));
  EXPECT_EQ(scheduler_.order_log(), log.pids);
}

}  // namespace
}  // namespace vmsim::sched
