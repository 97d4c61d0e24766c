// SPDX-License-Identifier: MIT
// poll of FileCalls: asks every file, and sleeps on the wait queues that the drivers named.
// Counterpart: fs/select.c. Leaves out epoll and busy polling.
#include <cerrno>
#include <deque>

#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/wait.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

class PollWait;

/// One queue that the task waits on. The entry comes first: the wake function finds the rest behind
/// it.
struct Slot {
  struct wait_queue_entry entry;
  struct wait_queue_head* head;
  PollWait* owner;
};

class PollWait final : public ::poll_table_struct {
 public:
  explicit PollWait(sched::Task& task) : ::poll_table_struct{}, task_(task) {
    _qproc = &PollWait::enqueue;
    _key = ~0u;
  }

  ~PollWait() {
    for (Slot& slot : slots_) sched::remove_wait_queue(*slot.head, slot.entry);
  }

  PollWait(const PollWait&) = delete;
  PollWait& operator=(const PollWait&) = delete;

  /// Sleeps unless somebody woke a queue since the last call.
  sched::WaitResult wait(sched::Scheduler& scheduler, sched::Deadline deadline) {
    if (triggered_) {
      triggered_ = false;
      return sched::WaitResult::kWoken;
    }
    const auto result = scheduler.block(sched::State::kInterruptible, deadline, {"poll"});
    triggered_ = false;
    return result;
  }

 private:
  /// Called by the driver through poll_wait().
  static void enqueue(::file*, struct wait_queue_head* head, ::poll_table_struct* table) {
    const sched::CoreScope scope;
    PollWait& self = *static_cast<PollWait*>(table);
    self.slots_.push_back(Slot{{}, head, &self});
    Slot& slot = self.slots_.back();
    slot.entry.func = &PollWait::wake;
    slot.entry.private_ = static_cast<struct task_struct*>(&self.task_);
    sched::add_wait_queue(*head, slot.entry);
  }

  static int wake(struct wait_queue_entry* entry, unsigned mode, int, void*) {
    const sched::CoreScope scope;
    PollWait& self = *reinterpret_cast<Slot*>(entry)->owner;
    self.triggered_ = true;
    return sched::current_scheduler().wake(self.task_, mode) ? 1 : 0;
  }

  sched::Task& task_;
  std::deque<Slot> slots_;
  bool triggered_ = false;
};

}  // namespace

Result<u32> FileCalls::poll_once(vfs::File& file, ::poll_table_struct* table) {
  if (file.served && !file.revoked) return file.node()->backend->poll(file, table);
  if (file.revoked || !file.f_op->poll) return poll_bit::kDefault;
  const auto mask = DriverCall::call(file.f_op->poll, &file, table);
  emit("poll", mask.value_or(0));
  if (!mask) return task_oopsed();
  return *mask;
}

Result<u32> FileCalls::poll(vfs::File& file) {
  if ((file.f_mode & vfs::kFmodePath) != 0) return fail(EBADF);
  ::poll_table_struct table = {};
  table._key = ~0u;
  return poll_once(file, &table);
}

Result<unsigned> FileCalls::poll_pass(std::span<PollRequest> requests, ::poll_table_struct* table) {
  unsigned ready = 0;
  for (PollRequest& request : requests) {
    if (!request.file) {
      request.ready = poll_bit::kNval;
    } else {
      const u32 wanted = request.events | poll_bit::kErr | poll_bit::kHup;
      request.ready = VMSIM_TRY(poll_once(*request.file, table)) & wanted;
    }
    if (request.ready == 0) continue;
    ++ready;
    table->_qproc = nullptr;  // the call will not sleep: nobody else need be waited for
  }
  table->_qproc = nullptr;
  return ready;
}

Result<unsigned> FileCalls::poll(std::span<PollRequest> requests, sched::Deadline deadline) {
  sched::Task& task = sched::current_task();
  PollWait table(task);
  for (bool last = false;;) {
    const unsigned ready = VMSIM_TRY(poll_pass(requests, &table));
    if (ready != 0 || last) return ready;
    switch (table.wait(parts_.scheduler, deadline)) {
      case sched::WaitResult::kWoken:
        break;
      case sched::WaitResult::kTimeout:
        last = true;
        break;
      case sched::WaitResult::kInterrupted:
      case sched::WaitResult::kDeadlock:
        return fail(EINTR, "a signal, or nobody could ever have woken it");
    }
  }
}

}  // namespace vmsim::kern
