// SPDX-License-Identifier: MIT
// read, write, pread, pwrite and llseek of FileCalls; see file_calls.hpp. Counterpart:
// fs/read_write.c.
#include <cerrno>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr u64 kTransferMax = 0x7ffff000;  // MAX_RW_COUNT
constexpr int kSeekSet = 0, kSeekCur = 1, kSeekEnd = 2, kSeekLast = 4;
constexpr unsigned kSyncKey = ~0u;

::kiocb sync_iocb(vfs::File& file, const i64* pos) {
  ::kiocb iocb = {};
  iocb.ki_filp = &file;
  iocb.ki_pos = pos ? *pos : 0;
  iocb.ki_key = kSyncKey;
  return iocb;
}

}  // namespace

Result<void> FileCalls::check_transfer(const vfs::File& file, Direction direction, u64 buffer,
                                       u64 count, i64 pos) const {
  const unsigned needed = direction == Direction::kRead ? vfs::kFmodeRead : vfs::kFmodeWrite;
  if ((file.f_mode & needed) == 0) return fail(EBADF, "the file is not open for it");
  if (file.revoked) return fail(EIO, "the driver has gone");
  const ::file_operations& ops = *file.f_op;
  const bool can = direction == Direction::kRead ? ops.read || ops.read_iter || ops.aio_read
                                                 : ops.write || ops.write_iter || ops.aio_write;
  if (!can && !file.served) {
    const vfs::Inode& node = *static_cast<const vfs::Inode*>(file.f_inode);
    return fail(node.backend ? node.backend->no_transfer_errno() : EINVAL,
                fmt::format("{} has no {} operation", node.path(),
                            direction == Direction::kRead ? "read" : "write"));
  }
  if (count > parts_.task_size || buffer > parts_.task_size - count)
    return fail(EFAULT, "not a user buffer");
  if (static_cast<i64>(count) < 0 || pos < 0) return fail(EINVAL);
  return {};
}

Result<u64> FileCalls::transfer(vfs::File& file, Direction direction, u64 buffer, u64 count,
                                i64& pos) {
  VMSIM_CHECK(check_transfer(file, direction, buffer, count, pos));
  count = std::min(count, kTransferMax);
  if (file.served) {
    return direction == Direction::kRead ? file.node()->backend->read(file, buffer, count, pos)
                                         : file.node()->backend->write(file, buffer, count, pos);
  }
  const bool stream = (file.f_mode & vfs::kFmodeStream) != 0;
  const auto result = transfer_by_driver(file, direction, buffer, count, stream ? nullptr : &pos);
  const char* const name = direction == Direction::kRead ? "read" : "write";
  if (!result) {
    emit(name, -EFAULT, buffer, count);
    return Failure(result.error());
  }
  emit(name, *result, buffer, count);
  if (*result < 0) return driver_refused(*result);
  if (static_cast<u64>(*result) > count) {
    parts_.probe.finding(
        direction == Direction::kRead ? "read-returned-too-much" : "write-returned-too-much",
        fmt::format("{} of {} returned {} for {} bytes asked; the program believes it", name,
                    file.path(), *result, count));
  }
  return static_cast<u64>(*result);
}

/// The driver's raw result. `pos` is nullptr for a stream.
Result<i64> FileCalls::transfer_by_driver(vfs::File& file, Direction direction, u64 buffer,
                                          u64 count, i64* pos) {
  const ::file_operations& ops = *file.f_op;
  const bool reads = direction == Direction::kRead;
  if (reads ? !ops.read : !ops.write) {
    return (reads ? ops.read_iter : ops.write_iter)
               ? transfer_by_iter(file, direction, buffer, count, pos)
               : transfer_by_aio(file, direction, buffer, count, pos);
  }
  vmsim_loff_t at = pos ? *pos : 0;
  vmsim_loff_t* const ppos = pos ? &at : nullptr;
  char* const user = reinterpret_cast<char*>(buffer);
  const auto result = reads ? DriverCall::call(ops.read, &file, user, count, ppos)
                            : DriverCall::call(ops.write, &file, user, count, ppos);
  if (!result) return task_oopsed();
  if (pos) *pos = at;
  return *result;
}

Result<i64> FileCalls::transfer_by_iter(vfs::File& file, Direction direction, u64 buffer, u64 count,
                                        i64* pos) {
  const bool reads = direction == Direction::kRead;
  ::kiocb iocb = sync_iocb(file, pos);
  const ::iovec segment{reinterpret_cast<void*>(buffer), count};
  ::iov_iter iter = {};
  iter.data_source = reads ? 0 : 1;
  iter.__iov = &segment;
  iter.nr_segs = 1;
  iter.count = count;
  const auto result =
      DriverCall::call(reads ? file.f_op->read_iter : file.f_op->write_iter, &iocb, &iter);
  if (!result) return task_oopsed();
  if (pos) *pos = iocb.ki_pos;
  return *result;
}

/// Until 4.1; before 2.6.19 with a plain buffer.
Result<i64> FileCalls::transfer_by_aio(vfs::File& file, Direction direction, u64 buffer, u64 count,
                                       i64* pos) {
  const auto op = direction == Direction::kRead ? file.f_op->aio_read : file.f_op->aio_write;
  if (!op) return fail(EINVAL, "the driver has no such operation");
  ::kiocb iocb = sync_iocb(file, pos);
  sched::Outcome<long> result;
  if (parts_.kernel >= KernelVersion{2, 6, 19}) {
    const ::iovec segment{reinterpret_cast<void*>(buffer), count};
    result = DriverCall::call(op, &iocb, &segment, 1UL, iocb.ki_pos);
  } else {
    using BufferOp = long (*)(::kiocb*, char*, unsigned long, vmsim_loff_t);
    const auto plain = reinterpret_cast<BufferOp>(reinterpret_cast<void*>(op));
    result = DriverCall::call(plain, &iocb, reinterpret_cast<char*>(buffer), count, iocb.ki_pos);
  }
  if (!result) return task_oopsed();
  if (pos) *pos = iocb.ki_pos;
  return *result;
}

Result<u64> FileCalls::read(vfs::File& file, u64 buffer, u64 count) {
  i64 pos = file.f_pos;
  const u64 done = VMSIM_TRY(transfer(file, Direction::kRead, buffer, count, pos));
  file.f_pos = pos;
  return done;
}

Result<u64> FileCalls::write(vfs::File& file, u64 buffer, u64 count) {
  i64 pos = file.f_pos;
  const u64 done = VMSIM_TRY(transfer(file, Direction::kWrite, buffer, count, pos));
  file.f_pos = pos;
  return done;
}

Result<u64> FileCalls::pread(vfs::File& file, u64 buffer, u64 count, i64 pos) {
  if (pos < 0) return fail(EINVAL);
  if ((file.f_mode & vfs::kFmodePath) != 0) return fail(EBADF);
  if ((file.f_mode & vfs::kFmodePread) == 0) return fail(ESPIPE);
  return transfer(file, Direction::kRead, buffer, count, pos);
}

Result<u64> FileCalls::pwrite(vfs::File& file, u64 buffer, u64 count, i64 pos) {
  if (pos < 0) return fail(EINVAL);
  if ((file.f_mode & vfs::kFmodePath) != 0) return fail(EBADF);
  if ((file.f_mode & vfs::kFmodePwrite) == 0) return fail(ESPIPE);
  return transfer(file, Direction::kWrite, buffer, count, pos);
}

Result<i64> FileCalls::llseek(vfs::File& file, i64 offset, int whence) {
  if (whence < 0 || whence > kSeekLast) return fail(EINVAL, "no such whence");
  if ((file.f_mode & vfs::kFmodePath) != 0) return fail(EBADF);
  if (file.revoked) return fail(EINVAL, "the driver has gone");
  if ((file.f_mode & vfs::kFmodeLseek) == 0) return fail(ESPIPE, "the file cannot seek");
  if (file.served) return file.node()->backend->llseek(file, offset, whence);
  if (!file.f_op->llseek) return seek_by_default(file, offset, whence);
  const auto result = DriverCall::call(file.f_op->llseek, &file, vmsim_loff_t{offset}, whence);
  emit("llseek", result.value_or(-EFAULT), static_cast<u64>(offset), static_cast<u64>(whence));
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  return *result;
}

/// No operation: until 2.6.37 the position moves, later the file does not seek.
Result<i64> FileCalls::seek_by_default(vfs::File& file, i64 offset, int whence) {
  if (parts_.kernel >= KernelVersion{2, 6, 37})
    return fail(ESPIPE, "the file has no llseek operation");
  i64 base = 0;
  if (whence == kSeekCur) base = file.f_pos;
  if (whence == kSeekEnd) base = file.f_inode->i_size;
  if (whence > kSeekEnd) return fail(EINVAL);
  i64 target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return fail(EINVAL);
  static_assert(kSeekSet == 0);
  file.f_pos = target;
  return target;
}

}  // namespace vmsim::kern
