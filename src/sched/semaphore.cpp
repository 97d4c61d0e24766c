// SPDX-License-Identifier: MIT
// struct semaphore. Counterpart: kernel/locking/semaphore.c. Nobody owns one: any task and any
// handler may up() it, so it is not in the books of held locks.
#include "sched/lock.hpp"

namespace vmsim::sched {

bool down_trylock(struct semaphore& sem) {
  if (sem.count == 0) return false;
  --sem.count;
  return true;
}

int down(struct semaphore& sem, State state, Deadline deadline) {
  Scheduler& scheduler = current_scheduler();
  scheduler.check_may_sleep("down");
  while (!down_trylock(sem)) {
    const WaitNote note{lock_kind_name(LockKind::kSemaphore), sem.name};
    const WaitResult result = scheduler.park(&sem, state, note, deadline);
    if (result == WaitResult::kWoken) continue;
    if (sem.count != 0) scheduler.unpark_one(&sem);
    return errno_of(result);
  }
  return 0;
}

void up(struct semaphore& sem) {
  ++sem.count;
  current_scheduler().unpark_one(&sem);
}

}  // namespace vmsim::sched
