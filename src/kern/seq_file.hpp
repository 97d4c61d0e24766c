// SPDX-License-Identifier: MIT
// Files made of records: iteration by the driver, buffering and seeking by the kernel. Counterpart:
// fs/seq_file.c. Leaves out the path and hex-dump printers. Called by abi (drivers put these
// functions in their operations) and by proc, on a task inside the kernel. Errors of kErrOops: the
// driver died in a callback.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "vmsim/kapi/vmsim/proc_types.h"

#include "kern/user_copy.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

/// Every open seq_file; what a driver forgets to release goes with the machine.
class SeqFiles {
 public:
  SeqFiles(UserCopy& user, base::Probe& probe);
  ~SeqFiles();
  SeqFiles(const SeqFiles&) = delete;
  SeqFiles& operator=(const SeqFiles&) = delete;

  /// file->private_data becomes the seq_file. Finding "seq-private-data-lost" if it was something
  /// else.
  Result<void> open(::file& file, const ::seq_operations* ops);
  /// __seq_open_private(): zeroed memory for m->private.
  Result<void*> open_private(::file& file, const ::seq_operations* ops, u64 bytes);
  Result<void> single_open(::file& file, int (*show)(::seq_file*, void*), void* data);
  Result<u64> read(::file& file, u64 buffer, u64 bytes, vmsim_loff_t& pos);
  Result<i64> lseek(::file& file, i64 offset, int whence);
  /// Also single_release() and seq_release_private().
  void release(::file& file);

  /// seq_printf(), seq_puts(), seq_write() with the text ready: what does not fit marks an
  /// overflow. 0 or -1.
  static int append(::seq_file& m, std::string_view text);

  static ::list_head* list_start(::list_head* head, i64 pos);
  static ::list_head* list_next(void* v, ::list_head* head, vmsim_loff_t& pos);

  std::size_t open_files() const { return files_.size(); }

 private:
  struct Seq;

  Seq* of(const ::file& file);
  static bool resize(::seq_file& m, u64 bytes);
  Result<int> traverse(::seq_file& m, i64 offset);
  Result<int> first_record(::seq_file& m, void*& record);
  Result<u64> copy_out(::seq_file& m, u64 buffer, u64 bytes);
  Result<u64> read_locked(::seq_file& m, u64 buffer, u64 bytes, vmsim_loff_t& pos);
  Result<i64> lseek_locked(::seq_file& m, ::file& file, i64 offset, int whence);
  Result<int> fill(::seq_file& m, void*& record, u64 wanted);

  UserCopy& user_;
  base::Probe& probe_;
  std::unordered_map<const ::seq_file*, std::unique_ptr<Seq>> files_;
};

}  // namespace vmsim::kern
