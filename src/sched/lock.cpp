// SPDX-License-Identifier: MIT
// The books of all locks: who holds what, reports of misuse, and release on behalf of the dead.
// Counterpart: lockdep's held_locks and debug_mutexes. Leaves out lock classes and the order graph.
#include "sched/lock.hpp"

#include <algorithm>

#include "sched/driver_call.hpp"

namespace vmsim::sched {

void LockLedger::took(Task& task, void* lock, LockKind kind, HoldMode mode) {
  task.held_.push_back(HeldLock{lock, kind, mode, false, DriverCall::caller()});
  ++current_scheduler().held_total_;
}

bool LockLedger::dropped(Task& task, const void* lock, HoldMode mode) {
  // From the back: locks are mostly dropped in reverse order.
  for (u64 i = task.held_.size(); i-- > 0;) {
    if (task.held_[i].lock != lock || task.held_[i].mode != mode) continue;
    task.held_.erase(task.held_.begin() + static_cast<std::ptrdiff_t>(i));
    --current_scheduler().held_total_;
    return true;
  }
  return false;
}

bool LockLedger::holds(const Task& task, const void* lock, HoldMode mode) {
  return std::any_of(task.held_.begin(), task.held_.end(),
                     [&](const HeldLock& held) { return held.lock == lock && held.mode == mode; });
}

Task* LockLedger::owner(struct task_struct* field, LockKind kind, bool& broken) {
  broken = false;
  if (field == nullptr) return nullptr;
  if (field == static_cast<struct task_struct*>(&current_task())) return &current_task();
  Scheduler& scheduler = current_scheduler();
  Task* task = scheduler.find_task(field);
  if (task == nullptr) {
    broken = true;
    scheduler.finding("lock-corrupt",
                      std::string("a ") + lock_kind_name(kind) +
                          " has an owner that is no living task: it was never initialised, or "
                          "overwritten. It is taken as unlocked.");
  }
  return task;
}

std::string LockLedger::label(LockKind kind, const char* name) {
  const std::string what = lock_kind_name(kind);
  return name == nullptr ? what : what + " '" + name + "'";
}

const char* LockLedger::name_of(const HeldLock& held) {
  switch (held.kind) {
    case LockKind::kSpinlock:
      return static_cast<vmsim_spinlock_t*>(held.lock)->name;
    case LockKind::kRwlock:
      return static_cast<vmsim_rwlock_t*>(held.lock)->name;
    case LockKind::kMutex:
      return static_cast<struct mutex*>(held.lock)->name;
    case LockKind::kSemaphore:
      return static_cast<struct semaphore*>(held.lock)->name;
    case LockKind::kRwsem:
      return static_cast<struct rw_semaphore*>(held.lock)->name;
  }
  return nullptr;
}

void LockLedger::report_recursive(const Task& task, LockKind kind, const char* name) {
  current_scheduler().finding("recursive-lock",
                              task.label() + " locks " + label(kind, name) +
                                  " that it holds already; Linux deadlocks here.");
}

void LockLedger::report_bad_unlock(const Task& task, LockKind kind, const char* name,
                                   const Task* owner) {
  if (owner == nullptr) {
    current_scheduler().finding(
        "unlock-unlocked", task.label() + " unlocks " + label(kind, name) + " that is not locked.");
    return;
  }
  current_scheduler().finding("unlock-not-owner", task.label() + " unlocks " + label(kind, name) +
                                                      " that " + owner->label() +
                                                      " holds. It stays locked.");
}

void LockLedger::force_release(Scheduler& scheduler, Task& task, const HeldLock& held) {
  switch (held.kind) {
    case LockKind::kSpinlock:
      static_cast<vmsim_spinlock_t*>(held.lock)->owner = nullptr;
      break;
    case LockKind::kMutex:
      static_cast<struct mutex*>(held.lock)->owner = nullptr;
      break;
    case LockKind::kSemaphore:
      ++static_cast<struct semaphore*>(held.lock)->count;
      break;
    case LockKind::kRwlock: {
      auto* lock = static_cast<vmsim_rwlock_t*>(held.lock);
      if (held.mode == HoldMode::kWrite) {
        lock->owner = nullptr;
      } else {
        --lock->readers;
      }
      break;
    }
    case LockKind::kRwsem: {
      auto* sem = static_cast<struct rw_semaphore*>(held.lock);
      if (held.mode == HoldMode::kWrite) {
        sem->owner = nullptr;
      } else {
        --sem->readers;
      }
      break;
    }
  }
  void* const lock = held.lock;
  const HoldMode mode = held.mode;
  for (u64 i = task.held_.size(); i-- > 0;) {
    if (task.held_[i].lock != lock || task.held_[i].mode != mode) continue;
    task.held_.erase(task.held_.begin() + static_cast<std::ptrdiff_t>(i));
    --scheduler.held_total_;
    break;
  }
  scheduler.unpark_all(lock);
}

std::string Scheduler::taken_at(const HeldLock& held) const {
  const std::string place = probe_.places().of_call(held.call);
  return place.empty() ? place : ", taken at " + place + ",";
}

unsigned Scheduler::release_all(Task& task, const char* rule, const char* why) {
  unsigned released = 0;
  while (!task.held_.empty()) {
    const HeldLock held = task.held_.back();
    finding(rule, task.label() + " held " +
                      LockLedger::label(held.kind, LockLedger::name_of(held)) + taken_at(held) + " when " + why +
                      ". It is released; in Linux it stays locked.");
    LockLedger::force_release(*this, task, held);
    ++released;
  }
  const unsigned readers = task.atomic_depth(AtomicReason::kRcuRead);
  if (readers != 0) rcu_.forget_reader(readers);
  // A handler's own section belongs to whoever called the handler.
  const unsigned handlers = task.atomic_depth(AtomicReason::kInterrupt);
  std::fill(std::begin(task.atomic_by_reason_), std::end(task.atomic_by_reason_), u16{0});
  task.atomic_by_reason_[static_cast<unsigned>(AtomicReason::kInterrupt)] =
      static_cast<u16>(handlers);
  task.atomic_depth_ = handlers;
  return released;
}

void Scheduler::memory_freed(const void* start, u64 bytes) {
  driver_timers_.memory_freed(start, bytes);
  if (held_total_ == 0) return;
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  std::vector<Task*> holders;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& task : tasks_) {
      if (!task->held_.empty()) holders.push_back(task.get());
    }
  }
  for (Task* task : holders) {
    for (u64 i = task->held_.size(); i-- > 0;) {
      const HeldLock held = task->held_[i];
      const auto at = reinterpret_cast<std::uintptr_t>(held.lock);
      if (at < first || at >= first + bytes) continue;
      finding("lock-freed-held", "memory is freed with a " +
                                     std::string(lock_kind_name(held.kind)) + " in it that " +
                                     task->label() + " holds.");
      task->held_.erase(task->held_.begin() + static_cast<std::ptrdiff_t>(i));
      --held_total_;
      if (held.kind == LockKind::kSpinlock || held.kind == LockKind::kRwlock) {
        task->leave_atomic(AtomicReason::kSpinlock);
      }
      unpark_all(held.lock);
    }
  }
}

bool lock_is_held(const void* lock, HoldMode mode, const Task& task) {
  return LockLedger::holds(task, lock, HoldMode::kWrite) ||
         (mode == HoldMode::kRead && LockLedger::holds(task, lock, HoldMode::kRead));
}

}  // namespace vmsim::sched
