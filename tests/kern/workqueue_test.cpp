// SPDX-License-Identifier: MIT
// Work items and tasklets: order, delays, cancelling, flushing, and items that go away while they
// wait.
#include "kern/workqueue.hpp"

#include "kern/kern_world.hpp"
#include "sched/lock.hpp"
#include "sched/wait.hpp"

namespace vmsim::kern {
namespace {

std::string ran;
WorkQueues* queues = nullptr;
struct completion gate;

struct Item {
  ::work_struct work{};
  char letter = '?';
};

Item& item_of(::work_struct* work) {
  return *reinterpret_cast<Item*>(work);
}

void note(::work_struct* work) {
  ran += item_of(work).letter;
}

void note_data(void* data) {
  ran += *static_cast<char*>(data);
}

void note_pending(::work_struct* work) {
  ran += work->pending != 0 ? 'P' : item_of(work).letter;
  ran += sched::current_task().comm[0];
}

void wait_at_gate(::work_struct* work) {
  ran += '(';
  sched::wait_for_completion(gate);
  ran += item_of(work).letter;
  ran += ')';
}

void queue_again(::work_struct* work) {
  ran += item_of(work).letter;
  if (ran.size() < 5) queues->queue(nullptr, *work);
}

void flush_itself(::work_struct* work) {
  queues->flush(*work);
  queues->flush_queue(nullptr);
  ran += item_of(work).letter;
}

void oops(::work_struct*) {
  *reinterpret_cast<volatile int*>(0x10) = 1;
}

Item item(char letter, void (*func)(::work_struct*) = note) {
  Item made;
  made.work.func = func;
  made.letter = letter;
  return made;
}

struct WorkQueuesTest : ::testing::Test {
  WorkQueuesTest() {
    ran.clear();
    queues = w.workqueues.get();
    sched::init_completion(gate);
  }

  KernWorld w;
};

TEST_F(WorkQueuesTest, RunsInOrderOnAWorkerThread) {
  Item a = item('a', note_pending), b = item('b', note_pending);
  EXPECT_TRUE(queues->queue(nullptr, a.work));
  EXPECT_FALSE(queues->queue(nullptr, a.work)) << "it is pending already";
  EXPECT_TRUE(queues->queue(nullptr, b.work));
  EXPECT_EQ(a.work.pending, 1u);
  EXPECT_EQ(ran, "") << "later, not now";
  queues->flush_queue(nullptr);
  EXPECT_EQ(ran, "akbk") << "pending is cleared before the call, and the thread is a kworker";
  EXPECT_TRUE(queues->queue(nullptr, a.work)) << "it may be queued again";
  EXPECT_TRUE(queues->flush(a.work));
  EXPECT_FALSE(queues->flush(a.work)) << "it is idle now";
  EXPECT_EQ(ran, "akbkak");
}

TEST_F(WorkQueuesTest, OldItemsGetTheirData) {
  char letter = 'd';
  ::work_struct work{};
  work.func = reinterpret_cast<void (*)(::work_struct*)>(reinterpret_cast<void*>(&note_data));
  work.data = &letter;
  work.flags = VMSIM_WORK_DATA;
  queues->queue(nullptr, work);
  queues->flush(work);
  EXPECT_EQ(ran, "d");
}

TEST_F(WorkQueuesTest, DelayedItemsComeLaterAndCanBeMoved) {
  Item a = item('a'), b = item('b');
  EXPECT_TRUE(queues->queue_delayed(nullptr, a.work, 10));
  EXPECT_TRUE(queues->queue_delayed(nullptr, b.work, 5));
  EXPECT_FALSE(queues->flush(a.work)) << "its timer runs: flush_work does not wait for it";
  w.sleep_ms(24);
  EXPECT_EQ(ran, "b");
  EXPECT_TRUE(queues->mod_delayed(nullptr, a.work, 100));
  w.sleep_ms(60);
  EXPECT_EQ(ran, "b");
  EXPECT_TRUE(queues->flush_delayed(a.work)) << "at once";
  EXPECT_EQ(ran, "ba");
  EXPECT_FALSE(queues->mod_delayed(nullptr, a.work, 1));
  w.sleep_ms(20);
  EXPECT_EQ(ran, "baa");
}

TEST_F(WorkQueuesTest, CancelTakesAPendingItemBack) {
  Item a = item('a'), b = item('b');
  queues->queue(nullptr, a.work);
  queues->queue_delayed(nullptr, b.work, 5);
  EXPECT_TRUE(queues->cancel(a.work));
  EXPECT_EQ(a.work.pending, 0u);
  EXPECT_FALSE(queues->cancel(a.work));
  EXPECT_TRUE(queues->cancel_sync(b.work));
  w.sleep_ms(50);
  EXPECT_EQ(ran, "");
}

TEST_F(WorkQueuesTest, CancelSyncWaitsForARunningItem) {
  Item a = item('a', wait_at_gate);
  queues->queue(nullptr, a.work);
  w.sleep_ms(1);
  EXPECT_EQ(ran, "(");
  sched::CallbackTimer timer([] { sched::complete(gate); });
  w.scheduler->timers().arm(timer, w.scheduler->now_ns() + 1000);
  EXPECT_FALSE(queues->cancel_sync(a.work)) << "it was not pending";
  EXPECT_EQ(ran, "(a)");
}

TEST_F(WorkQueuesTest, AnItemThatBlocksDoesNotHoldUpOthers) {
  Item a = item('a', wait_at_gate), b = item('b');
  queues->queue(nullptr, a.work);
  queues->queue(nullptr, b.work);
  queues->flush(b.work);
  EXPECT_EQ(ran, "(b");
  EXPECT_EQ(queues->workers(), 2u);
  sched::complete(gate);
  queues->flush(a.work);
  EXPECT_EQ(ran, "(ba)");
}

TEST_F(WorkQueuesTest, AnOrderedQueueRunsOneAtATime) {
  ::workqueue_struct* const ordered = queues->create("mine", 1);
  Item a = item('a', wait_at_gate), b = item('b');
  queues->queue(ordered, a.work);
  queues->queue(ordered, b.work);
  w.sleep_ms(1);
  EXPECT_EQ(ran, "(");
  sched::complete(gate);
  queues->destroy(ordered);
  EXPECT_EQ(ran, "(a)b") << "destroying runs what is queued";
  EXPECT_EQ(queues->queues(), 0u);
  EXPECT_FALSE(queues->queue(ordered, a.work));
  EXPECT_EQ(w.findings(), "workqueue-unknown");
}

TEST_F(WorkQueuesTest, AnItemQueuedWhileItRunsRunsAgainButNotTwiceAtOnce) {
  Item a = item('a', queue_again);
  queues->queue(nullptr, a.work);
  w.sleep_ms(1);
  EXPECT_EQ(ran, "aaaaa");
  Item b = item('b', wait_at_gate);
  ran.clear();
  queues->queue(nullptr, b.work);
  w.sleep_ms(1);
  queues->queue(nullptr, b.work);
  w.sleep_ms(1);
  EXPECT_EQ(ran, "(") << "another worker is free, and leaves it alone";
  sched::complete_all(gate);
  queues->flush(b.work);
  EXPECT_EQ(ran, "(b)(b)");
}

TEST_F(WorkQueuesTest, WaitingForItselfIsReported) {
  Item a = item('a', flush_itself);
  queues->queue(nullptr, a.work);
  queues->flush(a.work);
  EXPECT_EQ(ran, "a");
  EXPECT_EQ(w.findings(), "work-waits-for-itself work-waits-for-itself");
}

TEST_F(WorkQueuesTest, Misuse) {
  Item none = item('n', nullptr);
  EXPECT_FALSE(queues->queue(nullptr, none.work));
  EXPECT_EQ(w.findings(), "work-without-function");
  Item a = item('a');
  queues->queue_delayed(nullptr, a.work, 5);
  a = item('a');
  EXPECT_FALSE(queues->queue(nullptr, a.work));
  EXPECT_EQ(w.findings(), "work-reinitialized-pending");
  queues->memory_freed(&a, sizeof(a));
  EXPECT_EQ(w.findings(), "work-freed-pending");
  EXPECT_EQ(queues->pending(), 0u);
  ::workqueue_struct* const mine = queues->create("mine", 0);
  queues->queue_delayed(mine, a.work, 5);
  queues->destroy(mine);
  EXPECT_EQ(w.findings(), "work-left-pending");
  w.sleep_ms(50);
  EXPECT_EQ(ran, "");
}

TEST_F(WorkQueuesTest, QueueingInAtomicContextWorks) {
  Item a = item('a');
  sched::preempt_disable();
  EXPECT_TRUE(queues->queue(nullptr, a.work));
  queues->flush(a.work);
  EXPECT_EQ(w.findings().substr(0, 15), "sleep-in-atomic");
  sched::preempt_enable();
  queues->flush(a.work);
  EXPECT_EQ(ran, "a");
  w.probe.clear_findings();
}

TEST_F(WorkQueuesTest, TheWorkerSurvivesAnOops) {
  Item a = item('a', oops), b = item('b');
  queues->queue(nullptr, a.work);
  queues->queue(nullptr, b.work);
  queues->flush_queue(nullptr);
  EXPECT_EQ(ran, "b");
  EXPECT_EQ(w.sink.oopses, 1);
}

TEST_F(WorkQueuesTest, Leftovers) {
  Item a = item('a');
  char code = 0;
  queues->queue_delayed(nullptr, a.work, 5);
  ::workqueue_struct* const mine = queues->create("mine", 1, &code);
  w.leftovers->gone(gone_module(a));
  EXPECT_EQ(w.findings(), "work-left-pending");
  w.leftovers->gone(gone_module(code));
  EXPECT_EQ(w.findings(), "workqueue-left");
  queues->destroy(mine);
}

TEST(WorkQueuesEnd, AnItemThatWaitsForEverDoesNotHoldUpTheEnd) {
  ran.clear();
  sched::init_completion(gate);
  auto w = std::make_unique<KernWorld>();
  Item a = item('a', wait_at_gate);
  w->workqueues->queue(nullptr, a.work);
  w->sleep_ms(1);
  EXPECT_EQ(ran, "(");
  w.reset();
  EXPECT_EQ(ran, "(a)") << "its wait was ended";
}

// --- tasklets ---

void tasklet_note(unsigned long data) {
  ran += static_cast<char>(data);
}

void tasklet_callback(::tasklet_struct*) {
  ran += sched::current_task().atomic_depth(sched::AtomicReason::kInterrupt) != 0 ? 'A' : 'x';
}

TEST(Tasklets, RunOnceWhenTheKernelIsLeft) {
  ran.clear();
  KernWorld w;
  ::tasklet_struct old, fresh;
  Tasklets::init(old, tasklet_note, 't');
  Tasklets::setup(fresh, tasklet_callback);
  w.tasklets->schedule(old);
  w.tasklets->schedule(old);
  w.tasklets->schedule(fresh);
  EXPECT_EQ(ran, "");
  w.pause();
  EXPECT_EQ(ran, "tA");
  w.pause();
  EXPECT_EQ(ran, "tA");
}

TEST(Tasklets, DisabledOnesWait) {
  ran.clear();
  KernWorld w;
  ::tasklet_struct t;
  Tasklets::init(t, tasklet_note, 't');
  w.tasklets->disable(t);
  w.tasklets->schedule(t);
  w.pause();
  EXPECT_EQ(ran, "");
  w.tasklets->enable(t);
  w.pause();
  EXPECT_EQ(ran, "t");
  w.tasklets->enable(t);
  EXPECT_EQ(w.findings(), "tasklet-enable-unbalanced");
}

TEST(Tasklets, KillRunsAScheduledOne) {
  ran.clear();
  KernWorld w;
  ::tasklet_struct t;
  Tasklets::init(t, tasklet_note, 't');
  w.tasklets->kill(t);
  EXPECT_EQ(ran, "");
  w.tasklets->schedule(t);
  w.tasklets->kill(t);
  EXPECT_EQ(ran, "t");
  w.tasklets->disable(t);
  w.tasklets->schedule(t);
  w.tasklets->kill(t);
  EXPECT_EQ(w.findings(), "tasklet-killed-disabled");
  w.pause();
  EXPECT_EQ(ran, "t");
}

TEST(Tasklets, FreedOnesAreTakenBack) {
  ran.clear();
  KernWorld w;
  ::tasklet_struct t;
  Tasklets::init(t, tasklet_note, 't');
  w.tasklets->schedule(t);
  w.leftovers->memory_freed(&t, sizeof(t));
  EXPECT_EQ(w.findings(), "tasklet-freed-scheduled");
  t.state = 0;
  w.tasklets->schedule(t);
  w.leftovers->gone(gone_module(t));
  EXPECT_EQ(w.findings(), "tasklet-left-scheduled");
  w.pause();
  EXPECT_EQ(ran, "");
}

}  // namespace
}  // namespace vmsim::kern
