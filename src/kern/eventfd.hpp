// SPDX-License-Identifier: MIT
// Event counters behind a descriptor: programs read and write them, drivers signal them.
// Counterpart: fs/eventfd.c. Leaves out wait-queue entries of drivers (irqfds). Called by
// Process::eventfd and by abi, on a task inside the kernel.
#pragma once

#include <memory>
#include <unordered_map>

#include "vmsim/kapi/vmsim/lock_types.h"

#include "base/probe.hpp"
#include "kern/file_calls.hpp"
#include "kern/user_copy.hpp"
#include "sched/scheduler.hpp"
#include "vfs/file.hpp"

/// Opaque for drivers.
struct eventfd_ctx {
  struct wait_queue_head wait {};

  unsigned long long count = 0;
  int references = 1;  ///< the file's, and one for each eventfd_ctx_fdget()
  bool semaphore = false;
};

namespace vmsim::kern {

/// A context that a driver still holds when the machine goes is freed with it.
class EventFds final : public vfs::NodeBackend {
 public:
  /// EFD_SEMAPHORE, EFD_NONBLOCK, EFD_CLOEXEC.
  static constexpr unsigned kSemaphore = 1, kNonBlock = 04000, kCloexec = 02000000;
  static constexpr u64 kCountMax = ~u64{0};

  EventFds(FileCalls& files, UserCopy& user, sched::Scheduler& scheduler, base::Probe& probe)
      : files_(files), user_(user), scheduler_(scheduler), probe_(probe) {}

  ~EventFds() override;
  EventFds(const EventFds&) = delete;
  EventFds& operator=(const EventFds&) = delete;

  /// eventfd2(2): a file with one reference. EINVAL (unknown flags).
  Result<vfs::File*> create(u64 initial, unsigned flags);

  /// eventfd_ctx_fileget(): EINVAL for a file that is none. Takes a reference.
  Result<::eventfd_ctx*> context_of(vfs::File& file);
  /// Finding "eventfd-put-too-often" for a context that is gone.
  void put(::eventfd_ctx* context);
  /// Adds as much as fits, and wakes. How much.
  u64 signal(::eventfd_ctx& context, u64 add);

  bool is_context(const ::eventfd_ctx* context) const { return contexts_.contains(context); }

  Result<const ::file_operations*> open(vfs::Inode& node, vfs::File& file) override;
  void released(vfs::File& file) override;
  Result<u64> read(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<u64> write(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  u32 poll(vfs::File& file, ::poll_table_struct* table) override;

  std::size_t contexts() const { return contexts_.size(); }

 private:
  ::eventfd_ctx& of(vfs::File& file);

  FileCalls& files_;
  UserCopy& user_;
  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  std::unordered_map<const ::eventfd_ctx*, std::unique_ptr<::eventfd_ctx>> contexts_;
};

}  // namespace vmsim::kern
