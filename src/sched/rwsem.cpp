// SPDX-License-Identifier: MIT
// struct rw_semaphore, the mmap_lock among them. Counterpart: kernel/locking/rwsem.c. A waiting
// writer keeps new readers out, so a reader that takes the lock twice can deadlock with it, as in
// Linux. Leaves out lock stealing and hand-off.
#include <cerrno>

#include "sched/lock.hpp"

namespace vmsim::sched {

namespace {

/// The writer; resets a structure that holds garbage.
Task* writer_of(struct rw_semaphore& sem) {
  bool broken = false;
  Task* owner = LockLedger::owner(sem.owner, LockKind::kRwsem, broken);
  if (broken) sem = {};
  return owner;
}

int wait_for(struct rw_semaphore& sem, State state) {
  const WaitNote note{lock_kind_name(LockKind::kRwsem), sem.name};
  return errno_of(current_scheduler().park(&sem, state, note));
}

void took(struct rw_semaphore& sem, HoldMode mode) {
  Task& self = current_task();
  if (mode == HoldMode::kWrite) {
    sem.owner = &self;
  } else {
    ++sem.readers;
  }
  LockLedger::took(self, &sem, LockKind::kRwsem, mode);
}

}  // namespace

int down_read(struct rw_semaphore& sem, State state) {
  current_scheduler().check_may_sleep("down_read");
  for (;;) {
    Task* writer = writer_of(sem);
    if (writer == nullptr && sem.writers_waiting == 0) break;
    if (writer == &current_task()) {
      LockLedger::report_recursive(*writer, LockKind::kRwsem, sem.name);
      return -EDEADLK;
    }
    const int result = wait_for(sem, state);
    if (result != 0) return result;
  }
  took(sem, HoldMode::kRead);
  return 0;
}

int down_write(struct rw_semaphore& sem, State state) {
  Scheduler& scheduler = current_scheduler();
  scheduler.check_may_sleep("down_write");
  for (;;) {
    Task* writer = writer_of(sem);
    if (writer == nullptr && sem.readers == 0) break;
    Task& self = current_task();
    if (writer == &self || LockLedger::holds(self, &sem, HoldMode::kRead)) {
      LockLedger::report_recursive(self, LockKind::kRwsem, sem.name);
      return -EDEADLK;
    }
    ++sem.writers_waiting;
    const int result = wait_for(sem, state);
    --sem.writers_waiting;
    if (result != 0) {
      // Readers may have waited only because of this writer.
      if (sem.writers_waiting == 0) scheduler.unpark_all(&sem);
      return result;
    }
  }
  took(sem, HoldMode::kWrite);
  return 0;
}

bool down_read_trylock(struct rw_semaphore& sem) {
  if (writer_of(sem) != nullptr || sem.writers_waiting != 0) return false;
  took(sem, HoldMode::kRead);
  return true;
}

bool down_write_trylock(struct rw_semaphore& sem) {
  if (writer_of(sem) != nullptr || sem.readers != 0) return false;
  took(sem, HoldMode::kWrite);
  return true;
}

void up_read(struct rw_semaphore& sem) {
  Task& self = current_task();
  if (!LockLedger::dropped(self, &sem, HoldMode::kRead)) {
    Task* writer = writer_of(sem);
    if (writer == nullptr && sem.readers != 0) {
      current_scheduler().finding("unlock-not-owner",
                                  self.label() + " releases a reader's hold of " +
                                      LockLedger::label(LockKind::kRwsem, sem.name) +
                                      " that other tasks have. It stays locked.");
    } else {
      LockLedger::report_bad_unlock(self, LockKind::kRwsem, sem.name, writer);
    }
    return;
  }
  if (--sem.readers == 0) current_scheduler().unpark_all(&sem);
}

void up_write(struct rw_semaphore& sem) {
  Task& self = current_task();
  if (sem.owner != &self) {
    LockLedger::report_bad_unlock(self, LockKind::kRwsem, sem.name, writer_of(sem));
    return;
  }
  sem.owner = nullptr;
  LockLedger::dropped(self, &sem, HoldMode::kWrite);
  current_scheduler().unpark_all(&sem);
}

void downgrade_write(struct rw_semaphore& sem) {
  Task& self = current_task();
  if (sem.owner != &self) {
    LockLedger::report_bad_unlock(self, LockKind::kRwsem, sem.name, writer_of(sem));
    return;
  }
  sem.owner = nullptr;
  LockLedger::dropped(self, &sem, HoldMode::kWrite);
  took(sem, HoldMode::kRead);
  current_scheduler().unpark_all(&sem);
}

bool rwsem_is_locked(const struct rw_semaphore& sem) {
  return sem.owner != nullptr || sem.readers != 0;
}

}  // namespace vmsim::sched
