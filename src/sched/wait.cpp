// SPDX-License-Identifier: MIT
// Wait queues and completions.
#include "sched/wait.hpp"

#include <climits>

namespace vmsim::sched {

namespace {

bool linked(const struct list_head& link) {
  return link.next != nullptr && link.next != &link;
}

/// A zeroed head becomes an empty one.
void make_usable(struct list_head& head) {
  if (head.next == nullptr) head.next = head.prev = &head;
}

/// Not inlined: GCC 14 would warn of the waiter on the stack, which is unlinked before it goes.
[[gnu::noinline]] void link_between(struct list_head& link, struct list_head& prev, struct list_head& next) {
  link.prev = &prev;
  link.next = &next;
  prev.next = &link;
  next.prev = &link;
}

void unlink(struct list_head& link) {
  if (!linked(link)) return;
  link.prev->next = link.next;
  link.next->prev = link.prev;
  link.next = link.prev = &link;
}

struct wait_queue_entry& entry_of(struct list_head& link) {
  char* at = reinterpret_cast<char*>(&link) - offsetof(struct wait_queue_entry, entry);
  return *reinterpret_cast<struct wait_queue_entry*>(at);
}

int wake_entry(Scheduler& scheduler, struct wait_queue_entry& entry, unsigned mode, void* key) {
  if (entry.func == nullptr || entry.func == &default_wake_function) {
    return default_wake_function(&entry, mode, 0, key);
  }
  if (entry.func == &autoremove_wake_function) {
    return autoremove_wake_function(&entry, mode, 0, key);
  }
  return scheduler.driver_door().call_wake(entry, mode, 0, key);
}

}  // namespace

void init_waitqueue_head(struct wait_queue_head& head, const char* name) {
  head = {};
  head.lock.name = name;
  make_usable(head.head);
}

void init_wait(struct wait_queue_entry& entry) {
  entry = {};
  entry.private_ = static_cast<struct task_struct*>(&current_task());
  entry.func = &autoremove_wake_function;
  entry.entry.next = entry.entry.prev = &entry.entry;
}

void add_wait_queue(struct wait_queue_head& head, struct wait_queue_entry& entry) {
  entry.flags &= ~kWaitExclusive;
  make_usable(head.head);
  link_between(entry.entry, head.head, *head.head.next);
}

void add_wait_queue_exclusive(struct wait_queue_head& head, struct wait_queue_entry& entry) {
  entry.flags |= kWaitExclusive;
  make_usable(head.head);
  link_between(entry.entry, *head.head.prev, head.head);
}

void remove_wait_queue(struct wait_queue_head&, struct wait_queue_entry& entry) {
  unlink(entry.entry);
}

void prepare_to_wait(struct wait_queue_head& head, struct wait_queue_entry& entry, State state) {
  entry.flags &= ~kWaitExclusive;
  if (!linked(entry.entry)) add_wait_queue(head, entry);
  current_task().__state = static_cast<unsigned>(state);
}

void prepare_to_wait_exclusive(struct wait_queue_head& head, struct wait_queue_entry& entry,
                               State state) {
  entry.flags |= kWaitExclusive;
  if (!linked(entry.entry)) add_wait_queue_exclusive(head, entry);
  current_task().__state = static_cast<unsigned>(state);
}

void finish_wait(struct wait_queue_head&, struct wait_queue_entry& entry) {
  current_task().__state = 0;
  unlink(entry.entry);
}

bool waitqueue_active(const struct wait_queue_head& head) {
  return linked(head.head);
}

unsigned wake_up(struct wait_queue_head& head, unsigned mode, int exclusive_max, void* key) {
  make_usable(head.head);
  Scheduler& scheduler = current_scheduler();
  unsigned woken = 0;
  struct list_head* next = nullptr;
  for (struct list_head* link = head.head.next; link != &head.head; link = next) {
    next = link->next;
    struct wait_queue_entry& entry = entry_of(*link);
    const bool exclusive = (entry.flags & kWaitExclusive) != 0;
    const int result = wake_entry(scheduler, entry, mode, key);
    if (result < 0) break;
    if (result == 0) continue;
    ++woken;
    if (exclusive && --exclusive_max == 0) break;
  }
  return woken;
}

int default_wake_function(struct wait_queue_entry* entry, unsigned mode, int, void*) {
  Scheduler& scheduler = current_scheduler();
  Task* task = scheduler.find_task(static_cast<struct task_struct*>(entry->private_));
  if (task == nullptr) {
    scheduler.finding(
        "wake-no-task",
        "a wait queue entry names no living task: it was left on the queue by a task that "
        "ended, or never initialised. Linux would follow the pointer.");
    return 0;
  }
  return scheduler.wake(*task, mode) ? 1 : 0;
}

int autoremove_wake_function(struct wait_queue_entry* entry, unsigned mode, int flags, void* key) {
  const int woken = default_wake_function(entry, mode, flags, key);
  if (woken != 0) unlink(entry->entry);
  return woken;
}

void init_completion(struct completion& done) {
  done.done = 0;
  init_waitqueue_head(done.wait);
}

void complete(struct completion& done) {
  if (done.done != UINT_MAX) ++done.done;
  wake_up(done.wait);
}

void complete_all(struct completion& done) {
  done.done = UINT_MAX;
  wake_up_all(done.wait);
}

WaitResult wait_for_completion(struct completion& done, State state, Deadline deadline) {
  const WaitResult result = wait_event(
      done.wait, state, deadline, [&done] { return done.done != 0; }, WaitNote{"a completion"});
  if (result == WaitResult::kWoken && done.done != UINT_MAX) --done.done;
  return result;
}

bool try_wait_for_completion(struct completion& done) {
  if (done.done == 0) return false;
  if (done.done != UINT_MAX) --done.done;
  return true;
}

bool completion_done(const struct completion& done) {
  return done.done != 0;
}

}  // namespace vmsim::sched
