// SPDX-License-Identifier: MIT
// Wait queues and completions. Counterpart: kernel/sched/{wait,completion}.c. For drivers, through
// the table of exports.
#include "abi/wait.hpp"

#include <algorithm>
#include <cerrno>

#include "abi/abi.hpp"
#include "abi/wait_end.hpp"
#include "sched/wait.hpp"

namespace vmsim::abi {

using sched::Deadline;
using sched::State;
using sched::WaitResult;

void require_woken(WaitResult result, const Caller& caller) {
  if (result == WaitResult::kWoken || result == WaitResult::kTimeout) return;
  require_acquired(-EINTR, caller);
}

int restartable(WaitResult result) {
  return result == WaitResult::kInterrupted ? -kErestartsys : sched::errno_of(result);
}

Deadline deadline_in_jiffies(long jiffies) {
  if (jiffies == kForever) return Deadline::never();
  const sched::Scheduler& s = scheduler();
  if (jiffies <= 0) return Deadline::at(s.now_ns());
  return Deadline::at(s.ns_of_jiffies(s.jiffies() + static_cast<u64>(jiffies)));
}

// --- wait queues ---

void vmsim_init_waitqueue_head(::wait_queue_head* head, const char* name) {
  touch(head);
  core([=] { sched::init_waitqueue_head(*head, name); });
}

int autoremove_wake_function(::wait_queue_entry* entry, unsigned mode, int flags, void* key) {
  touch(entry);
  return core([=] { return sched::autoremove_wake_function(entry, mode, flags, key); });
}

int default_wake_function(::wait_queue_entry* entry, unsigned mode, int flags, void* key) {
  touch(entry);
  return core([=] { return sched::default_wake_function(entry, mode, flags, key); });
}

void add_wait_queue(::wait_queue_head* head, ::wait_queue_entry* entry) {
  touch(head);
  touch(entry);
  core([=] { sched::add_wait_queue(*head, *entry); });
}

void add_wait_queue_exclusive(::wait_queue_head* head, ::wait_queue_entry* entry) {
  touch(head);
  touch(entry);
  core([=] { sched::add_wait_queue_exclusive(*head, *entry); });
}

void remove_wait_queue(::wait_queue_head* head, ::wait_queue_entry* entry) {
  touch(head);
  touch(entry);
  core([=] { sched::remove_wait_queue(*head, *entry); });
}

void prepare_to_wait(::wait_queue_head* head, ::wait_queue_entry* entry, int state) {
  touch(head);
  touch(entry);
  core([=] { sched::prepare_to_wait(*head, *entry, static_cast<State>(state)); });
}

void prepare_to_wait_exclusive(::wait_queue_head* head, ::wait_queue_entry* entry, int state) {
  touch(head);
  touch(entry);
  core([=] { sched::prepare_to_wait_exclusive(*head, *entry, static_cast<State>(state)); });
}

void finish_wait(::wait_queue_head* head, ::wait_queue_entry* entry) {
  touch(head);
  touch(entry);
  core([=] { sched::finish_wait(*head, *entry); });
}

int vmsim_waitqueue_active(::wait_queue_head* head) {
  touch(head);
  return core([=] { return sched::waitqueue_active(*head); });
}

void __wake_up(::wait_queue_head* head, unsigned mode, int count, void* key) {
  touch(head);
  core([=] { sched::wake_up(*head, mode, count, key); });
}

namespace {

/// Jiffies left of `left` since `before`.
void count_down(long* left, u64 before) {
  if (*left == kForever) return;
  const auto passed = static_cast<long>(scheduler().jiffies() - before);
  *left = *left > passed ? *left - passed : 0;
}

/// Takes the entry off its queue: its frame is about to be left.
[[noreturn]] void leave_wait(::wait_queue_entry* entry, WaitResult result, const Caller& caller) {
  core([=] {
    ::wait_queue_head none = {};
    sched::finish_wait(none, *entry);
  }, caller.return_address);
  require_woken(result, caller);
  __builtin_unreachable();
}

}  // namespace

long vmsim_wait_sleep(::wait_queue_entry* entry, int state, long* left) {
  touch(entry);
  touch(left);
  const WaitResult result = core([=] {
    sched::Scheduler& s = scheduler();
    const u64 before = s.jiffies();
    const WaitResult ended = s.schedule(deadline_in_jiffies(*left), {"a wait queue"});
    count_down(left, before);
    if (ended == WaitResult::kTimeout) *left = 0;
    return ended;
  });
  if (result == WaitResult::kWoken) return 0;
  if (result == WaitResult::kTimeout) return 1;
  // wait_event() has no way to fail.
  if (state == static_cast<int>(State::kUninterruptible))
    leave_wait(entry, result, VMSIM_ABI_CALLER);
  return restartable(result);
}

namespace {

/// sleep_on() and its kin: sleeps without looking at any condition. Jiffies left.
long sleep_on_queue(::wait_queue_head* head, State state, long timeout,
                    Caller caller = VMSIM_ABI_CALLER) {
  touch(head, caller);
  long left = timeout;
  const WaitResult result = core([&] {
    sched::Scheduler& s = scheduler();
    s.check_may_sleep("sleep_on");
    ::wait_queue_entry entry = {};
    sched::init_wait(entry);
    const u64 before = s.jiffies();
    sched::prepare_to_wait(*head, entry, state);
    const WaitResult ended =
        s.schedule(deadline_in_jiffies(left), {"a wait queue", head->lock.name});
    sched::finish_wait(*head, entry);
    count_down(&left, before);
    return ended;
  }, caller.return_address);
  if (state == State::kUninterruptible) require_woken(result, caller);
  return left;
}

}  // namespace

void sleep_on(::wait_queue_head* head) {
  sleep_on_queue(head, State::kUninterruptible, kForever);
}

void interruptible_sleep_on(::wait_queue_head* head) {
  sleep_on_queue(head, State::kInterruptible, kForever);
}

long interruptible_sleep_on_timeout(::wait_queue_head* head, long timeout) {
  return sleep_on_queue(head, State::kInterruptible, timeout);
}

// --- completions ---

void complete(::completion* done) {
  touch(done);
  core([=] { sched::complete(*done); });
}

void complete_all(::completion* done) {
  touch(done);
  core([=] { sched::complete_all(*done); });
}

namespace {

WaitResult wait_done(::completion* done, State state, Deadline deadline,
                     const void* caller = __builtin_return_address(0)) {
  return core([&] { return sched::wait_for_completion(*done, state, deadline); }, caller);
}

/// Jiffies left, at least 1; 0 when the time is up; -ERESTARTSYS.
long wait_done_timeout(::completion* done, State state, unsigned long timeout,
                       const Caller& caller) {
  const long limit =
      timeout > static_cast<unsigned long>(kForever) ? kForever : static_cast<long>(timeout);
  long left = limit;
  const WaitResult result = core([&] {
    const u64 before = scheduler().jiffies();
    const WaitResult ended = sched::wait_for_completion(*done, state, deadline_in_jiffies(limit));
    count_down(&left, before);
    return ended;
  }, caller.return_address);
  if (result == WaitResult::kTimeout) return 0;
  if (result == WaitResult::kWoken) return std::max(left, 1l);
  if (state == State::kUninterruptible) require_woken(result, caller);
  return restartable(result);
}

}  // namespace

void wait_for_completion(::completion* done) {
  touch(done);
  require_woken(wait_done(done, State::kUninterruptible, {}), VMSIM_ABI_CALLER);
}

int wait_for_completion_interruptible(::completion* done) {
  touch(done);
  return restartable(wait_done(done, State::kInterruptible, {}));
}

int wait_for_completion_killable(::completion* done) {
  touch(done);
  return restartable(wait_done(done, State::kKillable, {}));
}

unsigned long wait_for_completion_timeout(::completion* done, unsigned long timeout) {
  touch(done);
  return static_cast<unsigned long>(
      wait_done_timeout(done, State::kUninterruptible, timeout, VMSIM_ABI_CALLER));
}

long wait_for_completion_interruptible_timeout(::completion* done, unsigned long timeout) {
  touch(done);
  return wait_done_timeout(done, State::kInterruptible, timeout, VMSIM_ABI_CALLER);
}

int vmsim_try_wait_for_completion(::completion* done) {
  touch(done);
  return core([=] { return sched::try_wait_for_completion(*done); });
}

int vmsim_completion_done(::completion* done) {
  touch(done);
  return core([=] { return sched::completion_done(*done); });
}

/// Ends a kernel thread from inside; its frames are left as those of an oops are, without a report.
[[noreturn]] void complete_and_exit(::completion* done, long) {
  if (done != nullptr) {
    touch(done);
    core([=] { sched::complete(*done); });
  }
  sched::DriverCall::leave_by_oops();
}

std::span<const Export> wait_exports() {
  static const Export table[] = {
      exported("__wake_up", &__wake_up),
      exported("add_wait_queue", &add_wait_queue),
      exported("add_wait_queue_exclusive", &add_wait_queue_exclusive),
      exported("autoremove_wake_function", &autoremove_wake_function),
      exported("complete", &complete),
      exported("complete_all", &complete_all),
      exported("complete_and_exit", &complete_and_exit, 0, kernel(5, 17)),
      exported("default_wake_function", &default_wake_function),
      exported("finish_wait", &finish_wait),
      exported("interruptible_sleep_on", &interruptible_sleep_on, 0, kernel(3, 15)),
      exported("interruptible_sleep_on_timeout", &interruptible_sleep_on_timeout, 0, kernel(3, 15)),
      exported("prepare_to_wait", &prepare_to_wait),
      exported("prepare_to_wait_exclusive", &prepare_to_wait_exclusive),
      exported("remove_wait_queue", &remove_wait_queue),
      exported("sleep_on", &sleep_on, 0, kernel(3, 15)),
      exported("vmsim_completion_done", &vmsim_completion_done),
      exported("vmsim_init_waitqueue_head", &vmsim_init_waitqueue_head),
      exported("vmsim_try_wait_for_completion", &vmsim_try_wait_for_completion),
      exported("vmsim_wait_sleep", &vmsim_wait_sleep),
      exported("vmsim_waitqueue_active", &vmsim_waitqueue_active),
      exported("wait_for_completion", &wait_for_completion),
      exported("wait_for_completion_interruptible", &wait_for_completion_interruptible),
      exported("wait_for_completion_interruptible_timeout",
               &wait_for_completion_interruptible_timeout),
      exported("wait_for_completion_killable", &wait_for_completion_killable),
      exported("wait_for_completion_timeout", &wait_for_completion_timeout),
  };
  return table;
}

}  // namespace vmsim::abi
