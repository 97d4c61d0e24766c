// SPDX-License-Identifier: MIT
// Who holds the CPU: the slow ways in and out of the kernel, the run queue, sleeping and waking.
// Counterpart: __schedule(), try_to_wake_up(), exit_to_user_mode_loop().
#include <algorithm>

#include "base/assert.hpp"
#include "sched/host_threads.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/scheduler.hpp"
#include "sched/lock.hpp"

namespace vmsim::sched {

namespace {

/// A task on its way out lets others go first this many times; a thread that only yields cannot
/// hold it for ever.
constexpr unsigned kPassedOverMax = 200;
/// Rounds of pending work on one way out; work that raises itself goes on with the next.
constexpr unsigned kExitRounds = 100;
constexpr std::chrono::microseconds kPollInterval{2000};
constexpr u64 kYieldNs = 1000;
constexpr u64 kOrderLogMax = 4096;

class WakeTimer final : public Timer {
 public:
  WakeTimer(Scheduler& scheduler, Task& task) : scheduler_(scheduler), task_(task) {}

  void expire() override { fired = task_.blocked() && scheduler_.wake(task_); }

  bool fired = false;

 private:
  Scheduler& scheduler_;
  Task& task_;
};

bool signal_ends(const Task& task, unsigned state) {
  if ((state & static_cast<unsigned>(State::kInterruptible)) != 0) return task.signal_pending();
  return (state & 0x100) != 0 && task.kill_pending();
}

}  // namespace

// ---- In and out ----

void Scheduler::enter_contended(Task& task) {
  RunNode node;
  node.task = &task;
  enqueue(node, kRankNormal);
  cpu_.order_before_claim();
  if (cpu_.try_claim()) {  // it was left in the meantime, and nobody was handed it
    const std::lock_guard lock(mutex_);
    dequeue_locked(node);
    return;
  }
  node.baton.wait();
}

void Scheduler::die_busy_task(const Task& task) const {
  const std::string why =
      task.label() + (task.finished() ? " has ended" : " is inside the kernel already") +
      ": a task is driven by one host thread at a time; make one task per thread.";
  base::assert_failed(__FILE__, __LINE__, "KernelEntry", "the task is in user mode", why.c_str());
}

void Scheduler::report_leaks(Task& task) {
  for (HeldLock& held : task.held_) {
    if (held.leak_reported) continue;
    held.leak_reported = true;
    finding("lock-leaked-to-user", task.label() + " returns to user mode with " +
                                       LockLedger::label(held.kind, LockLedger::name_of(held)) +
                                       taken_at(held) + " held. It stays locked, as in Linux.");
  }
  if (task.atomic_depth_ == 0) return;
  std::string reasons;
  for (unsigned i = 0; i < static_cast<unsigned>(AtomicReason::kCount); ++i) {
    if (task.atomic_by_reason_[i] == 0) continue;
    const auto reason = static_cast<AtomicReason>(i);
    if (reason != AtomicReason::kSpinlock || task.held_.empty()) {
      reasons += std::string(reasons.empty() ? "" : ", ") + atomic_reason_name(reason);
    }
    if (reason == AtomicReason::kRcuRead) rcu_.forget_reader(task.atomic_by_reason_[i]);
    task.atomic_by_reason_[i] = 0;
  }
  task.atomic_depth_ = 0;
  if (!reasons.empty()) {
    finding("lock-leaked-to-user",
            task.label() + " returns to user mode while " + reasons + ". Reset.");
  }
}

bool Scheduler::owned_runnable() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(run_queue_.begin(), run_queue_.end(),
                     [](const RunNode* node) { return node->task->owned(); });
}

void Scheduler::yield_while_leaving(Task& task, unsigned rank) {
  enqueue(task.node_, rank);
  switch_from(task);
}

void Scheduler::leave_slow(Task& task) {
  report_leaks(task);
  // A fast other CPU: what can run does, until all of it waits.
  for (unsigned round = 0; round < kExitRounds; ++round) {
    const bool ran = run_pending(task);
    rcu_.quiescent();
    if (owned_runnable()) {
      yield_while_leaving(task, kRankBorrowedLeaving);
      if (task.node_.passed_over >= kPassedOverMax) break;
    } else if (!ran) {
      break;
    }
  }
  task.kernel_depth_ = 0;
  pass_on_or_release();
}

/// Host threads that wait to get in are let in. An owned thread that only yields stays queued until
/// the kernel is left again: beside a user mode that nobody simulates, its progress would depend on
/// the host's clock.
void Scheduler::pass_on_or_release() {
  RunNode* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    next = pick_arrival_locked();
    if (next == nullptr) {
      cpu_.release();
      return;
    }
  }
  hand_over(*next);
}

void Scheduler::leave_program(Task& task) {
  if (task.atomic_depth_ != 0 || !task.held_.empty()) report_leaks(task);
  for (unsigned round = 0; round < kExitRounds; ++round) {
    if (attention_.load(std::memory_order_relaxed) == 0) break;
    const bool ran = run_pending(task);
    rcu_.quiescent();
    if (!ran) break;
  }
  // Programs take turns here; kernel threads go first.
  if ((attention_.load(std::memory_order_relaxed) & kRunnable) != 0) {
    yield_while_leaving(task, kRankProgramLeaving);
  }
  task.kernel_depth_ = 0;
}

void Scheduler::pass_on_after_release() {
  if (cpu_.try_claim()) pass_on_or_release();  // else whoever has it passes it on
}

void Scheduler::poke() {
  VMSIM_ASSERT(entry_top == nullptr, "poke() is for threads outside of the kernel");
  Task host(TaskKind::kBorrowed, "host", 0);
  const KernelEntry entry(*this, host, kernel_);
}

// ---- The run queue ----

void Scheduler::enqueue(RunNode& node, unsigned rank) {
  const std::lock_guard lock(mutex_);
  if (&node == &node.task->node_) {
    if (node.task->queued_) return;
    node.task->queued_ = true;
  }
  node.rank = rank;
  node.passed_over = 0;
  run_queue_.push_back(&node);
  attend(kRunnable);
}

void Scheduler::dequeue_locked(RunNode& node) {
  run_queue_.erase(std::find(run_queue_.begin(), run_queue_.end(), &node));
  if (&node == &node.task->node_) node.task->queued_ = false;
  if (run_queue_.empty()) attention_.fetch_and(~u32{kRunnable}, std::memory_order_relaxed);
}

RunNode* Scheduler::pick_locked() {
  unsigned lowest = ~0u;
  u64 candidates = 0;
  for (RunNode* node : run_queue_) {
    if (node->rank < lowest) {
      lowest = node->rank;
      candidates = 0;
    }
    if (node->rank == lowest) ++candidates;
  }
  u64 chosen = candidates == 1 ? 0 : rng_.below(candidates);
  RunNode* next = nullptr;
  for (RunNode* node : run_queue_) {
    if (node->rank == lowest && chosen-- == 0) {
      next = node;
    } else if (node->rank != kRankNormal && ++node->passed_over >= kPassedOverMax) {
      node->rank = kRankNormal;
    }
  }
  dequeue_locked(*next);
  return next;
}

RunNode* Scheduler::pick_arrival_locked() {
  std::vector<RunNode*> arrivals;
  for (RunNode* node : run_queue_) {
    if (!node->task->owned()) arrivals.push_back(node);
  }
  if (arrivals.empty()) return nullptr;
  RunNode* next = arrivals[arrivals.size() == 1 ? 0 : rng_.below(arrivals.size())];
  dequeue_locked(*next);
  return next;
}

void Scheduler::dispatched(Task& task) {
  task.dispatched_ns_ = now_ns();
  if (task.kind_ != TaskKind::kKernelThread) jumps_ = 0;
}

void Scheduler::hand_over(RunNode& node) {
  Task& task = *node.task;
  dispatched(task);
  cpu_.current = &task;
  // Only changes are traced: an idle CPU may be given back to its last task by any host thread, or
  // by none.
  if (last_pid_ != task.pid) {
    last_pid_ = task.pid;
    ++switches_;
    {
      const std::lock_guard lock(mutex_);
      order_log_.push_back(task.pid);
      if (order_log_.size() > kOrderLogMax) order_log_.pop_front();
    }
    probe_.emit(EventKind::kSched, static_cast<u64>(task.pid), 0, 0, 0, "switch");
  }
  node.baton.post();  // nothing of the scheduler or the node is touched after this
}

void Scheduler::switch_from(Task& self) {
  last_pid_ = self.pid;
  for (;;) {
    // Decided before the CPU is gone: afterwards others write the task.
    const bool polls = self.blocked() && !self.owned();
    RunNode* next = next_or_idle(self);
    if (next == &self.node_) {
      dispatched(self);
      last_pid_ = self.pid;
      return;
    }
    if (next != nullptr) hand_over(*next);
    if (wait_for_cpu(self, polls)) return;
  }
}

/// True when the CPU was handed to `self`; false when `self` has claimed it only to look whether
/// anything can be done.
bool Scheduler::wait_for_cpu(Task& self, bool polls) {
  Baton& baton = self.node_.baton;
  if (!polls) {
    baton.wait();
    return true;
  }
  // A stuck host thread keeps an eye on the machine: a thread that left the kernel last has no
  // reason to.
  bool handed = false;
  while (!(handed = baton.wait_for(kPollInterval)) && !cpu_.try_claim()) {
  }
  if (!handed) cpu_.current = &self;
  return handed;
}

bool Scheduler::release_if_nobody_waits() {
  const std::lock_guard lock(mutex_);
  if (!run_queue_.empty()) return false;
  cpu_.release();
  return true;
}

// ---- Sleeping and waking ----

Task& Scheduler::running(const char* what) const {
  const EntryFrame& frame = current_frame(what);
  VMSIM_ASSERT(frame.scheduler == this, "the innermost kernel entry is another machine's");
  return *frame.task;
}

bool Scheduler::check_may_sleep(const char* what) {
  Task& self = running(what);
  if (self.atomic_depth_ == 0) [[likely]]
    return true;
  std::string reasons;
  for (unsigned i = 0; i < static_cast<unsigned>(AtomicReason::kCount); ++i) {
    if (self.atomic_by_reason_[i] == 0) continue;
    reasons +=
        std::string(reasons.empty() ? "" : ", ") + atomic_reason_name(static_cast<AtomicReason>(i));
  }
  finding("sleep-in-atomic",
          self.label() + " may sleep in " + what + " while " + reasons +
              ". Linux prints \"sleeping function called from invalid context\" and "
              "may hang.");
  return false;
}

void Scheduler::unstick(Task& task) {
  task.blocked_.store(false, std::memory_order_relaxed);
  if (!task.owned()) stuck_.erase(std::find(stuck_.begin(), stuck_.end(), &task));
}

bool Scheduler::wake(Task& task, unsigned mode) {
  if ((task.__state & mode) == 0) return false;
  task.__state = 0;
  if (task.blocked()) {
    unstick(task);
    enqueue(task.node_, kRankNormal);
  }
  return true;
}

WaitResult Scheduler::block(State state, Deadline deadline, WaitNote note) {
  running("block").__state = static_cast<unsigned>(state);
  return schedule(deadline, note);
}

WaitResult Scheduler::schedule(Deadline deadline, WaitNote note) {
  Task& self = running("schedule");
  if (self.atomic_depth_ != 0 && !note.spins) check_may_sleep("schedule");
  // A handler runs on top of whatever task was there: it cannot wait at all.
  if (self.atomic_depth(AtomicReason::kInterrupt) != 0) return WaitResult::kInterrupted;
  if (stopping_ && self.owned()) return wait_while_stopping(self);
  if (self.__state == 0) {
    yield();
    return WaitResult::kWoken;
  }
  if (signal_ends(self, self.__state)) {
    self.__state = 0;
    return WaitResult::kInterrupted;
  }
  return sleep(self, deadline, note);
}

WaitResult Scheduler::sleep(Task& self, Deadline deadline, WaitNote note) {
  const unsigned state = self.__state;
  WakeTimer timer(*this, self);
  if (!deadline.is_never()) timers_.arm(timer, deadline.at_ns);
  self.blocked_.store(true, std::memory_order_relaxed);
  self.may_time_out_ = !deadline.is_never();
  self.wait_note_ = note;
  if (!self.owned()) {
    stuck_.push_back(&self);
    self.idle_since_ = std::chrono::steady_clock::now();
    self.idle_entries_ = cpu_.entries;
  }
  // Counted while the CPU is held on both sides, so that no holder ever sees this thread as one
  // that may come.
  const int counted = host_threads::this_is_owned ? 0 : 1;
  host_threads::waiting += counted;
  switch_from(self);
  host_threads::waiting -= counted;
  if (self.deadlocked_) {
    self.deadlocked_ = false;
    return WaitResult::kDeadlock;
  }
  if (timer.fired) return WaitResult::kTimeout;
  return signal_ends(self, state) ? WaitResult::kInterrupted : WaitResult::kWoken;
}

void Scheduler::yield() {
  Task& self = running("yield");
  if (self.atomic_depth(AtomicReason::kInterrupt) != 0) return;
  if (stopping_ && self.owned()) wait_while_stopping(self);
  tick(kYieldNs);  // a loop that only yields must see time pass
  if (attention_.load(std::memory_order_relaxed) == 0) return;
  enqueue(self.node_, kRankNormal);
  switch_from(self);
}

WaitResult Scheduler::park(const void* object, State state, WaitNote note, Deadline deadline) {
  Task& self = running("park");
  self.parked_on_ = object;
  parked_.push_back(&self);
  const WaitResult result = block(state, deadline, note);
  self.parked_on_ = nullptr;
  const auto at = std::find(parked_.begin(), parked_.end(), &self);
  if (at != parked_.end()) parked_.erase(at);
  return result;
}

bool Scheduler::unpark_one(const void* object) {
  const auto at = std::find_if(parked_.begin(), parked_.end(),
                               [object](const Task* task) { return task->parked_on_ == object; });
  if (at == parked_.end()) return false;
  Task* task = *at;
  parked_.erase(at);
  wake(*task);
  return true;
}

void Scheduler::unpark_all(const void* object) {
  while (unpark_one(object)) {
  }
}

}  // namespace vmsim::sched
