// SPDX-License-Identifier: MIT
// Spinlocks, reader-writer spinlocks, and the switches for interrupts, bottom halves and
// preemption. Counterpart: kernel/locking/spinlock.c. Whoever finds one taken passes the CPU on:
// its holder sleeps, which is reported where it happened.
#include <cerrno>

#include "sched/lock.hpp"

namespace vmsim::sched {

namespace {

constexpr unsigned long kInterruptsOn = 0x200;

int spin_on(void* lock, LockKind kind, const char* name) {
  const WaitNote note{lock_kind_name(kind), name, true};
  const WaitResult result = current_scheduler().park(lock, State::kUninterruptible, note);
  return errno_of(result);
}

void leave_atomic(AtomicReason reason, const char* what) {
  if (!current_task().leave_atomic(reason)) {
    current_scheduler().finding("unbalanced-atomic", current_task().label() + " calls " + what +
                                                         " more often than its counterpart.");
  }
}

/// 0 when the lock is free for this mode, 1 to try again, or the error.
int spin_until_free(vmsim_rwlock_t& lock, HoldMode wanted) {
  bool broken = false;
  const Task* owner = LockLedger::owner(lock.owner, LockKind::kRwlock, broken);
  if (broken) {
    lock = {};
    return 1;
  }
  if (owner == nullptr && (wanted == HoldMode::kRead || lock.readers == 0)) return 0;
  const Task& self = current_task();
  if (owner == &self ||
      (wanted == HoldMode::kWrite && LockLedger::holds(self, &lock, HoldMode::kRead))) {
    LockLedger::report_recursive(self, LockKind::kRwlock, lock.name);
    return -EDEADLK;
  }
  const int result = spin_on(&lock, LockKind::kRwlock, lock.name);
  return result == 0 ? 1 : result;
}

void took_rwlock(vmsim_rwlock_t& lock, HoldMode mode) {
  Task& self = current_task();
  if (mode == HoldMode::kWrite) {
    lock.owner = &self;
  } else {
    ++lock.readers;
  }
  self.enter_atomic(AtomicReason::kSpinlock);
  LockLedger::took(self, &lock, LockKind::kRwlock, mode);
}

}  // namespace

bool spin_trylock(vmsim_spinlock_t& lock) {
  if (lock.owner != nullptr) {
    bool broken = false;
    LockLedger::owner(lock.owner, LockKind::kSpinlock, broken);
    if (!broken) return false;
    lock = {};
  }
  Task& self = current_task();
  lock.owner = &self;
  self.enter_atomic(AtomicReason::kSpinlock);
  LockLedger::took(self, &lock, LockKind::kSpinlock, HoldMode::kWrite);
  return true;
}

int spin_lock(vmsim_spinlock_t& lock) {
  while (!spin_trylock(lock)) {
    if (lock.owner == &current_task()) {
      LockLedger::report_recursive(current_task(), LockKind::kSpinlock, lock.name);
      return -EDEADLK;
    }
    const int result = spin_on(&lock, LockKind::kSpinlock, lock.name);
    if (result != 0) return result;
  }
  return 0;
}

void spin_unlock(vmsim_spinlock_t& lock) {
  Task& self = current_task();
  if (lock.owner != &self) {
    bool broken = false;
    const Task* owner = LockLedger::owner(lock.owner, LockKind::kSpinlock, broken);
    if (!broken) LockLedger::report_bad_unlock(self, LockKind::kSpinlock, lock.name, owner);
    return;
  }
  lock.owner = nullptr;
  LockLedger::dropped(self, &lock, HoldMode::kWrite);
  self.leave_atomic(AtomicReason::kSpinlock);
  current_scheduler().unpark_one(&lock);
}

bool spin_is_locked(const vmsim_spinlock_t& lock) {
  return lock.owner != nullptr;
}

unsigned long local_irq_save() {
  Task& self = current_task();
  // A switch, not a count, as the CPU's flag is.
  if (self.atomic_depth(AtomicReason::kIrqOff) != 0) return 0;
  self.enter_atomic(AtomicReason::kIrqOff);
  return kInterruptsOn;
}

void local_irq_restore(unsigned long flags) {
  if ((flags & kInterruptsOn) != 0) {
    current_task().leave_atomic(AtomicReason::kIrqOff);
  } else {
    local_irq_save();
  }
}

void local_irq_disable() {
  local_irq_save();
}

void local_irq_enable() {
  current_task().leave_atomic(AtomicReason::kIrqOff);
}

bool irqs_disabled() {
  return !current_task().interrupts_enabled();
}

void local_bh_disable() {
  current_task().enter_atomic(AtomicReason::kBottomHalfOff);
}

void local_bh_enable() {
  leave_atomic(AtomicReason::kBottomHalfOff, "local_bh_enable");
}

void preempt_disable() {
  current_task().enter_atomic(AtomicReason::kPreemptOff);
}

void preempt_enable() {
  leave_atomic(AtomicReason::kPreemptOff, "preempt_enable");
}

int spin_lock_irqsave(vmsim_spinlock_t& lock, unsigned long& flags) {
  flags = local_irq_save();
  const int result = spin_lock(lock);
  if (result != 0) local_irq_restore(flags);
  return result;
}

void spin_unlock_irqrestore(vmsim_spinlock_t& lock, unsigned long flags) {
  spin_unlock(lock);
  local_irq_restore(flags);
}

int spin_lock_irq(vmsim_spinlock_t& lock) {
  unsigned long flags = 0;
  return spin_lock_irqsave(lock, flags);
}

void spin_unlock_irq(vmsim_spinlock_t& lock) {
  spin_unlock(lock);
  local_irq_enable();
}

int spin_lock_bh(vmsim_spinlock_t& lock) {
  local_bh_disable();
  const int result = spin_lock(lock);
  if (result != 0) local_bh_enable();
  return result;
}

void spin_unlock_bh(vmsim_spinlock_t& lock) {
  spin_unlock(lock);
  local_bh_enable();
}

int read_lock(vmsim_rwlock_t& lock) {
  int result = 0;
  while ((result = spin_until_free(lock, HoldMode::kRead)) > 0) {
  }
  if (result == 0) took_rwlock(lock, HoldMode::kRead);
  return result;
}

int write_lock(vmsim_rwlock_t& lock) {
  int result = 0;
  while ((result = spin_until_free(lock, HoldMode::kWrite)) > 0) {
  }
  if (result == 0) took_rwlock(lock, HoldMode::kWrite);
  return result;
}

bool read_trylock(vmsim_rwlock_t& lock) {
  if (lock.owner != nullptr) return false;
  took_rwlock(lock, HoldMode::kRead);
  return true;
}

bool write_trylock(vmsim_rwlock_t& lock) {
  if (lock.owner != nullptr || lock.readers != 0) return false;
  took_rwlock(lock, HoldMode::kWrite);
  return true;
}

void read_unlock(vmsim_rwlock_t& lock) {
  Task& self = current_task();
  if (!LockLedger::dropped(self, &lock, HoldMode::kRead)) {
    LockLedger::report_bad_unlock(self, LockKind::kRwlock, lock.name, nullptr);
    return;
  }
  self.leave_atomic(AtomicReason::kSpinlock);
  if (--lock.readers == 0) current_scheduler().unpark_all(&lock);
}

void write_unlock(vmsim_rwlock_t& lock) {
  Task& self = current_task();
  if (lock.owner != &self) {
    bool broken = false;
    const Task* owner = LockLedger::owner(lock.owner, LockKind::kRwlock, broken);
    if (!broken) LockLedger::report_bad_unlock(self, LockKind::kRwlock, lock.name, owner);
    return;
  }
  lock.owner = nullptr;
  LockLedger::dropped(self, &lock, HoldMode::kWrite);
  self.leave_atomic(AtomicReason::kSpinlock);
  current_scheduler().unpark_all(&lock);
}

}  // namespace vmsim::sched
