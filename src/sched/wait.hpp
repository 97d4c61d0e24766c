// SPDX-License-Identifier: MIT
// Wait queues and completions on the C structs that drivers own. Counterpart:
// kernel/sched/{wait,completion}.c. A zeroed head is an empty queue. Leaves out bookmarks, priority
// entries and the poll key's filtering by the head. Called by the holder of a CPU; sleeping
// functions act for current_task().
#pragma once

#include "vmsim/kapi/vmsim/lock_types.h"

#include "sched/kernel_entry.hpp"

namespace vmsim::sched {

inline constexpr unsigned kWaitExclusive = 1;
inline constexpr unsigned kWakeNormal =
    3;  ///< TASK_NORMAL: interruptible and uninterruptible sleepers

void init_waitqueue_head(struct wait_queue_head& head, const char* name = nullptr);
/// init_wait(): for the current task, leaves the queue when it is woken.
void init_wait(struct wait_queue_entry& entry);
void add_wait_queue(struct wait_queue_head& head, struct wait_queue_entry& entry);
void add_wait_queue_exclusive(struct wait_queue_head& head, struct wait_queue_entry& entry);
void remove_wait_queue(struct wait_queue_head& head, struct wait_queue_entry& entry);
void prepare_to_wait(struct wait_queue_head& head, struct wait_queue_entry& entry, State state);
void prepare_to_wait_exclusive(struct wait_queue_head& head, struct wait_queue_entry& entry,
                               State state);
void finish_wait(struct wait_queue_head& head, struct wait_queue_entry& entry);
bool waitqueue_active(const struct wait_queue_head& head);

/// Wakes every ordinary entry up to the one at which `exclusive_max` exclusive ones have been
/// woken; 0 means all.
unsigned wake_up(struct wait_queue_head& head, unsigned mode = kWakeNormal, int exclusive_max = 1,
                 void* key = nullptr);

inline unsigned wake_up_all(struct wait_queue_head& head) {
  return wake_up(head, kWakeNormal, 0);
}

/// The wake functions of entries. `private` names the task; a pointer that is no task is Finding
/// "wake-no-task".
int default_wake_function(struct wait_queue_entry* entry, unsigned mode, int flags, void* key);
int autoremove_wake_function(struct wait_queue_entry* entry, unsigned mode, int flags, void* key);

/// wait_event(): until `condition()` holds. The condition is looked at once more after a timeout.
template <class Condition>
WaitResult wait_event(struct wait_queue_head& head, State state, Deadline deadline,
                      Condition condition, WaitNote note = {"a wait queue"}) {
  Scheduler& scheduler = current_scheduler();
  scheduler.check_may_sleep("wait_event");
  struct wait_queue_entry entry = {};
  init_wait(entry);
  WaitResult result = WaitResult::kWoken;
  for (;;) {
    prepare_to_wait(head, entry, state);
    if (condition()) {
      result = WaitResult::kWoken;
      break;
    }
    if (result != WaitResult::kWoken) break;
    result = scheduler.schedule(deadline, WaitNote{note.what, head.lock.name});
  }
  finish_wait(head, entry);
  return result;
}

void init_completion(struct completion& done);
void complete(struct completion& done);
void complete_all(struct completion& done);
WaitResult wait_for_completion(struct completion& done, State state = State::kUninterruptible,
                               Deadline deadline = {});
bool try_wait_for_completion(struct completion& done);
bool completion_done(const struct completion& done);

}  // namespace vmsim::sched
