// SPDX-License-Identifier: MIT
// Kernel threads of drivers; see kthread.hpp.
#include "kern/kthread.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

constexpr std::size_t kFinishedKept = 64;
constexpr int kSigSegv = 11;  // the exit code of a thread that oopsed

}  // namespace

Result<::task_struct*> Kthreads::create(int (*fn)(void*), void* data, const std::string& name) {
  if (probe_.should_fail("kthread_create")) return fail(ENOMEM, "made to fail");
  reap();
  sched::OopsSink* const oops = oops_;
  sched::Task& task = scheduler_.spawn(
      name,
      [fn, data, oops] {
        const sched::OopsSinkScope sink(oops);
        return sched::DriverCall::call(fn, data).value_or(kSigSegv);
      },
      sched::TaskKind::kKernelThread, sched::StartMode::kLater);
  task.kthread_data = data;
  threads_.push_back(Thread{&task, fn});
  return static_cast<::task_struct*>(&task);
}

Result<::task_struct*> Kthreads::run(int (*fn)(void*), void* data, const std::string& name) {
  ::task_struct* const task = VMSIM_TRY(create(fn, data, name));
  wake_up_process(task);
  return task;
}

/// Threads that ended by themselves keep a host thread's stack until they are joined.
void Kthreads::reap() {
  if (threads_.size() <= kFinishedKept) return;
  std::erase_if(threads_, [this](const Thread& thread) {
    if (!thread.task->finished()) return false;
    scheduler_.destroy_task(*thread.task);
    return true;
  });
}

bool Kthreads::wake_up_process(::task_struct* task) {
  sched::Task* const known = scheduler_.find_task(task);
  if (!known) {
    probe_.finding("wake-no-task", "wake_up_process() of a pointer that names no task");
    return false;
  }
  if (known->finished()) return false;
  // A thread that has not begun counts as one that sleeps.
  const bool fresh = known->kind() == sched::TaskKind::kKernelThread && !known->in_kernel();
  if (known->owned()) scheduler_.start(*known);  // does nothing once it runs
  return scheduler_.wake(*known) || fresh;
}

int Kthreads::stop(::task_struct* task) {
  const auto thread = std::find_if(threads_.begin(), threads_.end(), [task](const Thread& t) {
    return static_cast<::task_struct*>(t.task) == task;
  });
  if (thread == threads_.end()) {
    probe_.finding(
        "kthread-stop-no-thread",
        "kthread_stop() of a pointer that names no thread: an ERR_PTR, or stopped before");
    return -EINVAL;
  }
  sched::Task& known = *thread->task;
  scheduler_.check_may_sleep("kthread_stop");
  if (known.finished()) {
    probe_.finding(
        "kthread-stop-after-exit",
        fmt::format(
            "kthread_stop() of {}, whose function has returned by itself; in Linux its task_struct "
            "may be gone",
            known.label()));
  }
  scheduler_.stop(known);
  const int result = scheduler_.join(known);
  if (known.finished()) {
    std::erase_if(threads_, [&known](const Thread& t) { return t.task == &known; });
    scheduler_.destroy_task(known);
  }
  return result;
}

bool Kthreads::should_stop() const {
  return sched::current_task().should_stop();
}

void Kthreads::module_gone(const GoneModule& gone) {
  for (const Thread& thread : threads_) {
    if (thread.task->finished() || !gone.owns(reinterpret_cast<const void*>(thread.fn))) continue;
    probe_.finding(
        "kthread-left-running",
        fmt::format("{} was unloaded without kthread_stop() of {}; it returns to freed memory",
                    gone.name, thread.task->label()));
    scheduler_.stop(*thread.task);
  }
}

std::size_t Kthreads::running() const {
  return static_cast<std::size_t>(std::count_if(
      threads_.begin(), threads_.end(), [](const Thread& t) { return !t.task->finished(); }));
}

void Kthreads::shut_down() {
  for (const Thread& thread : threads_) scheduler_.stop(*thread.task);
  for (const Thread& thread : threads_) scheduler_.join(*thread.task);
  std::erase_if(threads_, [this](const Thread& thread) {
    if (!thread.task->finished()) return false;
    scheduler_.destroy_task(*thread.task);
    return true;
  });
}

}  // namespace vmsim::kern
