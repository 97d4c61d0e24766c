// SPDX-License-Identifier: MIT
// The way into the simulated kernel: takes the CPU for a task and says, for this host thread, who
// and where it is. Counterpart: system call and exception entry with `current`. The only ambient
// state of the core lives here. Stack objects only, one per call from outside; nested ones of the
// same machine only count.
#pragma once

#include "sched/scheduler.hpp"

namespace vmsim::sched {

/// One level of this host thread's way into a machine.
struct EntryFrame {
  enum Kind : u8 {
    kOutermost,    ///< took the CPU
    kNested,       ///< inside another frame of the same machine
    kFromProgram,  ///< outermost of a thread that holds the CPU already
    kUserBase,     ///< the user mode of a program with its own thread: no kernel context
    kThreadBase,   ///< the body of a kernel thread
  };

  EntryFrame* outer = nullptr;
  Scheduler* scheduler = nullptr;
  Task* task = nullptr;
  void* kernel = nullptr;
  Kind kind = kOutermost;
};

extern constinit thread_local EntryFrame* entry_top;

[[noreturn]] void die_no_entry(const char* wanted);

/// Pre (all): a KernelEntry lives on this host thread; aborts with advice otherwise.
inline const EntryFrame& current_frame(const char* wanted) {
  const EntryFrame* top = entry_top;
  if (top == nullptr || top->kind == EntryFrame::kUserBase) [[unlikely]]
    die_no_entry(wanted);
  return *top;
}

inline Task& current_task() {
  return *current_frame("current_task").task;
}

inline void* current_kernel() {
  return current_frame("current_kernel").kernel;
}

inline Scheduler& current_scheduler() {
  return *current_frame("current_scheduler").scheduler;
}

inline bool in_kernel() {
  return entry_top != nullptr && entry_top->kind != EntryFrame::kUserBase;
}

class [[nodiscard]] KernelEntry {
 public:
  KernelEntry(Scheduler& scheduler, Task& task, void* kernel)
      : frame_{entry_top, &scheduler, &task, kernel, EntryFrame::kOutermost} {
    if (frame_.outer == nullptr) [[likely]]
      scheduler.enter(task);
    else
      enter_inner();
    entry_top = &frame_;
  }

  ~KernelEntry() {
    if (frame_.kind == EntryFrame::kOutermost) [[likely]]
      frame_.scheduler->leave(*frame_.task);
    else
      leave_inner();
    entry_top = frame_.outer;
  }

  KernelEntry(const KernelEntry&) = delete;
  KernelEntry& operator=(const KernelEntry&) = delete;

 private:
  void enter_inner();
  void leave_inner();

  EntryFrame frame_;
};

}  // namespace vmsim::sched
