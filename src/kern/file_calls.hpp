// SPDX-License-Identifier: MIT
// The system calls on files, and what happens at the last reference. Counterpart: fs/open.c,
// read_write.c, ioctl.c, select.c and fs/file_table.c over f_op. Leaves out: path walking,
// permissions (everybody is root), splice, waiting for asynchronous I/O that a synchronous caller
// started. Called by Process and the guest stub's server on a task inside the kernel. An Error of
// kErrOops: the driver died in the call, and the task's address space is marked dead.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "sched/scheduler.hpp"
#include "vfs/file.hpp"

namespace vmsim::kern {

namespace poll_bit {
inline constexpr u32 kIn = 0x1, kPri = 0x2, kOut = 0x4, kErr = 0x8, kHup = 0x10, kNval = 0x20,
                     kRdNorm = 0x40, kWrNorm = 0x100;
/// What a file without f_op->poll is always ready for.
inline constexpr u32 kDefault = kIn | kOut | kRdNorm | kWrNorm;
}  // namespace poll_bit

/// One line of poll(2). `ready` is the answer.
struct PollRequest {
  vfs::File* file = nullptr;  ///< nullptr: POLLNVAL
  u32 events = 0;             ///< POLLERR and POLLHUP are always asked for
  u32 ready = 0;
};

class FileCalls final : public vfs::FileCalls {
 public:
  struct Parts {
    NodeTable& nodes;
    ModuleRefs& modules;
    sched::Scheduler& scheduler;
    base::Probe& probe;
    KernelVersion kernel;
    u64 task_size = 0x7ffffffff000;  ///< user buffers end below
  };

  explicit FileCalls(const Parts& parts) : parts_(parts) {}

  /// A file with one reference. ENOENT (no node), ENXIO (no driver for the number), ENODEV, EISDIR,
  /// or what the driver's open returned; everything that was taken is given back on failure.
  Result<vfs::File*> open(std::string_view path, unsigned flags);
  Result<vfs::File*> open(vfs::Inode& node, unsigned flags);

  /// At the file's position, which moves on. `buffer` is a user address. EBADF (not opened for it),
  /// EINVAL (no such operation), EFAULT (not a user range), or the driver's errno.
  Result<u64> read(vfs::File& file, u64 buffer, u64 count);
  Result<u64> write(vfs::File& file, u64 buffer, u64 count);
  /// At a position of the call's own. ESPIPE after nonseekable_open().
  Result<u64> pread(vfs::File& file, u64 buffer, u64 count, i64 pos);
  Result<u64> pwrite(vfs::File& file, u64 buffer, u64 count, i64 pos);
  /// ESPIPE for a file that cannot seek.
  Result<i64> llseek(vfs::File& file, i64 offset, int whence);
  /// ENOTTY without an operation for it.
  Result<i64> ioctl(vfs::File& file, u32 command, u64 argument);
  /// What the file is ready for now.
  Result<u32> poll(vfs::File& file);
  /// How many requests are ready; waits until one is, a signal comes (EINTR) or the deadline passes
  /// (0).
  Result<unsigned> poll(std::span<PollRequest> requests, sched::Deadline deadline);
  Result<void> fsync(vfs::File& file);
  /// fcntl(F_SETFL) of O_NONBLOCK and O_ASYNC; the second has no effect without f_op->fasync.
  Result<void> set_flags(vfs::File& file, int fd, u32 flags);
  /// O_ASYNC alone: EINVAL without f_op->fasync.
  Result<void> fasync(vfs::File& file, int fd, bool on);

  enum class Direction : u8 { kRead, kWrite };
  /// The driver's aio operation for one who waits, as do_sync_read() calls it. EINVAL without one.
  Result<i64> transfer_by_aio(vfs::File& file, Direction direction, u64 buffer, u64 count,
                              i64* pos);

  // At the end of a descriptor and of a file; called by vfs.
  int flush(::file* file) override;
  void release(::inode* node, ::file* file) override;

  /// Takes the driver away from an open file, whose calls fail with EIO from now on. With
  /// `run_release`, f_op->release is called first, as /proc does when an entry is removed.
  enum class Release : u8 { kRun, kSkip };
  void revoke(vfs::File& file, Release how);
  /// Finding "file-open-at-unload" for each file whose operations lay in the module; they are
  /// revoked.
  void module_gone(const GoneModule& gone);

  std::size_t open_files() const { return files_.size(); }

 private:
  Result<void> open_setup(vfs::File& file, vfs::Inode& node);
  Result<void> open_driver(vfs::File& file, vfs::Inode& node);
  void put_modules(vfs::File& file);
  Result<void> check_transfer(const vfs::File& file, Direction direction, u64 buffer, u64 count,
                              i64 pos) const;
  Result<u64> transfer(vfs::File& file, Direction direction, u64 buffer, u64 count, i64& pos);
  Result<i64> transfer_by_driver(vfs::File& file, Direction direction, u64 buffer, u64 count,
                                 i64* pos);
  Result<i64> transfer_by_iter(vfs::File& file, Direction direction, u64 buffer, u64 count,
                               i64* pos);
  Result<i64> seek_by_default(vfs::File& file, i64 offset, int whence);
  Result<u32> poll_once(vfs::File& file, ::poll_table_struct* table);
  Result<unsigned> poll_pass(std::span<PollRequest> requests, ::poll_table_struct* table);
  void emit(const char* name, i64 result, u64 b = 0, u64 c = 0);

  Parts parts_;
  std::unordered_set<vfs::File*> files_;  ///< every file whose open has succeeded
};

/// A driver's negative return value as an Error, its private numbers translated as the kernel does
/// on the way out.
Failure driver_refused(i64 result);

/// The driver oopsed under the current task: marks its address space dead. Returns sched::oopsed().
Failure task_oopsed();

}  // namespace vmsim::kern
