// SPDX-License-Identifier: MIT
// struct mutex. Counterpart: kernel/locking/mutex.c. First come, first woken; a newcomer may still
// take it before.
#include <cerrno>

#include "sched/lock.hpp"

namespace vmsim::sched {

bool mutex_trylock(struct mutex& lock) {
  if (lock.owner != nullptr) {
    bool broken = false;
    LockLedger::owner(lock.owner, LockKind::kMutex, broken);
    if (!broken) return false;
    lock = {};
  }
  Task& self = current_task();
  lock.owner = &self;
  LockLedger::took(self, &lock, LockKind::kMutex, HoldMode::kWrite);
  return true;
}

int mutex_lock(struct mutex& lock, State state) {
  Scheduler& scheduler = current_scheduler();
  scheduler.check_may_sleep("mutex_lock");
  while (!mutex_trylock(lock)) {
    if (lock.owner == &current_task()) {
      LockLedger::report_recursive(current_task(), LockKind::kMutex, lock.name);
      return -EDEADLK;
    }
    const WaitNote note{lock_kind_name(LockKind::kMutex), lock.name};
    const WaitResult result = scheduler.park(&lock, state, note);
    if (result == WaitResult::kWoken) continue;
    // The wake-up that this wait may have used up goes to the next one.
    if (lock.owner == nullptr) scheduler.unpark_one(&lock);
    return errno_of(result);
  }
  return 0;
}

void mutex_unlock(struct mutex& lock) {
  Task& self = current_task();
  if (lock.owner != &self) {
    bool broken = false;
    const Task* owner = LockLedger::owner(lock.owner, LockKind::kMutex, broken);
    if (!broken) LockLedger::report_bad_unlock(self, LockKind::kMutex, lock.name, owner);
    return;
  }
  lock.owner = nullptr;
  LockLedger::dropped(self, &lock, HoldMode::kWrite);
  current_scheduler().unpark_one(&lock);
}

bool mutex_is_locked(const struct mutex& lock) {
  return lock.owner != nullptr;
}

}  // namespace vmsim::sched
