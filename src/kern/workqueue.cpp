// SPDX-License-Identifier: MIT
// Work queues and their worker threads; see workqueue.hpp. Tasklets are in tasklet.cpp.
#include "kern/workqueue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr unsigned kMaxActive = 256;

}  // namespace

WorkQueues::WorkQueues(const Parts& parts) : parts_(parts) {
  add_system_queue();
}

void WorkQueues::add_system_queue() {
  queues_.push_back(std::make_unique<Queue>());
  queues_.front()->name = "events";
  queues_.front()->max_active = parts_.kernel >= KernelVersion{2, 6, 36} ? kMaxActive : 1;
}

WorkQueues::~WorkQueues() {
  shut_down();
  *alive_ = false;
}

WorkQueues::Queue* WorkQueues::find(::workqueue_struct* wq) {
  if (!wq) return queues_.front().get();
  for (const auto& queue : queues_) {
    if (queue.get() == wq) return queue.get();
  }
  parts_.probe.finding("workqueue-unknown",
                       "a workqueue pointer that names none: never created, or destroyed");
  return nullptr;
}

::workqueue_struct* WorkQueues::create(std::string name, unsigned max_active, const void* caller) {
  if (parts_.probe.should_fail("alloc_workqueue")) return nullptr;
  auto queue = std::make_unique<Queue>();
  queue->name = std::move(name);
  queue->max_active = max_active == 0 ? kMaxActive : std::min(max_active, 2 * kMaxActive);
  queue->caller = caller;
  queues_.push_back(std::move(queue));
  return queues_.back().get();
}

void WorkQueues::destroy(::workqueue_struct* wq) {
  Queue* const queue = wq ? find(wq) : nullptr;
  if (!queue || queue == queues_.front().get()) return;
  flush_queue(wq);
  std::vector<::work_struct*> left;
  for (const auto& [work, pending] : items_) {
    if (pending.queue == queue) left.push_back(work);
  }
  for (::work_struct* work : left) {
    parts_.probe.finding(
        "work-left-pending",
        fmt::format(
            "workqueue '{}' is destroyed while a delayed work of it is pending; in Linux it "
            "is queued to freed memory later",
            queue->name));
    forget(work);
  }
  drop(*queue);
}

// --- queueing ---

bool WorkQueues::queue(::workqueue_struct* wq, ::work_struct& work) {
  return queue_delayed(wq, work, 0);
}

bool WorkQueues::queue_delayed(::workqueue_struct* wq, ::work_struct& work, u64 delay_jiffies) {
  Queue* const queue = find(wq);
  if (!queue) return false;
  if (items_.contains(&work)) {
    if (work.pending == 0) {
      parts_.probe.finding(
          "work-reinitialized-pending",
          "INIT_WORK() on a work item that was still queued; Linux corrupts the queue");
      work.pending = 1;
    }
    return false;
  }
  if (!work.func) {
    parts_.probe.finding("work-without-function",
                         "a work item is queued whose function is NULL: no INIT_WORK()");
    return false;
  }
  if (queue->ends) {
    parts_.probe.finding(
        "workqueue-draining",
        fmt::format("work is queued to '{}', which is being destroyed", queue->name));
    return false;
  }
  Pending& pending = items_[&work];
  pending.queue = queue;
  pending.serial = next_serial_++;
  pending.func = work.func;
  work.pending = 1;
  work.wq = wq;
  if (delay_jiffies == 0) {
    enqueue(*queue, work);
  } else {
    arm(*queue, work, delay_jiffies);
  }
  return true;
}

void WorkQueues::arm(Queue& queue, ::work_struct& work, u64 delay_jiffies) {
  Pending& pending = items_[&work];
  pending.timer =
      std::make_unique<sched::CallbackTimer>([this, &queue, &work] { enqueue(queue, work); });
  sched::Scheduler& scheduler = parts_.scheduler;
  // The timer fires with the tick that ends the last jiffy.
  const u64 at =
      scheduler.ns_of_jiffies(scheduler.jiffies() + std::min(delay_jiffies, ~u64{0} >> 2));
  scheduler.timers().arm(*pending.timer, std::max(at, scheduler.now_ns() + 1));
}

bool WorkQueues::mod_delayed(::workqueue_struct* wq, ::work_struct& work, u64 delay_jiffies) {
  const bool was_pending = cancel(work);
  queue_delayed(wq, work, delay_jiffies);
  return was_pending;
}

void WorkQueues::enqueue(Queue& queue, ::work_struct& work) {
  queue.items.push_back(&work);
  const bool somebody = std::any_of(queue.workers.begin(), queue.workers.end(),
                                    [](const auto& w) { return w->idle; });
  if (somebody) {
    parts_.scheduler.unpark_one(&queue);
  } else if (queue.workers.size() < queue.max_active) {
    add_worker(queue);
  }
}

// --- workers ---

std::string WorkQueues::worker_name(const Queue& queue) const {
  const bool pools = parts_.kernel >= KernelVersion{2, 6, 36};
  return pools ? fmt::format("kworker/0:{}", workers_made_) : queue.name + "/0";
}

void WorkQueues::add_worker(Queue& queue) {
  ++workers_made_;
  queue.workers.push_back(std::make_unique<Worker>());
  Worker& worker = *queue.workers.back();
  worker.queue = &queue;
  worker.task =
      &parts_.scheduler.spawn(worker_name(queue), [this, &worker] { return worker_main(worker); });
}

int WorkQueues::worker_main(Worker& worker) {
  const sched::OopsSinkScope sink(parts_.oops);
  Queue& queue = *worker.queue;
  const std::shared_ptr<bool> alive = alive_;
  for (;;) {
    if (::work_struct* const work = take_item(queue)) {
      worker.idle = false;
      run(worker, *work);
      if (!*alive) return 0;
      worker.idle = true;
      continue;
    }
    if (queue.ends || worker.task->should_stop() || worker.task->kill_pending()) return 0;
    parts_.scheduler.park(&queue, sched::State::kIdle, {"work", "workqueue"});
  }
}

/// The oldest item that no other worker is running.
::work_struct* WorkQueues::take_item(Queue& queue) {
  const auto item = std::find_if(queue.items.begin(), queue.items.end(),
                                 [this](auto* work) { return !is_running(work); });
  if (item == queue.items.end()) return nullptr;
  ::work_struct* const work = *item;
  queue.items.erase(item);
  return work;
}

void WorkQueues::run(Worker& worker, ::work_struct& work) {
  const std::shared_ptr<bool> alive = alive_;
  const auto pending = items_.find(&work);
  VMSIM_ASSERT(pending != items_.end(), "a queued item is pending");
  worker.running = &work;
  worker.running_serial = pending->second.serial;
  items_.erase(pending);
  // Others may have to wait while this item sleeps.
  Queue& queue = *worker.queue;
  const bool somebody = std::any_of(queue.workers.begin(), queue.workers.end(),
                                    [](const auto& w) { return w->idle; });
  if (!queue.items.empty() && !somebody && queue.workers.size() < queue.max_active)
    add_worker(queue);
  const auto func = work.func;
  const bool takes_data = (work.flags & VMSIM_WORK_DATA) != 0;
  void* const data = work.data;
  work.pending = 0;
  // From here on the item may be freed by its own function.
  const auto outcome =
      takes_data
          ? DriverCall::call(reinterpret_cast<void (*)(void*)>(reinterpret_cast<void*>(func)), data)
          : DriverCall::call(func, &work);
  static_cast<void>(outcome);  // Differs: after an oops the worker goes on; Linux loses the thread.
  if (!*alive) return;         // it slept until the machine was switched off
  worker.running = nullptr;
  parts_.scheduler.unpark_all(&work);
  parts_.scheduler.unpark_all(&queue.items);
  if (!queue.items.empty()) parts_.scheduler.unpark_one(&queue);
}

bool WorkQueues::is_running(const ::work_struct* work) const {
  for (const auto& queue : queues_) {
    for (const auto& worker : queue->workers) {
      if (worker->running == work) return true;
    }
  }
  return false;
}

bool WorkQueues::runs_here(const ::work_struct* work) const {
  const sched::Task* const self = &sched::current_task();
  for (const auto& queue : queues_) {
    for (const auto& worker : queue->workers) {
      if (worker->task != self || !worker->running || (work && worker->running != work)) continue;
      parts_.probe.finding(
          "work-waits-for-itself",
          "a work function waits for its own item or queue; in Linux it never returns");
      return true;
    }
  }
  return false;
}

// --- cancelling and waiting ---

void WorkQueues::forget(::work_struct* work) {
  const auto pending = items_.find(work);
  if (pending == items_.end()) return;
  std::erase(pending->second.queue->items, work);
  ::workqueue_struct* const queue = pending->second.queue;
  items_.erase(pending);
  parts_.scheduler.unpark_all(work);
  parts_.scheduler.unpark_all(&static_cast<Queue*>(queue)->items);
}

bool WorkQueues::cancel(::work_struct& work) {
  if (!items_.contains(&work)) return false;
  forget(&work);
  work.pending = 0;
  return true;
}

bool WorkQueues::wait_while_running(const ::work_struct& work) {
  if (runs_here(&work)) return false;
  bool waited = false;
  while (is_running(&work)) {
    waited = true;
    const auto result =
        parts_.scheduler.park(&work, sched::State::kUninterruptible, {"a work item to finish"});
    if (result != sched::WaitResult::kWoken) break;
  }
  return waited;
}

bool WorkQueues::cancel_sync(::work_struct& work) {
  parts_.scheduler.check_may_sleep("cancel_work_sync");
  const bool was_pending = cancel(work);
  wait_while_running(work);
  // An item that queues itself again is stopped too.
  return cancel(work) || was_pending;
}

bool WorkQueues::flush(::work_struct& work) {
  parts_.scheduler.check_may_sleep("flush_work");
  const auto pending = items_.find(&work);
  const bool queued =
      pending != items_.end() && !(pending->second.timer && pending->second.timer->queued());
  if (!queued) return wait_while_running(work);
  if (runs_here(&work)) return false;
  const u64 serial = pending->second.serial;
  const auto unfinished = [&] {
    const auto now = items_.find(&work);
    if (now != items_.end() && now->second.serial == serial) return true;
    for (const auto& queue : queues_) {
      for (const auto& worker : queue->workers) {
        if (worker->running == &work && worker->running_serial == serial) return true;
      }
    }
    return false;
  };
  while (unfinished()) {
    const auto result =
        parts_.scheduler.park(&work, sched::State::kUninterruptible, {"a work item to finish"});
    if (result != sched::WaitResult::kWoken) break;
  }
  return true;
}

bool WorkQueues::flush_delayed(::work_struct& work) {
  const auto pending = items_.find(&work);
  if (pending != items_.end() && pending->second.timer && pending->second.timer->queued()) {
    parts_.scheduler.timers().cancel(*pending->second.timer);
    enqueue(*pending->second.queue, work);
  }
  return flush(work);
}

void WorkQueues::flush_queue(::workqueue_struct* wq) {
  Queue* const queue = find(wq);
  if (!queue) return;
  parts_.scheduler.check_may_sleep("flush_workqueue");
  const u64 end = next_serial_;
  const sched::Task* const self = &sched::current_task();
  for (const auto& worker : queue->workers) {
    if (worker->task == self && runs_here(nullptr)) return;
  }
  const auto unfinished = [&] {
    for (const ::work_struct* work : queue->items) {
      if (items_.at(const_cast<::work_struct*>(work)).serial < end) return true;
    }
    return std::any_of(queue->workers.begin(), queue->workers.end(),
                       [end](const auto& w) { return w->running && w->running_serial < end; });
  };
  while (unfinished()) {
    const auto result = parts_.scheduler.park(&queue->items, sched::State::kUninterruptible,
                                              {"a workqueue to finish"});
    if (result != sched::WaitResult::kWoken) break;
  }
}

// --- the end ---

/// A worker whose item never returns keeps its queue: both are left behind.
WorkQueues::Ended WorkQueues::end_workers(Queue& queue) {
  queue.ends = true;
  Ended ended = Ended::kAll;
  for (const auto& worker : queue.workers) parts_.scheduler.stop(*worker->task);
  for (auto& worker : queue.workers) {
    parts_.scheduler.join(*worker->task);
    if (worker->task->finished()) {
      parts_.scheduler.destroy_task(*worker->task);
    } else {
      static_cast<void>(worker.release());
      ended = Ended::kNotAll;
    }
  }
  queue.workers.clear();
  return ended;
}

void WorkQueues::drop(Queue& queue) {
  const Ended ended = end_workers(queue);
  const auto it = std::find_if(queues_.begin(), queues_.end(),
                               [&queue](const auto& q) { return q.get() == &queue; });
  if (ended == Ended::kNotAll) static_cast<void>(it->release());
  queues_.erase(it);
}

void WorkQueues::shut_down() {
  std::vector<::work_struct*> left;
  for (const auto& [work, pending] : items_) left.push_back(work);
  for (::work_struct* work : left) forget(work);
  while (!queues_.empty()) drop(*queues_.back());
  add_system_queue();
}

std::size_t WorkQueues::workers() const {
  std::size_t count = 0;
  for (const auto& queue : queues_) count += queue->workers.size();
  return count;
}

void WorkQueues::memory_freed(const void* start, u64 bytes) {
  std::vector<::work_struct*> inside;
  for (const auto& [work, pending] : items_) {
    if (reinterpret_cast<u64>(work) - reinterpret_cast<u64>(start) < bytes) inside.push_back(work);
  }
  for (::work_struct* work : inside) {
    parts_.probe.finding("work-freed-pending",
                         "memory that holds a pending work item is freed; in Linux the worker "
                         "runs whatever lies there later");
    forget(work);
  }
}

void WorkQueues::module_gone(const GoneModule& gone) {
  std::vector<::work_struct*> mine;
  for (const auto& [work, pending] : items_) {
    if (gone.owns(work) || gone.owns(reinterpret_cast<const void*>(pending.func)) ||
        gone.owns(pending.queue->caller)) {
      mine.push_back(work);
    }
  }
  for (::work_struct* work : mine) {
    parts_.probe.finding(
        "work-left-pending",
        fmt::format("{} was unloaded while a work item of it was pending", gone.name));
    forget(work);
  }
  for (const auto& queue : queues_) {
    if (!gone.owns(queue->caller)) continue;
    parts_.probe.finding(
        "workqueue-left",
        fmt::format("{} was unloaded without destroy_workqueue() of '{}'", gone.name, queue->name));
    queue->caller = nullptr;
  }
}

}  // namespace vmsim::kern
