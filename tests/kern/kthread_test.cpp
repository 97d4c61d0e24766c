// SPDX-License-Identifier: MIT
// Kernel threads: starting, stopping, and pointers that name none.
#include "kern/kthread.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"
#include "sched/wait.hpp"

namespace vmsim::kern {
namespace {

Kthreads* threads = nullptr;
int rounds = 0;

int until_stopped(void* data) {
  while (!threads->should_stop()) {
    ++rounds;
    sched::current_scheduler().sleep_ns(1'000'000, sched::State::kInterruptible);
  }
  return *static_cast<int*>(data);
}

int at_once(void* data) {
  return *static_cast<int*>(data);
}

int oops(void*) {
  return *reinterpret_cast<volatile int*>(0x10);
}

struct KthreadsTest : ::testing::Test {
  KthreadsTest() {
    threads = w.kthreads.get();
    rounds = 0;
  }

  KernWorld w;
  int answer = 42;
};

TEST_F(KthreadsTest, RunsUntilItIsStopped) {
  ::task_struct* const task = *threads->run(until_stopped, &answer, "worker");
  EXPECT_STREQ(task->comm, "worker");
  w.sleep_ms(10);
  EXPECT_GE(rounds, 9);
  EXPECT_EQ(threads->running(), 1u);
  EXPECT_EQ(threads->stop(task), 42);
  EXPECT_EQ(threads->running(), 0u);
  EXPECT_EQ(threads->stop(task), -EINVAL);
  EXPECT_EQ(w.findings(), "kthread-stop-no-thread");
}

TEST_F(KthreadsTest, DoesNotRunBeforeItIsWoken) {
  ::task_struct* const task = *threads->create(until_stopped, &answer, "lazy");
  w.sleep_ms(10);
  EXPECT_EQ(rounds, 0);
  threads->wake_up_process(task);
  w.sleep_ms(10);
  EXPECT_GT(rounds, 0);
  EXPECT_EQ(threads->stop(task), 42);
}

TEST_F(KthreadsTest, StoppedBeforeTheFirstRunItNeverRuns) {
  ::task_struct* const task = *threads->create(until_stopped, &answer, "never");
  EXPECT_EQ(threads->stop(task), -EINTR);
  EXPECT_EQ(rounds, 0);
}

TEST_F(KthreadsTest, StoppingOneThatHasReturnedIsReported) {
  ::task_struct* const task = *threads->run(at_once, &answer, "short");
  w.sleep_ms(1);
  EXPECT_EQ(threads->running(), 0u);
  EXPECT_EQ(threads->stop(task), 42);
  EXPECT_EQ(w.findings(), "kthread-stop-after-exit");
}

TEST_F(KthreadsTest, ManyShortOnesAreReaped) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(threads->run(at_once, &answer, "short"));
    w.sleep_ms(1);
  }
  EXPECT_EQ(threads->running(), 0u);
}

TEST_F(KthreadsTest, AnOopsEndsTheThread) {
  ::task_struct* const task = *threads->run(oops, nullptr, "bad");
  w.sleep_ms(1);
  EXPECT_EQ(w.sink.oopses, 1);
  EXPECT_EQ(threads->stop(task), 11);
  EXPECT_EQ(w.findings(), "kthread-stop-after-exit");
}

TEST_F(KthreadsTest, Refusals) {
  ::task_struct stranger{};
  EXPECT_FALSE(threads->wake_up_process(&stranger));
  EXPECT_EQ(w.findings(), "wake-no-task");
  EXPECT_EQ(threads->stop(reinterpret_cast<::task_struct*>(-12)), -EINVAL);
  EXPECT_EQ(w.findings(), "kthread-stop-no-thread");
  FailAt oracle("kthread_create");
  w.probe.set_fail_oracle(&oracle);
  EXPECT_EQ(errno_in(threads->create(at_once, &answer, "x")), ENOMEM);
  w.probe.set_fail_oracle(nullptr);
}

TEST_F(KthreadsTest, Leftovers) {
  ASSERT_TRUE(threads->run(until_stopped, &answer, "left"));
  GoneModule gone;
  gone.name = "lost";
  gone.contains = [](const void* p) { return p == reinterpret_cast<const void*>(&until_stopped); };
  w.leftovers->gone(gone);
  EXPECT_EQ(w.findings(), "kthread-left-running");
  w.sleep_ms(10);
  EXPECT_EQ(threads->running(), 0u) << "it was asked to stop";
}

}  // namespace
}  // namespace vmsim::kern
