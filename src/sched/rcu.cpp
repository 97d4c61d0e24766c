// SPDX-License-Identifier: MIT
// Grace periods on one CPU: over as soon as nobody is inside a read section at a quiescent point.
#include "sched/rcu.hpp"

#include <cerrno>

#include "base/assert.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::sched {

void Rcu::read_lock() {
  scheduler_.running("rcu_read_lock").enter_atomic(AtomicReason::kRcuRead);
  ++readers_;
}

void Rcu::read_unlock() {
  if (!scheduler_.running("rcu_read_unlock").leave_atomic(AtomicReason::kRcuRead)) {
    scheduler_.finding("rcu-unlock-unlocked", "rcu_read_unlock() without rcu_read_lock().");
    return;
  }
  forget_reader(1);
}

bool Rcu::read_lock_held() const {
  return scheduler_.running("rcu_read_lock_held").atomic_depth(AtomicReason::kRcuRead) != 0;
}

void Rcu::forget_reader(unsigned depth) {
  VMSIM_ASSERT(depth <= readers_, "a reader left twice");
  readers_ -= depth;
  if (readers_ == 0) scheduler_.unpark_all(this);
}

void Rcu::call(std::function<void()> callback) {
  callbacks_.push_back(Callback{std::move(callback), nullptr});
  scheduler_.attend(Scheduler::kCallbacks);
}

void Rcu::call(struct rcu_head& head, void (*func)(struct rcu_head*)) {
  if (!heads_.insert(&head).second) {
    scheduler_.finding(
        "rcu-head-twice",
        "call_rcu() on a head whose callback has not run yet; Linux corrupts its list. "
        "The second call is ignored.");
    return;
  }
  head.func = func;
  DriverDoor& door = scheduler_.driver_door();
  callbacks_.push_back(Callback{[&door, &head, func] { door.call_rcu(head, func); }, &head});
  scheduler_.attend(Scheduler::kCallbacks);
}

int Rcu::wait_for_readers(const char* what) {
  Task& self = scheduler_.running(what);
  if (self.atomic_depth(AtomicReason::kRcuRead) != 0) {
    scheduler_.finding("rcu-sync-in-reader",
                       std::string(what) + "() of " + self.label() +
                           " inside its own read section waits for itself; Linux deadlocks here.");
    return -EDEADLK;
  }
  scheduler_.check_may_sleep(what);
  scheduler_.yield();  // a grace period takes time: others run first
  while (readers_ != 0) {
    const WaitResult result =
        scheduler_.park(this, State::kUninterruptible, WaitNote{"an RCU grace period"});
    if (result != WaitResult::kWoken) return errno_of(result);
  }
  ++scheduler_.cpu_.quiescent;
  return 0;
}

int Rcu::synchronize() {
  return wait_for_readers("synchronize_rcu");
}

int Rcu::barrier() {
  const int result = wait_for_readers("rcu_barrier");
  if (result == 0) run_callbacks();
  return result;
}

void Rcu::quiescent() {
  if (readers_ != 0) return;
  ++scheduler_.cpu_.quiescent;
  if (!callbacks_.empty()) run_callbacks();
}

void Rcu::run_callbacks() {
  if (running_) return;
  running_ = true;
  Task& self = scheduler_.running("rcu callbacks");
  const unsigned state = self.__state;
  self.enter_atomic(AtomicReason::kInterrupt);
  // Only those of now: a callback that calls call_rcu() again gets the next grace period.
  for (u64 left = callbacks_.size(); left > 0; --left) {
    Callback callback = std::move(callbacks_.front());
    callbacks_.pop_front();
    if (callback.head != nullptr) heads_.erase(callback.head);
    callback.run();
  }
  self.leave_atomic(AtomicReason::kInterrupt);
  if (self.__state != 0)
    self.__state = state;  // a wake-up counts, a callback's set_current_state() does not
  running_ = false;
  if (callbacks_.empty()) {
    scheduler_.attention_.fetch_and(~u32{Scheduler::kCallbacks}, std::memory_order_relaxed);
  }
}

}  // namespace vmsim::sched
