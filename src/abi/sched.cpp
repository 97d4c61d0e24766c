// SPDX-License-Identifier: MIT
// Tasks, sleeping, signals and privileges. Counterpart:
// linux/{sched,kthread,cred,capability,smp}.h. For drivers, through the table of exports. Differs:
// references to a task are not counted; its struct goes with the task.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "abi/abi.hpp"
#include "abi/print.hpp"
#include "abi/wait_end.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::abi {

using sched::State;
using sched::WaitResult;

::task_struct* vmsim_current() {
  return &sched::current_task();
}

// --- sleeping ---

void schedule() {
  const bool must_be_woken =
      sched::current_task().__state == static_cast<unsigned>(State::kUninterruptible);
  const WaitResult result = core([] { return scheduler().schedule({}, {"schedule()"}); });
  if (must_be_woken) require_woken(result, VMSIM_ABI_CALLER);
}

long schedule_timeout(long timeout) {
  if (timeout < 0) {
    core([] {
      kernel().probe.finding("schedule-timeout-negative",
                             "schedule_timeout() with a negative value; Linux warns.");
      sched::current_task().__state = 0;
    });
    return 0;
  }
  return core([=]() -> long {
    sched::Scheduler& s = scheduler();
    const u64 before = s.jiffies();
    const WaitResult result = s.schedule(deadline_in_jiffies(timeout), {"schedule_timeout()"});
    sched::current_task().__state = 0;
    if (timeout == kForever) return kForever;
    if (result == WaitResult::kTimeout) return 0;
    return std::max(timeout - static_cast<long>(s.jiffies() - before), 0l);
  });
}

namespace {

long schedule_timeout_in(State state, long timeout) {
  sched::current_task().__state = static_cast<unsigned>(state);
  return schedule_timeout(timeout);
}

}  // namespace

long schedule_timeout_interruptible(long timeout) {
  return schedule_timeout_in(State::kInterruptible, timeout);
}

long schedule_timeout_uninterruptible(long timeout) {
  return schedule_timeout_in(State::kUninterruptible, timeout);
}

long schedule_timeout_killable(long timeout) {
  return schedule_timeout_in(State::kKillable, timeout);
}

void yield() {
  core([] { scheduler().yield(); });
}

int vmsim_cond_resched() {
  return core([] {
    scheduler().check_may_sleep("cond_resched");
    scheduler().relax(0);
    return 0;
  });
}

void vmsim_might_sleep(const char* file, int line) {
  if (sched::current_task().atomic_depth() == 0) [[likely]]
    return;
  touch_text(file);
  core([=] {
    scheduler().check_may_sleep((std::string(file) + ":" + std::to_string(line)).c_str());
  });
}

void vmsim_set_current_state(unsigned state) {
  sched::current_task().__state = state;
}

namespace {

/// The task behind a driver's pointer; nullptr, and a Finding, for a pointer that names none.
sched::Task* task_of(::task_struct* pointer, const char* call) {
  sched::Task* const task = scheduler().find_task(pointer);
  if (task == nullptr) {
    kernel().probe.finding("no-such-task",
                           std::string(call) +
                               "() of a pointer that names no living task; Linux follows it. "
                               "Nothing happens.");
  }
  return task;
}

}  // namespace

void vmsim_set_task_state(::task_struct* pointer, unsigned state) {
  core([=] {
    if (sched::Task* const task = task_of(pointer, "set_task_state")) task->__state = state;
  });
}

int wake_up_process(::task_struct* task) {
  touch(task);
  return core([=] { return kernel().kthreads->wake_up_process(task); });
}

// --- signals ---

int signal_pending(::task_struct* pointer) {
  return core([=] {
    const sched::Task* const task = task_of(pointer, "signal_pending");
    return task != nullptr && task->signal_pending();
  });
}

int fatal_signal_pending(::task_struct* pointer) {
  return core([=] {
    const sched::Task* const task = task_of(pointer, "fatal_signal_pending");
    return task != nullptr && task->kill_pending();
  });
}

int send_sig(int signal, ::task_struct* pointer, int) {
  constexpr int kSignals = 64;
  if (signal < 0 || signal > kSignals) return -EINVAL;
  return core([=] {
    sched::Task* const task = task_of(pointer, "send_sig");
    if (task == nullptr) return -ESRCH;
    if (signal == sig::kSigKill)
      scheduler().kill(*task);
    else if (signal != 0)
      scheduler().send_signal(*task);
    return 0;
  });
}

void get_task_struct(::task_struct* task) {
  touch(task);
}

void put_task_struct(::task_struct* task) {
  touch(task);
}

char* vmsim_get_task_comm(char* to, ::task_struct* task) {
  for (std::size_t i = 0; i < sizeof(task->comm); ++i) to[i] = task->comm[i];
  return to;
}

// --- kernel threads ---

::task_struct* vmsim_kthread_create(int (*function)(void*), void* data, const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  return reinterpret_cast<::task_struct*>(
      finish([&] { return kernel().kthreads->create(function, data, name); }));
}

int kthread_stop(::task_struct* task) {
  touch(task);
  return core([=] { return kernel().kthreads->stop(task); });
}

bool kthread_should_stop() {
  return core([] { return kernel().kthreads->should_stop(); });
}

// --- who and where ---

/// Differs: every program is root.
bool capable(int) {
  return true;
}

int capable_int(int) {
  return 1;
}

unsigned vmsim_current_uid(int effective) {
  const ::task_struct& task = sched::current_task();
  return effective != 0 ? task.euid : task.uid;
}

unsigned vmsim_current_gid(int effective) {
  const ::task_struct& task = sched::current_task();
  return effective != 0 ? task.egid : task.gid;
}

int vmsim_smp_processor_id() {
  return 0;
}

unsigned vmsim_cpu_count() {
  return kernel().config.cpus;
}

std::span<const Export> sched_exports() {
  static const Export table[] = {
      exported("capable", &capable, kernel(2, 6, 19)),
      exported("capable", &capable_int, 0, kernel(2, 6, 19)),
      exported("fatal_signal_pending", &fatal_signal_pending),
      exported("get_task_struct", &get_task_struct),
      exported("kthread_should_stop", &kthread_should_stop),
      exported("kthread_stop", &kthread_stop),
      exported("put_task_struct", &put_task_struct),
      exported("schedule", &schedule),
      exported("schedule_timeout", &schedule_timeout),
      exported("schedule_timeout_interruptible", &schedule_timeout_interruptible),
      exported("schedule_timeout_killable", &schedule_timeout_killable),
      exported("schedule_timeout_uninterruptible", &schedule_timeout_uninterruptible),
      exported("send_sig", &send_sig),
      exported("signal_pending", &signal_pending),
      exported("vmsim_cond_resched", &vmsim_cond_resched),
      exported("vmsim_cpu_count", &vmsim_cpu_count),
      exported("vmsim_current", &vmsim_current),
      exported("vmsim_current_gid", &vmsim_current_gid),
      exported("vmsim_current_uid", &vmsim_current_uid),
      exported("vmsim_get_task_comm", &vmsim_get_task_comm),
      exported("vmsim_kthread_create", &vmsim_kthread_create),
      exported("vmsim_might_sleep", &vmsim_might_sleep),
      exported("vmsim_set_current_state", &vmsim_set_current_state),
      exported("vmsim_set_task_state", &vmsim_set_task_state),
      exported("vmsim_smp_processor_id", &vmsim_smp_processor_id),
      exported("wake_up_process", &wake_up_process),
      exported("yield", &yield),
  };
  return table;
}

}  // namespace vmsim::abi
