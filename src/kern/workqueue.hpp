// SPDX-License-Identifier: MIT
// Work items that kernel threads run later, and tasklets that run when the kernel is left.
// Counterpart: kernel/workqueue.c, tasklets of kernel/softirq.c. Leaves out priorities, CPU
// affinity, freezing and rescuers. Called by abi; queueing is allowed in atomic context. Items are
// the driver's memory: the queue is kept here, by address, and `pending` in the item is for the
// driver to read.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "vmsim/config.hpp"

#include "vmsim/kapi/vmsim/work_types.h"

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "sched/driver_call.hpp"
#include "sched/scheduler.hpp"

/// Drivers hold pointers to it and never look inside.
struct workqueue_struct {
  std::string name;
  unsigned max_active = 1;
};

namespace vmsim::kern {

/// Worker threads come with the first item. An item never runs on two workers at once; a queue
/// whose workers are all busy gets another one up to its max_active, so an item that blocks does
/// not hold up the others.
class WorkQueues {
 public:
  struct Parts {
    sched::Scheduler& scheduler;
    base::Probe& probe;
    sched::OopsSink* oops = nullptr;  ///< for the worker threads
    KernelVersion kernel;
  };

  explicit WorkQueues(const Parts& parts);
  /// As shut_down(). Outside of the kernel.
  ~WorkQueues();
  WorkQueues(const WorkQueues&) = delete;
  WorkQueues& operator=(const WorkQueues&) = delete;

  /// max_active 0 is 256. The queue is the kernel's memory until destroy().
  /// `caller` is an address in the module that asks.
  ::workqueue_struct* create(std::string name, unsigned max_active, const void* caller = nullptr);
  /// Runs what is queued, then ends the workers. Finding "workqueue-unknown" for a stranger,
  /// nothing else happens.
  void destroy(::workqueue_struct* wq);

  // nullptr is the system's queue.

  /// False if the item is pending already.
  bool queue(::workqueue_struct* wq, ::work_struct& work);
  bool queue_delayed(::workqueue_struct* wq, ::work_struct& work, u64 delay_jiffies);
  /// Like queue_delayed(), but moves a pending one; true if it was pending.
  bool mod_delayed(::workqueue_struct* wq, ::work_struct& work, u64 delay_jiffies);
  /// Takes a pending item back. True if it was pending. Does not wait.
  bool cancel(::work_struct& work);
  /// The same, then waits while it runs. Finding "work-waits-for-itself" from inside its own
  /// function.
  bool cancel_sync(::work_struct& work);
  /// Waits until the item has run. False if it was idle.
  bool flush(::work_struct& work);
  /// flush_delayed_work(): queues it at once, then waits.
  bool flush_delayed(::work_struct& work);
  /// Waits until everything queued so far has run.
  void flush_queue(::workqueue_struct* wq);

  /// Memory is freed: Finding "work-freed-pending" for each pending item inside, which is taken
  /// back.
  void memory_freed(const void* start, u64 bytes);
  /// Finding "work-left-pending" and "workqueue-left" for what the module left; items are taken
  /// back.
  void module_gone(const GoneModule& gone);
  /// Takes everything back and ends the workers. Outside of the kernel, or on a task that may
  /// sleep.
  void shut_down();

  std::size_t pending() const { return items_.size(); }

  std::size_t queues() const { return queues_.size() - 1; }

  std::size_t workers() const;

 private:
  struct Queue;

  struct Worker {
    Queue* queue = nullptr;
    sched::Task* task = nullptr;
    ::work_struct* running = nullptr;
    u64 running_serial = 0;
    bool idle = true;  ///< waits for an item, or has not looked yet
  };

  struct Queue final : public ::workqueue_struct {
    std::deque<::work_struct*> items;
    std::vector<std::unique_ptr<Worker>> workers;
    const void* caller = nullptr;
    bool ends = false;
  };

  /// What is known about a pending item.
  struct Pending {
    Queue* queue = nullptr;
    u64 serial = 0;
    std::unique_ptr<sched::CallbackTimer> timer;  ///< not due yet
    void (*func)(::work_struct*) = nullptr;
  };

  Queue* find(::workqueue_struct* wq);
  void enqueue(Queue& queue, ::work_struct& work);
  void arm(Queue& queue, ::work_struct& work, u64 delay_jiffies);
  void add_worker(Queue& queue);
  int worker_main(Worker& worker);
  ::work_struct* take_item(Queue& queue);
  void run(Worker& worker, ::work_struct& work);
  bool is_running(const ::work_struct* work) const;
  bool runs_here(const ::work_struct* work) const;
  bool wait_while_running(const ::work_struct& work);
  void forget(::work_struct* work);
  enum class Ended : u8 { kAll, kNotAll };
  Ended end_workers(Queue& queue);
  void drop(Queue& queue);
  void add_system_queue();
  std::string worker_name(const Queue& queue) const;

  Parts parts_;
  std::vector<std::unique_ptr<Queue>> queues_;  ///< the first is the system's
  std::unordered_map<::work_struct*, Pending> items_;
  u64 next_serial_ = 1;
  unsigned workers_made_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for workers that outlast this
};

/// Tasklets run once per schedule, in atomic context, when the kernel is left.
class Tasklets {
 public:
  Tasklets(sched::Scheduler& scheduler, base::Probe& probe)
      : scheduler_(scheduler), probe_(probe) {}

  ~Tasklets() { *alive_ = false; }

  Tasklets(const Tasklets&) = delete;
  Tasklets& operator=(const Tasklets&) = delete;

  static void init(::tasklet_struct& tasklet, void (*func)(unsigned long), unsigned long data);
  static void setup(::tasklet_struct& tasklet, void (*callback)(::tasklet_struct*));
  void schedule(::tasklet_struct& tasklet);
  /// If it is scheduled it runs now. Finding "tasklet-killed-disabled" for a disabled one, where
  /// Linux hangs.
  void kill(::tasklet_struct& tasklet);
  void disable(::tasklet_struct& tasklet);
  /// Finding "tasklet-enable-unbalanced" if it was not disabled.
  void enable(::tasklet_struct& tasklet);

  /// Memory is freed: Finding "tasklet-freed-scheduled" for each scheduled one inside.
  void memory_freed(const void* start, u64 bytes);
  void module_gone(const GoneModule& gone);

  std::size_t scheduled() const { return scheduled_.size(); }

 private:
  void run_all();
  void run(::tasklet_struct& tasklet);
  void ask_to_run();

  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  std::deque<::tasklet_struct*> scheduled_;
  bool asked_ = false;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< for what is still queued in the scheduler
};

}  // namespace vmsim::kern
