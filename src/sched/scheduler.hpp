// SPDX-License-Identifier: MIT
// The scheduler: which task holds the simulated CPU, waits, time, and what runs when the kernel is
// left. Counterpart: kernel/sched/core.c. No priorities: the next task is drawn by a seeded
// generator, so one seed is one order. Leaves out more than one CPU for now (create() refuses),
// load balancing and real-time classes. Threads: the constructor, destructor and spawn() outside of
// tasks; everything else by the holder of a CPU unless it says otherwise.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vmsim/error.hpp"

#include "vmsim/kapi/vmsim/lock_types.h"

#include "base/probe.hpp"
#include "sched/cpu.hpp"
#include "sched/rcu.hpp"
#include "sched/task.hpp"
#include "sched/time.hpp"

namespace vmsim::sched {

struct SchedConfig {
  unsigned cpus = 1;
  u64 seed = 1;
  unsigned hz = 250;
  /// When nobody can run but the host program has threads that could still call in: how long to
  /// wait for them before "deadlock" is said. Irrelevant to a program of one thread.
  unsigned host_patience_ms = 1000;
};

enum class WaitResult : u8 {
  kWoken,
  kTimeout,
  kInterrupted,  ///< a signal, or the machine is being switched off
  kDeadlock,     ///< nobody could ever have run again; reported
};
/// 0, -ETIME, -EINTR, -EINTR.
int errno_of(WaitResult result);

enum class StartMode : u8 { kNow, kLater };

/// Calls into driver code. The room that knows how to survive a driver's oops replaces it; the
/// default calls directly.
class DriverDoor {
 public:
  virtual ~DriverDoor() = default;
  virtual void call_timer(struct timer_list& timer);
  virtual void call_rcu(struct rcu_head& head, void (*func)(struct rcu_head*));
  virtual int call_wake(struct wait_queue_entry& entry, unsigned mode, int flags, void* key);
};

class Scheduler final : public base::Probe::Clock {
 public:
  /// EINVAL for a number of CPUs or an hz that cannot be had.
  static Result<std::unique_ptr<Scheduler>> create(const SchedConfig& config, base::Probe& probe);
  /// Pre: config.cpus == 1, hz in 1..1000.
  Scheduler(const SchedConfig& config, base::Probe& probe);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  /// Tells every thread to stop (kill, should_stop, waits end with -EINTR) and joins it. Finding
  /// "thread-left" names those that had not finished. Pre: this host thread is not in the kernel.
  ~Scheduler() override;

  // ---- Tasks ----
  /// A borrowed task. pid 0: the next free number. Any thread outside of the kernel, or a task.
  Task& create_task(const std::string& comm, int pid = 0);
  /// Locks still held are released with Finding "lock-held-at-exit". Pre: not in the kernel, or
  /// finished.
  void destroy_task(Task& task);
  /// An owned task. It is runnable at once (or after start()), and runs when the caller blocks,
  /// leaves the kernel or joins. The body of a kernel thread runs inside the kernel, that of a
  /// program outside (it enters by KernelEntry).
  Task& spawn(const std::string& comm, std::function<int()> body,
              TaskKind kind = TaskKind::kKernelThread, StartMode start = StartMode::kNow);
  void start(Task& task);
  /// Waits for the end of an owned task and returns what its body returned; -EINTR if the wait was
  /// ended. Inside the kernel a wait like any other; outside it lends the CPU. The task stays until
  /// destroy_task().
  int join(Task& task);
  /// The task that a C pointer names, or nullptr: the pointer is not followed.
  Task* find_task(const struct task_struct* pointer) const;
  Task* find_pid(int pid) const;
  /// Sets kthread_should_stop() and wakes the task.
  void stop(Task& task);
  /// A fatal signal: ends interruptible and killable waits.
  void kill(Task& task);
  /// A signal that is not fatal: ends interruptible waits.
  void send_signal(Task& task);

  /// What owned tasks see as current_kernel(). Set once, before spawn().
  void set_kernel(void* kernel) { kernel_ = kernel; }

  // ---- Waiting ----
  /// Sleeps in `state` until wake(), a signal that the state admits, or the deadline.
  WaitResult block(State state, Deadline deadline = {}, WaitNote note = {});
  /// schedule(): sleeps if the task's __state says so (set before the condition was looked at),
  /// else yields.
  WaitResult schedule(Deadline deadline = {}, WaitNote note = {});
  void yield();
  /// try_to_wake_up(): true if the task was waiting in one of the states of `mode`.
  bool wake(Task& task, unsigned mode = ~0u);
  /// Sleeps on an address; FIFO per address. Spurious wake-ups happen, so callers loop.
  WaitResult park(const void* object, State state, WaitNote note, Deadline deadline = {});
  bool unpark_one(const void* object);
  void unpark_all(const void* object);
  /// might_sleep(): Finding "sleep-in-atomic" in a context that must not.
  bool check_may_sleep(const char* what);

  // ---- Time ----
  u64 now_ns() const override { return timers_.now_ns(); }

  u32 current_pid() const override;

  unsigned hz() const { return config_.hz; }

  u64 ns_per_jiffy() const { return kNsPerSecond / config_.hz; }

  u64 jiffies() const { return initial_jiffies() + now_ns() / ns_per_jiffy(); }

  /// Linux boots five minutes before a 32-bit jiffies wraps.
  u64 initial_jiffies() const { return static_cast<u32>(0u - 300u * config_.hz); }

  u64 ns_of_jiffies(u64 jiffies) const;

  Deadline deadline_in(u64 ns) const { return Deadline::at(now_ns() + ns); }

  /// Lets simulated time pass; timers fire at their instants, in order. Pre: in the kernel.
  void advance(u64 ns);
  /// A little time passes (a device access); timers that fall due fire later, where the task can
  /// bear it.
  void tick(u64 ns);
  /// cpu_relax(), udelay(): tick, then whatever is pending runs unless interrupts are off; a task
  /// that has had its slice of one jiffy passes the CPU on unless it is atomic.
  void relax(u64 ns);
  WaitResult sleep_ns(u64 ns, State state = State::kUninterruptible);

  TimerQueue& timers() { return timers_; }

  DriverTimers& driver_timers() { return driver_timers_; }

  Rcu& rcu() { return rcu_; }

  // ---- Work for the way out of the kernel ----
  /// Runs once when the kernel is left, when the CPU idles, or in relax(). FIFO. Must not sleep.
  void run_on_kernel_exit(std::function<void()> work);

  void raise_softirq(std::function<void()> work) { run_on_kernel_exit(std::move(work)); }

  /// `deliver` runs at the same places after raise_irq(). Set before tasks run.
  void set_irq_delivery(void (*deliver)(void*), void* context);
  /// Any thread.
  void raise_irq();

  /// An interrupt waits for a task to leave the kernel.
  bool irq_raised() const { return (attention_.load(std::memory_order_relaxed) & kIrq) != 0; }

  /// From outside of the kernel: enters and leaves once, so that pending work and runnable tasks
  /// run.
  void poke();

  void set_driver_door(DriverDoor* door) { door_ = door ? door : &default_door_; }

  DriverDoor& driver_door() { return *door_; }

  // ---- Locks, for lock.hpp and for the boundary that ends an oops ----
  /// Releases every lock and atomic section of a task, one Finding `rule` each. Returns how many.
  unsigned release_all(Task& task, const char* rule, const char* why);
  /// Memory goes away: Finding "lock-freed-held" for each held lock inside, "timer-freed-active"
  /// for each timer.
  void memory_freed(const void* start, u64 bytes);

  void finding(const char* rule, std::string text) { probe_.finding(rule, std::move(text)); }
  /// ", taken at status.c:110 in do_bug [status],"; empty where no driver took it.
  std::string taken_at(const HeldLock& held) const;

  base::Probe& probe() { return probe_; }

  unsigned held_locks_total() const { return held_total_; }

  /// The order in which tasks got the CPU by being handed it: pids, oldest first, at most the last
  /// 4096.
  std::vector<int> order_log() const;

  u64 switches() const { return switches_; }

 private:
  friend class KernelEntry;
  friend class Rcu;
  friend class DriverTimers;
  friend struct LockLedger;

  enum Attention : u32 {
    kRunnable = 1,  ///< the run queue is not empty
    kIrq = 2,
    kWork = 4,
    kTimers = 8,
    kCallbacks = 16,  ///< RCU has something to run
  };

  enum Rank : unsigned { kRankNormal = 0, kRankProgramLeaving = 1, kRankBorrowedLeaving = 2 };

  // Entry and exit, called by KernelEntry.
  void enter(Task& task) {
    if (!cpu_.try_claim()) [[unlikely]]
      enter_contended(task);
    if (task.kernel_depth_ != 0 || task.finished()) [[unlikely]]
      die_busy_task(task);
    task.kernel_depth_ = 1;
    cpu_.current = &task;
    ++cpu_.entries;
  }

  void leave(Task& task) {
    if ((attention_.load(std::memory_order_relaxed) | task.atomic_depth_) != 0 ||
        !task.held_.empty()) [[unlikely]]
      return leave_slow(task);
    task.kernel_depth_ = 0;
    cpu_.release();
    if ((attention_.load(std::memory_order_seq_cst) & kRunnable) != 0) [[unlikely]]
      pass_on_after_release();
  }

  void enter_contended(Task& task);
  [[noreturn]] void die_busy_task(const Task& task) const;
  void leave_slow(Task& task);
  void leave_program(Task& task);
  void pass_on_or_release();
  void pass_on_after_release();
  void report_leaks(Task& task);

  // Switching.
  Task& running(const char* what) const;
  WaitResult sleep(Task& self, Deadline deadline, WaitNote note);
  void switch_from(Task& self);
  bool wait_for_cpu(Task& self, bool polls);
  RunNode* next_or_idle(Task& self);
  RunNode* pick_locked();
  RunNode* pick_arrival_locked();
  void enqueue(RunNode& node, unsigned rank);
  void dequeue_locked(RunNode& node);
  void hand_over(RunNode& node);
  void dispatched(Task& task);
  bool release_if_nobody_waits();
  bool owned_runnable() const;
  void unstick(Task& task);
  void yield_while_leaving(Task& task, unsigned rank);

  // Threads of owned tasks.
  void thread_main(Task& self);
  void end_thread(Task& self);
  [[noreturn]] void abandon(Task& self);
  WaitResult wait_while_stopping(Task& self);
  int join_inside(Task& self, Task& task);
  void shut_down();
  std::unique_ptr<Task> take_out(Task& task);
  void wake_from_anywhere(Task& task, unsigned mode);
  std::vector<Task*> unfinished_threads() const;

  // Idle: nobody can run.
  bool may_jump();
  bool host_may_come(Task& self, u64 wanted_ns) const;
  void break_deadlock(Task& self);
  Task* deadlock_victim(Task& self) const;
  std::string describe_blocked() const;

  // Pending work.
  bool run_pending(Task& self);
  void fire_until(u64 until_ns);

  void attend(u32 bits) { attention_.fetch_or(bits, std::memory_order_seq_cst); }

  SchedConfig config_;
  base::Probe& probe_;
  Cpu cpu_;
  std::atomic<u32> attention_{0};
  TimerQueue timers_;
  DriverTimers driver_timers_{*this};
  Rcu rcu_{*this};
  DriverDoor default_door_;
  DriverDoor* door_ = &default_door_;
  void* kernel_ = nullptr;
  void (*irq_deliver_)(void*) = nullptr;
  void* irq_context_ = nullptr;

  mutable std::mutex mutex_;  ///< guards tasks_, run_queue_, next_pid_, order_log_, exit_work_
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<RunNode*> run_queue_;
  std::deque<int> order_log_;
  int next_pid_ = 1;

  // Written by the holder of the CPU.
  Rng rng_;
  std::vector<Task*> parked_;
  std::deque<std::function<void()>> exit_work_;
  std::vector<Task*>
      stuck_;      ///< borrowed tasks that wait: a host thread is stuck until they are woken
  u64 jumps_ = 0;  ///< time jumps since a program last ran
  u64 switches_ = 0;
  unsigned held_total_ = 0;
  int last_pid_ = -1;  ///< who ran last, as the trace knows it
  bool idle_ = false;  ///< pending work runs on behalf of no task
  bool firing_ = false;
  bool stopping_ = false;
};

}  // namespace vmsim::sched
