// SPDX-License-Identifier: MIT
// The machine's own RCU: what is handed to it is called when every reader that may have seen it has
// left. Counterpart: kernel/rcu. A CPU is quiescent when it is idle or leaves the kernel; a reader
// that sleeps (a bug, reported) holds the grace period up. Leaves out expedited periods, SRCU, and
// callback offloading. Called by the holder of a CPU.
#pragma once

#include <deque>
#include <functional>
#include <unordered_set>

#include "vmsim/addr.hpp"

#include "vmsim/kapi/vmsim/base_types.h"

namespace vmsim::sched {

class Scheduler;
class Task;

class Rcu {
 public:
  explicit Rcu(Scheduler& scheduler) : scheduler_(scheduler) {}

  Rcu(const Rcu&) = delete;
  Rcu& operator=(const Rcu&) = delete;

  void read_lock();
  /// Finding "rcu-unlock-unlocked" without a read_lock() of this task.
  void read_unlock();
  bool read_lock_held() const;

  /// Runs `callback` after a grace period, outside of the caller, on whichever task the CPU then
  /// serves. Must not sleep.
  void call(std::function<void()> callback);
  /// call_rcu(): the same head twice before its callback ran is Finding "rcu-head-twice", with no
  /// effect.
  void call(struct rcu_head& head, void (*func)(struct rcu_head*));
  /// Sleeps until every reader of now has left. 0, or -EDEADLK inside a reader (Finding), or
  /// -EINTR.
  int synchronize();
  /// rcu_barrier(): sleeps until every callback of now has run. Results as synchronize().
  int barrier();

  u64 pending() const { return callbacks_.size(); }

  /// Called by the scheduler when a CPU is idle or leaves the kernel.
  void quiescent();
  /// A task ends or oopses with `depth` read sections open.
  void forget_reader(unsigned depth);

 private:
  struct Callback {
    std::function<void()> run;
    const struct rcu_head* head;
  };

  int wait_for_readers(const char* what);
  void run_callbacks();

  Scheduler& scheduler_;
  std::deque<Callback> callbacks_;
  std::unordered_set<const struct rcu_head*> heads_;  ///< of callbacks_
  unsigned readers_ = 0;  ///< open read sections on the only CPU; one per CPU in a version of many
  bool running_ = false;
};

class RcuReadGuard {
 public:
  explicit RcuReadGuard(Rcu& rcu) : rcu_(rcu) { rcu_.read_lock(); }

  ~RcuReadGuard() { rcu_.read_unlock(); }

  RcuReadGuard(const RcuReadGuard&) = delete;
  RcuReadGuard& operator=(const RcuReadGuard&) = delete;

 private:
  Rcu& rcu_;
};

}  // namespace vmsim::sched
