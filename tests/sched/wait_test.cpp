// SPDX-License-Identifier: MIT
// Wait queues and completions.
#include "sched/wait.hpp"

#include "sched_fixture.hpp"

namespace vmsim::sched {
namespace {

class WaitTest : public SchedTest {
 protected:
  KernelEntry entry_{scheduler_, main_, &kernel_};
};

TEST_F(WaitTest, EventArrives) {
  struct wait_queue_head queue = {};  // zeroed memory is a queue
  bool happened = false;
  Task& task = scheduler_.spawn("waker", [&] {
    happened = true;
    return static_cast<int>(wake_up(queue));
  });
  EXPECT_FALSE(waitqueue_active(queue));
  EXPECT_EQ(wait_event(queue, State::kInterruptible, {}, [&] { return happened; }),
            WaitResult::kWoken);
  EXPECT_FALSE(waitqueue_active(queue));
  EXPECT_EQ(scheduler_.join(task), 1);
}

TEST_F(WaitTest, EventTimesOutAndLooksOnceMore) {
  struct wait_queue_head queue = {};
  EXPECT_EQ(
      wait_event(queue, State::kUninterruptible, scheduler_.deadline_in(300), [] { return false; }),
      WaitResult::kTimeout);
  EXPECT_EQ(scheduler_.now_ns(), 300u);
  bool happened = false;
  CallbackTimer timer([&] { happened = true; });
  scheduler_.timers().arm(timer, scheduler_.now_ns() + 10);
  EXPECT_EQ(wait_event(queue, State::kUninterruptible, scheduler_.deadline_in(10),
                       [&] { return happened; }),
            WaitResult::kWoken);
}

TEST_F(WaitTest, SignalEndsOnlyInterruptibleWaits) {
  struct wait_queue_head queue = {};
  scheduler_.send_signal(main_);
  EXPECT_EQ(wait_event(queue, State::kInterruptible, {}, [] { return false; }),
            WaitResult::kInterrupted);
  EXPECT_EQ(
      wait_event(queue, State::kUninterruptible, scheduler_.deadline_in(5), [] { return false; }),
      WaitResult::kTimeout);
  EXPECT_FALSE(waitqueue_active(queue));
}

TEST_F(WaitTest, EventThatNeverComesEnds) {
  struct wait_queue_head queue = {};
  init_waitqueue_head(queue, "read_queue");
  EXPECT_EQ(wait_event(queue, State::kInterruptible, {}, [] { return false; }),
            WaitResult::kDeadlock);
  EXPECT_NE(text("deadlock").find("a wait queue 'read_queue'"), std::string::npos)
      << text("deadlock");
  EXPECT_FALSE(waitqueue_active(queue));
}

TEST_F(WaitTest, ExclusiveWaitersAreWokenOneByOne) {
  struct wait_queue_head queue = {};
  int woken = 0;
  std::vector<Task*> tasks;
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(&scheduler_.spawn("exclusive", [&] {
      struct wait_queue_entry entry = {};
      init_wait(entry);
      prepare_to_wait_exclusive(queue, entry, State::kUninterruptible);
      scheduler_.schedule();
      finish_wait(queue, entry);
      return ++woken;
    }));
  }
  tasks.push_back(&scheduler_.spawn("shared", [&] {
    struct wait_queue_entry entry = {};
    init_wait(entry);
    prepare_to_wait(queue, entry, State::kUninterruptible);
    scheduler_.schedule();
    finish_wait(queue, entry);
    return 0;
  }));
  scheduler_.sleep_ns(10);
  EXPECT_EQ(wake_up(queue), 2u) << "every shared waiter and one exclusive one";
  scheduler_.sleep_ns(10);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(wake_up(queue, kWakeNormal, 2), 2u);
  scheduler_.sleep_ns(10);
  EXPECT_EQ(woken, 3);
  for (Task* task : tasks) scheduler_.join(*task);
  EXPECT_FALSE(waitqueue_active(queue));
}

TEST_F(WaitTest, WakeUpOfInterruptibleOnesLeavesTheOthers) {
  struct wait_queue_head queue = {};
  bool happened = false;
  Task& task = scheduler_.spawn("deep", [&] {
    wait_event(queue, State::kUninterruptible, {}, [&] { return happened; });
    return 0;
  });
  scheduler_.sleep_ns(10);
  EXPECT_EQ(wake_up(queue, static_cast<unsigned>(State::kInterruptible), 0), 0u);
  happened = true;
  EXPECT_EQ(wake_up_all(queue), 1u);
  scheduler_.join(task);
}

TEST_F(WaitTest, EntryOfADeadTaskIsNotFollowed) {
  struct wait_queue_head queue = {};
  struct wait_queue_entry entry = {};
  entry.private_ = &queue;
  add_wait_queue(queue, entry);
  EXPECT_EQ(wake_up(queue), 0u);
  EXPECT_EQ(count("wake-no-task"), 1u);
  remove_wait_queue(queue, entry);
  EXPECT_FALSE(waitqueue_active(queue));
}

TEST_F(WaitTest, OwnWakeFunctionIsCalledThroughTheDoor) {
  struct wait_queue_head queue = {};
  struct wait_queue_entry entry = {};
  static void* seen_key;
  seen_key = nullptr;
  entry.func = [](struct wait_queue_entry*, unsigned, int, void* key) {
    seen_key = key;
    return 1;
  };
  add_wait_queue(queue, entry);
  int key = 0;
  EXPECT_EQ(wake_up(queue, kWakeNormal, 1, &key), 1u);
  EXPECT_EQ(seen_key, &key);
}

TEST_F(WaitTest, CompletionCounts) {
  struct completion done = {};
  complete(done);
  EXPECT_TRUE(completion_done(done));
  EXPECT_EQ(wait_for_completion(done), WaitResult::kWoken);
  EXPECT_FALSE(try_wait_for_completion(done));
  EXPECT_EQ(wait_for_completion(done, State::kUninterruptible, scheduler_.deadline_in(7)),
            WaitResult::kTimeout);
  scheduler_.spawn("completer", [&] { return complete_all(done), 0; });
  EXPECT_EQ(wait_for_completion(done), WaitResult::kWoken);
  EXPECT_EQ(wait_for_completion(done), WaitResult::kWoken) << "for ever";
}

}  // namespace
}  // namespace vmsim::sched
