// SPDX-License-Identifier: MIT
// What the CPU does when no task runs: pending work, timers, the jump of time, and the end of a
// deadlock. Counterpart: the idle loop, softirq and timer interrupts, and the hung-task watchdog.
// Called by the holder of a CPU.
#include <algorithm>

#include "base/assert.hpp"
#include "sched/host_threads.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/lock.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::sched {

namespace {

/// Jumps of time during which no program ran, after which a wait without deadline counts as
/// endless.
constexpr u64 kIdleJumpsMax = 100'000;
/// The longest that a jump of time waits for other threads of the host program.
constexpr u64 kJumpPatienceNs = 20'000'000;
constexpr unsigned kDeadlocksBeforeKill = 3;
constexpr unsigned kDeadlocksReported = 16;
constexpr unsigned kJoinChainMax = 64;  // tasks may join each other in a ring

}  // namespace

// ---- Pending work ----

bool Scheduler::run_pending(Task& self) {
  if (self.atomic_depth(AtomicReason::kInterrupt) != 0) return false;
  constexpr u32 kMine = kIrq | kWork | kTimers;
  const u32 bits = attention_.fetch_and(~kMine, std::memory_order_acq_rel) & kMine;
  if (bits == 0 && !timers_.due()) return false;
  const unsigned state = self.__state;
  self.enter_atomic(AtomicReason::kInterrupt);
  if ((bits & kIrq) != 0 && irq_deliver_ != nullptr) irq_deliver_(irq_context_);
  fire_until(now_ns());
  if ((bits & kWork) != 0) {
    std::deque<std::function<void()>> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(exit_work_);
    }
    for (const auto& work : batch) work();
  }
  self.leave_atomic(AtomicReason::kInterrupt);
  // A wake-up of this task counts; a handler's set_current_state() does not.
  if (self.__state != 0) self.__state = state;
  return true;
}

void Scheduler::fire_until(u64 until_ns) {
  if (firing_) return;
  firing_ = true;
  while (Timer* timer = timers_.pop(until_ns)) {
    probe_.emit(EventKind::kTimer, timer->expires_ns());
    timer->expire();
  }
  firing_ = false;
}

void Scheduler::run_on_kernel_exit(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  exit_work_.push_back(std::move(work));
  attend(kWork);
}

void Scheduler::set_irq_delivery(void (*deliver)(void*), void* context) {
  irq_deliver_ = deliver;
  irq_context_ = context;
}

void Scheduler::raise_irq() {
  attend(kIrq);
}

// ---- Time ----

u64 Scheduler::ns_of_jiffies(u64 jiffies) const {
  const i64 distance = static_cast<i64>(jiffies - initial_jiffies());
  if (distance <= 0) return 0;
  const u64 longest = (~u64{0} >> 1) / ns_per_jiffy();
  return std::min(static_cast<u64>(distance), longest) * ns_per_jiffy();
}

void Scheduler::advance(u64 ns) {
  Task& self = running("advance");
  const u64 until = now_ns() + ns;
  if (self.atomic_depth(AtomicReason::kInterrupt) == 0) {
    self.enter_atomic(AtomicReason::kInterrupt);
    fire_until(until);
    self.leave_atomic(AtomicReason::kInterrupt);
  }
  timers_.move_clock(until);
  tick(0);
}

void Scheduler::tick(u64 ns) {
  if (ns != 0) timers_.move_clock(now_ns() + ns);
  if (timers_.due()) attend(kTimers);
}

void Scheduler::relax(u64 ns) {
  Task& self = running("relax");
  tick(ns);
  if (attention_.load(std::memory_order_relaxed) != 0 && self.interrupts_enabled() &&
      self.atomic_depth(AtomicReason::kBottomHalfOff) == 0) {
    run_pending(self);
  }
  // The slice is over: a thread that polls for another one must let it run.
  if (self.atomic_depth_ == 0 && self.__state == 0 &&
      now_ns() - self.dispatched_ns_ >= ns_per_jiffy()) {
    self.dispatched_ns_ = now_ns();
    yield();
  }
}

WaitResult Scheduler::sleep_ns(u64 ns, State state) {
  return block(state, deadline_in(ns), WaitNote{"a time"});
}

// ---- Idle ----

/// Runs what is pending and says who is next: a node that is off the queue now, or nullptr with the
/// CPU released. Jumps time, or ends a deadlock, when a host thread is stuck inside and nobody can
/// run. `self` holds the CPU, and is queued, blocked or finished.
RunNode* Scheduler::next_or_idle(Task& self) {
  for (;;) {
    run_pending(self);
    rcu_.quiescent();
    {
      const std::lock_guard lock(mutex_);
      if (!run_queue_.empty()) return pick_locked();
      if (stuck_.empty()) {  // nobody outside depends on what happens: an idle machine
        cpu_.release();
        return nullptr;
      }
    }
    if (!timers_.empty() && may_jump()) {
      const u64 next = timers_.next_expiry_ns();
      const u64 distance = next > now_ns() ? next - now_ns() : 0;
      if (host_may_come(self, std::min(distance, kJumpPatienceNs))) {
        if (release_if_nobody_waits()) return nullptr;
        continue;
      }
      ++jumps_;
      self.idle_since_ = std::chrono::steady_clock::now();
      // Differs: idle time costs nothing. When every task waits, simulated time jumps to the next
      // timer.
      timers_.move_clock(next);
      idle_ = true;  // whichever host thread does this, events name nobody
      run_pending(self);
      idle_ = false;
      continue;
    }
    if (host_may_come(self, u64{config_.host_patience_ms} * 1'000'000)) {
      if (release_if_nobody_waits()) return nullptr;
      continue;
    }
    break_deadlock(self);
  }
}

/// False when timers fire for ever and wake nobody that matters (a heartbeat while a reader waits
/// for nothing).
bool Scheduler::may_jump() {
  if (jumps_ < kIdleJumpsMax) return true;
  const std::lock_guard lock(mutex_);
  const bool somebody_times_out = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& task) {
    return task->blocked() && task->may_time_out_ && task->kind() != TaskKind::kKernelThread;
  });
  if (somebody_times_out) jumps_ = 0;
  return somebody_times_out;
}

/// Whether to wait, on the host's clock, for a thread of the host program that is not inside the
/// machine. The threads stuck inside look again every few milliseconds and decide; others leave it
/// to them.
bool Scheduler::host_may_come(Task& self, u64 wanted_ns) const {
  if (!host_threads::others_exist()) return false;
  if (self.owned()) return true;
  const auto now = std::chrono::steady_clock::now();
  if (self.idle_entries_ != cpu_.entries) {
    self.idle_entries_ = cpu_.entries;
    self.idle_since_ = now;
  }
  return now - self.idle_since_ < std::chrono::nanoseconds(wanted_ns);
}

/// The task that noticed, if it is a program; else a task whose host thread is stuck; and if that
/// one only waits for the end of another, the other.
Task* Scheduler::deadlock_victim(Task& self) const {
  // Differs: a deadlock ends. One wait per round fails with -EINTR, uninterruptible ones too, so
  // that programs see an error where Linux has a hung task; after the third the task has a fatal
  // signal.
  Task* victim = nullptr;
  if (self.blocked() && self.kind_ != TaskKind::kKernelThread) {
    victim = &self;
  } else {
    victim = *std::min_element(stuck_.begin(), stuck_.end(),
                               [](const Task* a, const Task* b) { return a->pid < b->pid; });
  }
  for (unsigned steps = 0; steps < kJoinChainMax; ++steps) {
    Task* joined = victim->joins_;
    if (joined == nullptr || !joined->blocked() || joined->deadlocks_ >= kDeadlocksReported) break;
    victim = joined;
  }
  return victim;
}

void Scheduler::break_deadlock(Task& self) {
  Task& victim = *deadlock_victim(self);
  jumps_ = 0;
  victim.deadlocked_ = true;
  ++victim.deadlocks_;
  if (victim.deadlocks_ <= kDeadlocksReported) {
    const std::string cause = timers_.empty() ? "no task can run and no timer is armed: "
                                              : "timers fire, but none lets a program run: ";
    finding("deadlock", cause + describe_blocked() +
                            ". In Linux they wait for ever; here the wait of " + victim.label() +
                            " ends with -EINTR.");
  }
  if (victim.deadlocks_ >= kDeadlocksBeforeKill) {
    victim.kill_pending_.store(true, std::memory_order_relaxed);
  }
  const bool woken = wake(victim);
  VMSIM_ASSERT(woken, "the victim of a deadlock was blocked");
}

std::string Scheduler::describe_blocked() const {
  std::vector<const Task*> blocked(stuck_.begin(), stuck_.end());
  std::vector<const Task*> all(stuck_.begin(), stuck_.end());
  {
    const std::lock_guard lock(mutex_);
    for (const auto& task : tasks_) {
      all.push_back(task.get());
      const bool listed = std::find(blocked.begin(), blocked.end(), task.get()) != blocked.end();
      if (task->blocked() && !listed) blocked.push_back(task.get());
    }
  }
  std::stable_sort(blocked.begin(), blocked.end(),
                   [](const Task* a, const Task* b) { return a->pid < b->pid; });
  const auto quoted = [](const char* name) {
    return name == nullptr ? std::string() : " '" + std::string(name) + "'";
  };
  std::string text;
  for (const Task* task : blocked) {
    text += text.empty() ? "" : "; ";
    text += task->label() + " waits for " + task->wait_note_.what + quoted(task->wait_note_.name);
    for (const Task* other : all) {
      const bool holds = task->parked_on_ != nullptr &&
                         std::any_of(other->held_.begin(), other->held_.end(),
                                     [task](const auto& h) { return h.lock == task->parked_on_; });
      if (holds) {
        text += " held by " + other->label();
        break;
      }
    }
    for (const HeldLock& held : task->held_) {
      text += std::string(&held == &task->held_.front() ? ", holds " : " and ") +
              lock_kind_name(held.kind) + quoted(LockLedger::name_of(held));
    }
  }
  return text;
}

}  // namespace vmsim::sched
