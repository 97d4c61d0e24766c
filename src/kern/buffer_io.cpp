// SPDX-License-Identifier: MIT
// Buffers and positions; see buffer_io.hpp.
#include "kern/buffer_io.hpp"

#include <algorithm>
#include <cerrno>

namespace vmsim::kern {

namespace {

constexpr int kSeekSet = 0, kSeekCur = 1, kSeekEnd = 2, kSeekData = 3, kSeekHole = 4;

/// How much of `count` fits behind the position; EINVAL below 0.
Result<u64> room(const BufferWindow& window, u64 count) {
  const i64 pos = *window.pos;
  if (pos < 0) return fail(EINVAL, "a negative position");
  if (static_cast<u64>(pos) >= window.available) return u64{0};
  return std::min(count, window.available - static_cast<u64>(pos));
}

Result<u64> moved(const BufferWindow& window, u64 count, u64 left) {
  if (left == count) return fail(EFAULT);
  *window.pos += static_cast<i64>(count - left);
  return count - left;
}

}  // namespace

Result<u64> read_from_buffer(UserCopy& user, u64 to, u64 count, const BufferWindow& window,
                             const void* from) {
  const u64 length = VMSIM_TRY(room(window, count));
  if (length == 0) return u64{0};
  return moved(window, length,
               VMSIM_TRY(user.to_user(to, static_cast<const char*>(from) + *window.pos, length)));
}

Result<u64> write_to_buffer(UserCopy& user, void* to, const BufferWindow& window, u64 from,
                            u64 count) {
  const u64 length = VMSIM_TRY(room(window, count));
  if (length == 0) return u64{0};
  return moved(window, length,
               VMSIM_TRY(user.from_user(static_cast<char*>(to) + *window.pos, from, length)));
}

Result<i64> seek_file(::file& file, i64 offset, int whence, const SeekLimits& limits) {
  i64 base = 0;
  switch (whence) {
    case kSeekSet:
      break;
    case kSeekCur:
      base = file.f_pos;
      break;
    case kSeekEnd:
      base = limits.end;
      break;
    case kSeekData:
    case kSeekHole:
      // All of the file is data, with a hole at its end.
      if (offset < 0 || offset >= limits.end) return fail(ENXIO);
      if (whence == kSeekHole) offset = limits.end;
      break;
    default:
      return fail(EINVAL, "no such whence");
  }
  i64 target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0 || target > limits.max)
    return fail(EINVAL);
  file.f_pos = target;
  return target;
}

}  // namespace vmsim::kern
