// SPDX-License-Identifier: MIT
// Tasklets; see workqueue.hpp. Counterpart: the tasklet half of kernel/softirq.c.
#include <algorithm>

#include <fmt/format.h>

#include "kern/workqueue.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

constexpr unsigned long kScheduled = 1, kRunning = 2;  // bits of tasklet_struct::state

}  // namespace

void Tasklets::init(::tasklet_struct& tasklet, void (*func)(unsigned long), unsigned long data) {
  tasklet = {};
  tasklet.func = func;
  tasklet.data = data;
}

void Tasklets::setup(::tasklet_struct& tasklet, void (*callback)(::tasklet_struct*)) {
  tasklet = {};
  tasklet.use_callback = 1;
  tasklet.callback = callback;
}

void Tasklets::schedule(::tasklet_struct& tasklet) {
  if ((tasklet.state & kScheduled) != 0) return;
  tasklet.state |= kScheduled;
  scheduled_.push_back(&tasklet);
  ask_to_run();
}

void Tasklets::ask_to_run() {
  if (asked_) return;
  asked_ = true;
  scheduler_.raise_softirq([this, alive = alive_] {
    if (*alive) run_all();
  });
}

/// One pass: what is scheduled meanwhile comes with the next; disabled ones stay.
void Tasklets::run_all() {
  asked_ = false;
  for (std::size_t left = scheduled_.size(); left > 0 && !scheduled_.empty(); --left) {
    ::tasklet_struct* const tasklet = scheduled_.front();
    scheduled_.pop_front();
    if (tasklet->count.counter != 0) {
      scheduled_.push_back(tasklet);
    } else {
      run(*tasklet);
    }
  }
}

void Tasklets::run(::tasklet_struct& tasklet) {
  tasklet.state = (tasklet.state & ~kScheduled) | kRunning;
  // Its memory may be reused by its own function only if Linux would bear it: the running bit is
  // cleared afterwards.
  const auto outcome = tasklet.use_callback != 0
                           ? sched::DriverCall::call(tasklet.callback, &tasklet)
                           : sched::DriverCall::call(tasklet.func, tasklet.data);
  static_cast<void>(outcome);
  tasklet.state &= ~kRunning;
}

void Tasklets::kill(::tasklet_struct& tasklet) {
  scheduler_.check_may_sleep("tasklet_kill");
  const auto at = std::find(scheduled_.begin(), scheduled_.end(), &tasklet);
  if (at == scheduled_.end()) return;
  scheduled_.erase(at);
  if (tasklet.count.counter != 0) {
    probe_.finding("tasklet-killed-disabled",
                   "tasklet_kill() of a scheduled tasklet that is disabled; Linux waits for "
                   "it for ever");
    tasklet.state &= ~kScheduled;
    return;
  }
  sched::Task& self = sched::current_task();
  self.enter_atomic(sched::AtomicReason::kInterrupt);
  run(tasklet);
  self.leave_atomic(sched::AtomicReason::kInterrupt);
}

void Tasklets::disable(::tasklet_struct& tasklet) {
  ++tasklet.count.counter;
}

void Tasklets::enable(::tasklet_struct& tasklet) {
  if (tasklet.count.counter <= 0) {
    probe_.finding("tasklet-enable-unbalanced", "tasklet_enable() without tasklet_disable()");
    return;
  }
  if (--tasklet.count.counter == 0 && (tasklet.state & kScheduled) != 0) ask_to_run();
}

void Tasklets::memory_freed(const void* start, u64 bytes) {
  std::erase_if(scheduled_, [&](const ::tasklet_struct* tasklet) {
    if (reinterpret_cast<u64>(tasklet) - reinterpret_cast<u64>(start) >= bytes) return false;
    probe_.finding("tasklet-freed-scheduled",
                   "memory that holds a scheduled tasklet is freed; no tasklet_kill()");
    return true;
  });
}

void Tasklets::module_gone(const GoneModule& gone) {
  std::erase_if(scheduled_, [&](const ::tasklet_struct* tasklet) {
    if (!gone.owns(tasklet) && !gone.owns(reinterpret_cast<const void*>(tasklet->func)))
      return false;
    probe_.finding("tasklet-left-scheduled",
                   fmt::format("{} was unloaded while a tasklet of it was scheduled", gone.name));
    return true;
  });
}

}  // namespace vmsim::kern
