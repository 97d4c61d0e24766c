// SPDX-License-Identifier: MIT
// The uncommon ways into the kernel: nested, from a program that has its own thread, and none at
// all.
#include "sched/kernel_entry.hpp"

#include <string>

#include "base/assert.hpp"

namespace vmsim::sched {

constinit thread_local EntryFrame* entry_top = nullptr;

void die_no_entry(const char* wanted) {
  const std::string why = std::string(wanted) +
                          ": this host thread is not inside a simulated kernel. Call through "
                          "Machine or Process, or put a "
                          "sched::KernelEntry on the stack first.";
  base::assert_failed(__FILE__, __LINE__, "current_frame", "a KernelEntry lives on this thread",
                      why.c_str());
}

void KernelEntry::enter_inner() {
  Scheduler& scheduler = *frame_.scheduler;
  EntryFrame* same = frame_.outer;
  while (same != nullptr && same->scheduler != &scheduler) same = same->outer;
  if (same == nullptr) {  // the thread is inside other machines only
    scheduler.enter(*frame_.task);
    return;
  }
  if (same->kind != EntryFrame::kUserBase) {
    frame_.kind = EntryFrame::kNested;
    return;
  }
  if (frame_.task->kernel_depth_ != 0 || frame_.task->finished_)
    scheduler.die_busy_task(*frame_.task);
  frame_.kind = EntryFrame::kFromProgram;
  frame_.task->kernel_depth_ = 1;
  scheduler.cpu_.current = frame_.task;
  ++scheduler.cpu_.entries;
}

void KernelEntry::leave_inner() {
  if (frame_.kind != EntryFrame::kFromProgram) return;
  frame_.scheduler->leave_program(*frame_.task);
}

}  // namespace vmsim::sched
