// SPDX-License-Identifier: MIT
// The kernel's locks on the C structs that drivers own. Counterpart: kernel/locking. Misuse never
// hangs: it is a Finding
// ("recursive-lock", "unlock-unlocked", "unlock-not-owner", "sleep-in-atomic", "lock-corrupt") and
// an error value. Leaves out adaptive spinning, priority inheritance and lock classes; a spinlock
// that is taken is waited for by passing the CPU on. Called by the holder of a CPU; every function
// acts for current_task().
#pragma once

#include "vmsim/kapi/vmsim/lock_types.h"

#include "sched/kernel_entry.hpp"
#include "sched/task.hpp"

namespace vmsim::sched {

// Acquiring returns 0, -EINTR (a signal where `state` admits it, or a deadlock, already reported)
// or -EDEADLK (this task holds it already, reported). The lock is not held after an error; the
// caller decides whether that is an oops.

[[nodiscard]] int spin_lock(vmsim_spinlock_t& lock);
bool spin_trylock(vmsim_spinlock_t& lock);
void spin_unlock(vmsim_spinlock_t& lock);
/// On failure interrupts are as before.
[[nodiscard]] int spin_lock_irqsave(vmsim_spinlock_t& lock, unsigned long& flags);
void spin_unlock_irqrestore(vmsim_spinlock_t& lock, unsigned long flags);
[[nodiscard]] int spin_lock_irq(vmsim_spinlock_t& lock);
void spin_unlock_irq(vmsim_spinlock_t& lock);
[[nodiscard]] int spin_lock_bh(vmsim_spinlock_t& lock);
void spin_unlock_bh(vmsim_spinlock_t& lock);
bool spin_is_locked(const vmsim_spinlock_t& lock);

/// Interrupts and bottom halves of this task; flags are 0x200 if interrupts were on, as x86 has it.
unsigned long local_irq_save();
void local_irq_restore(unsigned long flags);
void local_irq_disable();
void local_irq_enable();
bool irqs_disabled();
void local_bh_disable();
void local_bh_enable();
void preempt_disable();
void preempt_enable();

[[nodiscard]] int read_lock(vmsim_rwlock_t& lock);
[[nodiscard]] int write_lock(vmsim_rwlock_t& lock);
bool read_trylock(vmsim_rwlock_t& lock);
bool write_trylock(vmsim_rwlock_t& lock);
void read_unlock(vmsim_rwlock_t& lock);
void write_unlock(vmsim_rwlock_t& lock);

[[nodiscard]] int mutex_lock(struct mutex& lock, State state = State::kUninterruptible);
bool mutex_trylock(struct mutex& lock);
void mutex_unlock(struct mutex& lock);
bool mutex_is_locked(const struct mutex& lock);

[[nodiscard]] int down(struct semaphore& sem, State state = State::kUninterruptible,
                       Deadline deadline = {});
bool down_trylock(struct semaphore& sem);
void up(struct semaphore& sem);

[[nodiscard]] int down_read(struct rw_semaphore& sem, State state = State::kUninterruptible);
[[nodiscard]] int down_write(struct rw_semaphore& sem, State state = State::kUninterruptible);
bool down_read_trylock(struct rw_semaphore& sem);
bool down_write_trylock(struct rw_semaphore& sem);
void up_read(struct rw_semaphore& sem);
void up_write(struct rw_semaphore& sem);
void downgrade_write(struct rw_semaphore& sem);
bool rwsem_is_locked(const struct rw_semaphore& sem);

/// Whether `task` holds the lock at `lock` in at least `mode` (a writer also counts as a reader).
bool lock_is_held(const void* lock, HoldMode mode, const Task& task);

inline bool lock_is_held(const void* lock, HoldMode mode = HoldMode::kRead) {
  return lock_is_held(lock, mode, current_task());
}

/// The books that all locks keep: who holds what. For the files of this room.
struct LockLedger {
  static void took(Task& task, void* lock, LockKind kind, HoldMode mode);
  /// False if the task does not hold it so.
  static bool dropped(Task& task, const void* lock, HoldMode mode);
  static bool holds(const Task& task, const void* lock, HoldMode mode);
  /// The owner field as a task; a value that names none is Finding "lock-corrupt" and reads as
  /// `broken`.
  static Task* owner(struct task_struct* field, LockKind kind, bool& broken);
  static void report_recursive(const Task& task, LockKind kind, const char* name);
  /// "unlock-unlocked" if owner is nullptr, else "unlock-not-owner".
  static void report_bad_unlock(const Task& task, LockKind kind, const char* name,
                                const Task* owner);
  /// Opens a lock on behalf of a task that ends or died; no check, wakes waiters.
  static void force_release(Scheduler& scheduler, Task& task, const HeldLock& held);
  static std::string label(LockKind kind, const char* name);
  static const char* name_of(const HeldLock& held);

  static std::vector<HeldLock>& list(Task& task) { return task.held_; }

  static unsigned& total(Scheduler& scheduler) { return scheduler.held_total_; }
};

class [[nodiscard]] SpinGuard {
 public:
  explicit SpinGuard(vmsim_spinlock_t& lock) : lock_(lock), held_(spin_lock(lock) == 0) {}

  ~SpinGuard() {
    if (held_) spin_unlock(lock_);
  }

  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

  bool held() const { return held_; }

 private:
  vmsim_spinlock_t& lock_;
  bool held_;
};

}  // namespace vmsim::sched
