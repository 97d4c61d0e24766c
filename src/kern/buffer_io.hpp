// SPDX-License-Identifier: MIT
// Moving bytes between a driver's buffer and a program's: the ready-made bodies of read, write and
// llseek. Counterpart: fs/libfs.c, fs/read_write.c. Called by abi for the current task; errors as
// UserCopy.
#pragma once

#include "vmsim/error.hpp"

#include "vmsim/kapi/vmsim/fs_types.h"

#include "kern/user_copy.hpp"

namespace vmsim::kern {

/// A driver's buffer and the position that the call moves.
struct BufferWindow {
  u64 available = 0;
  vmsim_loff_t* pos = nullptr;
};

/// simple_read_from_buffer(): bytes copied, EINVAL for a negative position, EFAULT if none could
/// be.
Result<u64> read_from_buffer(UserCopy& user, u64 to, u64 count, const BufferWindow& window,
                             const void* from);
/// simple_write_to_buffer().
Result<u64> write_to_buffer(UserCopy& user, void* to, const BufferWindow& window, u64 from,
                            u64 count);

/// generic_file_llseek() with a size of the caller's own: the new position, EINVAL below 0 or
/// beyond `max`.
struct SeekLimits {
  i64 max = 0;
  i64 end = 0;
};

Result<i64> seek_file(::file& file, i64 offset, int whence, const SeekLimits& limits);

}  // namespace vmsim::kern
