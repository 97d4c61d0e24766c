// SPDX-License-Identifier: MIT
// Names for reports, and the bodies of Task.
#include "sched/task.hpp"

#include <cstring>

namespace vmsim::sched {

const char* atomic_reason_name(AtomicReason reason) {
  switch (reason) {
    case AtomicReason::kPreemptOff:
      return "preemption is off";
    case AtomicReason::kSpinlock:
      return "a spinlock is held";
    case AtomicReason::kIrqOff:
      return "interrupts are off";
    case AtomicReason::kBottomHalfOff:
      return "bottom halves are off";
    case AtomicReason::kInterrupt:
      return "an interrupt, timer or RCU callback is running";
    case AtomicReason::kKmapAtomic:
      return "an atomic kmap is in use";
    case AtomicReason::kRcuRead:
      return "an RCU read section is open";
    case AtomicReason::kCount:
      break;
  }
  return "?";
}

const char* lock_kind_name(LockKind kind) {
  switch (kind) {
    case LockKind::kSpinlock:
      return "spinlock";
    case LockKind::kRwlock:
      return "rwlock";
    case LockKind::kMutex:
      return "mutex";
    case LockKind::kSemaphore:
      return "semaphore";
    case LockKind::kRwsem:
      return "rw_semaphore";
  }
  return "?";
}

Task::Task(TaskKind kind, const std::string& name, int pid_number) : task_struct{}, kind_(kind) {
  pid = pid_number;
  tgid = pid_number;
  prio = 120;
  group_leader = this;
  name.copy(comm, sizeof comm - 1);
  node_.task = this;
}

std::string Task::label() const {
  return "pid " + std::to_string(pid) + " '" + std::string(comm, strnlen(comm, sizeof comm)) + "'";
}

}  // namespace vmsim::sched
