// SPDX-License-Identifier: MIT
// A task: the C struct that drivers read, and what the scheduler knows behind it.
// Counterpart: struct task_struct with preempt_count and lockdep's held_locks. Leaves out
// priorities, cgroups, namespaces, and signals other than "one is pending" and "a fatal one is
// pending". Made by Scheduler only. Fields are touched by the holder of a CPU; pending flags by any
// task.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "vmsim/addr.hpp"

#include "vmsim/kapi/vmsim/task_types.h"

#include "sched/cpu.hpp"

namespace vmsim::sched {

class Scheduler;

/// Values of task_struct::__state while a task waits (TASK_*).
enum class State : u32 {
  kRunning = 0,
  kInterruptible = 1,
  kUninterruptible = 2,
  kKillable = 0x102,  ///< uninterruptible, but a fatal signal ends the wait
  kIdle = 0x402,      ///< uninterruptible, a kernel thread at rest
};

enum class TaskKind : u8 {
  kBorrowed,      ///< runs on whatever host thread calls in; holds the CPU only inside the kernel
  kProgram,       ///< a user program with a host thread of its own; holds the CPU in user mode too
  kKernelThread,  ///< never leaves the kernel
};

/// Why a task may not sleep.
enum class AtomicReason : u8 {
  kPreemptOff,
  kSpinlock,
  kIrqOff,
  kBottomHalfOff,
  kInterrupt,  ///< runs a handler, a timer or an RCU callback
  kKmapAtomic,
  kRcuRead,
  kCount,
};
const char* atomic_reason_name(AtomicReason reason);

enum class LockKind : u8 { kSpinlock, kRwlock, kMutex, kSemaphore, kRwsem };
enum class HoldMode : u8 { kRead, kWrite };
const char* lock_kind_name(LockKind kind);

struct HeldLock {
  void* lock = nullptr;
  LockKind kind = LockKind::kMutex;
  HoldMode mode = HoldMode::kWrite;
  bool leak_reported = false;
  const void* call = nullptr;  ///< what the driver's lock call returns to, for reports
};

/// What a blocked task waits for, in words, for reports. The texts outlive the wait.
struct WaitNote {
  const char* what = "an event";
  const char* name = nullptr;
  bool spins = false;  ///< allowed in atomic context
};

/// A place in the run queue. A task has one; a host thread that arrives while the CPU is taken has
/// one on its stack.
struct RunNode {
  Task* task = nullptr;
  Baton baton;
  unsigned rank = 0;         ///< lower ranks run first
  unsigned passed_over = 0;  ///< picks that went to others
};

class Task final : public task_struct {
 public:
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  TaskKind kind() const { return kind_; }

  bool owned() const { return kind_ != TaskKind::kBorrowed; }

  bool in_kernel() const { return kernel_depth_ != 0; }

  bool finished() const { return finished_.load(std::memory_order_acquire); }

  bool blocked() const { return blocked_.load(std::memory_order_relaxed); }

  unsigned atomic_depth() const { return atomic_depth_; }

  unsigned atomic_depth(AtomicReason reason) const {
    return atomic_by_reason_[static_cast<unsigned>(reason)];
  }

  void enter_atomic(AtomicReason reason) {
    ++atomic_depth_;
    ++atomic_by_reason_[static_cast<unsigned>(reason)];
  }

  /// False if the task was not atomic for that reason; nothing changes then.
  bool leave_atomic(AtomicReason reason) {
    u16& depth = atomic_by_reason_[static_cast<unsigned>(reason)];
    if (depth == 0) return false;
    --depth;
    --atomic_depth_;
    return true;
  }

  bool interrupts_enabled() const {
    return atomic_depth(AtomicReason::kIrqOff) == 0 && atomic_depth(AtomicReason::kInterrupt) == 0;
  }

  const std::vector<HeldLock>& held_locks() const { return held_; }

  /// "pid 7 'reader'".
  std::string label() const;

  /// fatal_signal_pending(): the task is to die as soon as it can.
  bool kill_pending() const { return kill_pending_.load(std::memory_order_relaxed); }

  bool signal_pending() const {
    return kill_pending() || signal_pending_.load(std::memory_order_relaxed);
  }

  void clear_signal() { signal_pending_.store(false, std::memory_order_relaxed); }

  /// How many waits of this task were ended because nobody could ever have run again. From the
  /// third on it is killed.
  unsigned deadlocks() const { return deadlocks_; }

  /// kthread_should_stop().
  bool should_stop() const { return should_stop_.load(std::memory_order_relaxed); }

  void* user_data = nullptr;  ///< for the room above that made the task
  void* kthread_data = nullptr;

 private:
  friend class Scheduler;
  friend class KernelEntry;
  friend struct LockLedger;

  Task(TaskKind kind, const std::string& name, int pid_number);

  TaskKind kind_;
  std::atomic<bool> blocked_{false};  ///< waits with a state other than running
  bool started_ = false;              ///< owned: has been put in the run queue once
  std::atomic<bool> finished_{false};
  bool abandoned_ = false;  ///< ignored every request to stop; its host thread is parked for good
  unsigned kernel_depth_ = 0;
  unsigned atomic_depth_ = 0;
  u16 atomic_by_reason_[static_cast<unsigned>(AtomicReason::kCount)] = {};
  std::atomic<bool> kill_pending_{false};
  std::atomic<bool> signal_pending_{false};
  std::atomic<bool> should_stop_{false};
  std::vector<HeldLock> held_;

  RunNode node_;
  bool queued_ = false;        ///< node_ is in the run queue
  bool may_time_out_ = false;  ///< blocked with a deadline
  bool deadlocked_ = false;    ///< the wait was ended because nobody could run
  unsigned deadlocks_ = 0;
  unsigned stops_ignored_ = 0;
  const void* parked_on_ = nullptr;
  Task* joins_ = nullptr;
  WaitNote wait_note_;
  u64 dispatched_ns_ = 0;  ///< start of the time slice

  // Host side of an idle wait: since when nothing has entered.
  std::chrono::steady_clock::time_point idle_since_{};
  u64 idle_entries_ = 0;

  std::function<int()> body_;
  std::thread thread_;
};

}  // namespace vmsim::sched
