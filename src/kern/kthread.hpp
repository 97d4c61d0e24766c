// SPDX-License-Identifier: MIT
// Kernel threads of drivers. Counterpart: kernel/kthread.c. Leaves out parking, binding to a CPU
// and kthread workers. Called by abi on a task inside the kernel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "sched/driver_call.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

class Kthreads {
 public:
  Kthreads(sched::Scheduler& scheduler, base::Probe& probe, sched::OopsSink* oops)
      : scheduler_(scheduler), probe_(probe), oops_(oops) {}

  Kthreads(const Kthreads&) = delete;
  Kthreads& operator=(const Kthreads&) = delete;

  /// kthread_create(): does not run before wake_up_process().
  Result<::task_struct*> create(int (*fn)(void* data), void* data, const std::string& name);
  /// kthread_run().
  Result<::task_struct*> run(int (*fn)(void* data), void* data, const std::string& name);
  /// Starts a thread that was created, or wakes any task that sleeps; whether it did. Finding
  /// "wake-no-task" for a pointer that names none.
  bool wake_up_process(::task_struct* task);
  /// Asks it to end, waits, and returns what its function returned; -EINTR if it never ran. -EINVAL
  /// and Finding "kthread-stop-no-thread" for a pointer that names no thread of this table, such as
  /// one that was stopped before; Finding "kthread-stop-after-exit" if its function had returned by
  /// itself.
  int stop(::task_struct* task);
  /// For the current task.
  bool should_stop() const;

  /// Finding "kthread-left-running" for each thread whose function lies in the module; it is asked
  /// to stop.
  void module_gone(const GoneModule& gone);
  /// Threads that have not been stopped and have not ended.
  std::size_t running() const;
  /// Ends all threads. Outside of the kernel, or on a task that may sleep. A thread that ignores
  /// the request is left to the scheduler's end.
  void shut_down();

 private:
  struct Thread {
    sched::Task* task;
    int (*fn)(void*);
  };

  void reap();

  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  sched::OopsSink* oops_;
  std::vector<Thread> threads_;
};

}  // namespace vmsim::kern
