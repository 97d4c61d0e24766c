// SPDX-License-Identifier: MIT
// Tasks: making, starting, ending, signals, and switching the machine off. Counterpart:
// kernel/{fork,exit,kthread}.c.
#include "sched/scheduler.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.hpp"
#include "sched/host_threads.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/lock.hpp"

namespace vmsim::sched {

namespace {

/// How many waits or yields a thread that has been told to stop may still begin.
constexpr unsigned kStopPatience = 1000;

/// This host thread's innermost frame in `scheduler`, or nullptr.
EntryFrame* frame_in(const Scheduler& scheduler) {
  EntryFrame* frame = entry_top;
  while (frame != nullptr && frame->scheduler != &scheduler) frame = frame->outer;
  return frame;
}

}  // namespace

int errno_of(WaitResult result) {
  switch (result) {
    case WaitResult::kWoken:
      return 0;
    case WaitResult::kTimeout:
      return -ETIME;
    case WaitResult::kInterrupted:
    case WaitResult::kDeadlock:
      break;
  }
  return -EINTR;
}

void DriverDoor::call_timer(struct timer_list& timer) {
  if ((timer.flags & VMSIM_TIMER_DATA) != 0) {
    // The era's type of the field; one pointer-sized argument either way.
    reinterpret_cast<void (*)(unsigned long)>(reinterpret_cast<void*>(timer.function))(timer.data);
  } else {
    timer.function(&timer);
  }
}

void DriverDoor::call_rcu(struct rcu_head& head, void (*func)(struct rcu_head*)) {
  func(&head);
}

int DriverDoor::call_wake(struct wait_queue_entry& entry, unsigned mode, int flags, void* key) {
  return entry.func(&entry, mode, flags, key);
}

Result<std::unique_ptr<Scheduler>> Scheduler::create(const SchedConfig& config,
                                                     base::Probe& probe) {
  if (config.cpus != 1) {
    return fail(EINVAL, "a machine has 1 CPU for now, not " + std::to_string(config.cpus));
  }
  if (config.hz < 1 || config.hz > 1000) {
    return fail(EINVAL, "hz is 1 to 1000, not " + std::to_string(config.hz));
  }
  return std::make_unique<Scheduler>(config, probe);
}

Scheduler::Scheduler(const SchedConfig& config, base::Probe& probe)
    : config_(config), probe_(probe), rng_(config.seed) {
  VMSIM_ASSERT(config.cpus == 1, "several CPUs are refused by create()");
  VMSIM_ASSERT(config.hz >= 1 && config.hz <= 1000, "hz is checked by create()");
  probe_.set_clock(this);
}

Scheduler::~Scheduler() {
  VMSIM_ASSERT(frame_in(*this) == nullptr, "a machine is destroyed from outside of it");
  shut_down();
  driver_timers_.clear();
  probe_.set_clock(nullptr);
}

Task& Scheduler::create_task(const std::string& comm, int pid) {
  const std::lock_guard lock(mutex_);
  if (pid == 0) pid = next_pid_;
  next_pid_ = std::max(next_pid_, pid + 1);
  tasks_.push_back(std::unique_ptr<Task>(new Task(TaskKind::kBorrowed, comm, pid)));
  return *tasks_.back();
}

Task& Scheduler::spawn(const std::string& comm, std::function<int()> body, TaskKind kind,
                       StartMode start_mode) {
  VMSIM_ASSERT(kind != TaskKind::kBorrowed, "a borrowed task has no thread to spawn");
  Task* task = nullptr;
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::unique_ptr<Task>(new Task(kind, comm, next_pid_++)));
    task = tasks_.back().get();
  }
  task->body_ = std::move(body);
  if (start_mode == StartMode::kNow) start(*task);
  return *task;
}

void Scheduler::start(Task& task) {
  VMSIM_ASSERT(task.owned(), "only a task with a body can be started");
  if (task.started_) return;
  task.started_ = true;
  task.thread_ = std::thread([this, &task] { thread_main(task); });
  ++host_threads::owned;
  enqueue(task.node_, kRankNormal);
}

void Scheduler::thread_main(Task& self) {
  self.node_.baton.wait();
  host_threads::this_is_owned = true;
  EntryFrame frame{nullptr, this, &self, kernel_, EntryFrame::kThreadBase};
  entry_top = &frame;
  if (self.kind_ == TaskKind::kProgram) {
    frame.kind = EntryFrame::kUserBase;
  } else {
    self.kernel_depth_ = 1;
  }
  // kthread_stop() before the first run: the function is never called.
  self.exit_code = stopping_ || self.should_stop() ? -EINTR : self.body_();
  frame.kind = EntryFrame::kThreadBase;  // what follows is the kernel's do_exit()
  end_thread(self);
  entry_top = nullptr;
  host_threads::note_ending();
}

void Scheduler::end_thread(Task& self) {
  if (!self.abandoned_) self.body_ = nullptr;  // an abandoned one still runs it
  self.__state = 0;
  std::erase(parked_, &self);
  release_all(self, "lock-held-at-exit", "its thread has ended");
  self.kernel_depth_ = 0;
  self.finished_.store(true, std::memory_order_release);
  unpark_all(&self);
  last_pid_ = self.pid;
  RunNode* next = next_or_idle(self);
  if (next != nullptr) hand_over(*next);
}

void Scheduler::abandon(Task& self) {
  finding(
      "thread-abandoned",
      self.label() + " went on after " + std::to_string(kStopPatience) +
          " interrupted waits while the machine was switched off. Its host thread is parked for "
          "ever and its stack is leaked.");
  self.abandoned_ = true;
  self.thread_.detach();
  end_thread(self);
  // Nothing of the machine may be touched from here on: it may be gone.
  auto* never = new Baton;
  for (;;) never->wait();
}

WaitResult Scheduler::wait_while_stopping(Task& self) {
  self.__state = 0;
  if (++self.stops_ignored_ > kStopPatience) abandon(self);
  return WaitResult::kInterrupted;
}

int Scheduler::join(Task& task) {
  VMSIM_ASSERT(task.owned(), "only a task with a thread of its own can be joined");
  EntryFrame* frame = frame_in(*this);
  if (frame != nullptr && frame->kind != EntryFrame::kUserBase)
    return join_inside(*frame->task, task);
  if (frame != nullptr) {
    const KernelEntry entry(*this, *frame->task, kernel_);
    return join_inside(*frame->task, task);
  }
  // From outside: an anonymous task lends the CPU.
  Task host(TaskKind::kBorrowed, "host", 0);
  const KernelEntry entry(*this, host, kernel_);
  return join_inside(host, task);
}

int Scheduler::join_inside(Task& self, Task& task) {
  while (!task.finished()) {
    self.joins_ = &task;
    const WaitResult result =
        park(&task, State::kUninterruptible, WaitNote{"the end of task", task.comm});
    self.joins_ = nullptr;
    if (result != WaitResult::kWoken) return errno_of(result);
  }
  return task.exit_code;
}

std::unique_ptr<Task> Scheduler::take_out(Task& task) {
  const std::lock_guard lock(mutex_);
  const auto at = std::find_if(tasks_.begin(), tasks_.end(),
                               [&task](const auto& owned) { return owned.get() == &task; });
  VMSIM_ASSERT(at != tasks_.end(), "the task belongs to another scheduler, or is gone");
  std::unique_ptr<Task> taken = std::move(*at);
  tasks_.erase(at);
  return taken;
}

void Scheduler::destroy_task(Task& task) {
  VMSIM_ASSERT(!task.in_kernel(), "a task is destroyed while it is in the kernel");
  VMSIM_ASSERT(!task.started_ || task.finished(), "an owned task is joined before it is destroyed");
  if (!task.held_.empty()) {
    const KernelEntry entry(*this, task, kernel_);
    release_all(task, "lock-held-at-exit", "the task has ended");
  }
  if (task.thread_.joinable()) task.thread_.join();
  std::unique_ptr<Task> taken = take_out(task);
  if (taken->abandoned_) static_cast<void>(taken.release());  // a parked stack refers to it
}

Task* Scheduler::find_task(const struct task_struct* pointer) const {
  const std::lock_guard lock(mutex_);
  for (const auto& task : tasks_) {
    if (static_cast<const struct task_struct*>(task.get()) == pointer) return task.get();
  }
  return nullptr;
}

Task* Scheduler::find_pid(int pid) const {
  const std::lock_guard lock(mutex_);
  for (const auto& task : tasks_) {
    if (task->pid == pid) return task.get();
  }
  return nullptr;
}

void Scheduler::wake_from_anywhere(Task& task, unsigned mode) {
  if (frame_in(*this) != nullptr) {
    wake(task, mode);
    return;
  }
  Task host(TaskKind::kBorrowed, "host", 0);
  const KernelEntry entry(*this, host, kernel_);
  wake(task, mode);
}

void Scheduler::stop(Task& task) {
  task.should_stop_.store(true, std::memory_order_relaxed);
  if (!task.started_ && task.owned()) {
    start(task);
  } else {
    wake_from_anywhere(task, ~0u);
  }
}

void Scheduler::kill(Task& task) {
  task.kill_pending_.store(true, std::memory_order_relaxed);
  wake_from_anywhere(task, static_cast<unsigned>(State::kInterruptible) | 0x100);
}

void Scheduler::send_signal(Task& task) {
  task.signal_pending_.store(true, std::memory_order_relaxed);
  wake_from_anywhere(task, static_cast<unsigned>(State::kInterruptible));
}

u32 Scheduler::current_pid() const {
  const EntryFrame* frame = frame_in(*this);
  return frame == nullptr || idle_ ? 0 : static_cast<u32>(frame->task->pid);
}

std::vector<Task*> Scheduler::unfinished_threads() const {
  const std::lock_guard lock(mutex_);
  std::vector<Task*> left;
  for (const auto& task : tasks_) {
    if (task->started_ && !task->finished()) left.push_back(task.get());
  }
  return left;
}

void Scheduler::shut_down() {
  poke();  // what can end by itself does
  Task host(TaskKind::kBorrowed, "host", 0);
  {
    const KernelEntry entry(*this, host, kernel_);
    VMSIM_ASSERT(stuck_.empty(), "a host thread is still inside the machine that is destroyed");
    const std::vector<Task*> left = unfinished_threads();
    std::string names;
    for (const Task* task : left) names += (names.empty() ? "" : ", ") + task->label();
    if (!left.empty()) {
      finding("thread-left", "the machine is switched off while these threads have not ended: " +
                                 names + ". They are told to stop.");
    }
    stopping_ = true;
    // Differs: threads end with the machine. Each has a fatal signal, is asked to stop, and none of
    // its waits lasts.
    for (Task* task : left) {
      task->kill_pending_.store(true, std::memory_order_relaxed);
      stop(*task);
    }
  }
  // Whatever they begin to wait for ends at once, so this ends.
  for (bool more = true; more;) {
    const KernelEntry entry(*this, host, kernel_);
    more = !unfinished_threads().empty();
    if (more) yield();
  }
  std::vector<Task*> all;
  for (const auto& task : tasks_) all.push_back(task.get());
  for (Task* task : all) destroy_task(*task);
}

std::vector<int> Scheduler::order_log() const {
  const std::lock_guard lock(mutex_);
  return {order_log_.begin(), order_log_.end()};
}

}  // namespace vmsim::sched
