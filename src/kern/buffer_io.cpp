// SPDX-License-Identifier: MIT
// Buffers, iterators and positions; see buffer_io.hpp.
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

/// Calls `move(user address, bytes)`, which returns the bytes not moved, for each piece of the iterator.
template <class Move>
Result<u64> for_each_piece(::iov_iter& iter, u64 bytes, Move move) {
  u64 done = 0;
  bytes = std::min(bytes, iter.count);
  while (done < bytes && iter.nr_segs != 0) {
    const ::iovec& segment = *iter.__iov;
    const u64 piece = std::min(bytes - done, segment.iov_len - iter.iov_offset);
    const u64 left = piece == 0 ? 0 : VMSIM_TRY(move(reinterpret_cast<u64>(segment.iov_base) + iter.iov_offset, done, piece));
    done += piece - left;
    advance_iter(iter, piece - left);
    if (left != 0) break;
    if (piece == 0) {  // an empty segment
      ++iter.__iov;
      --iter.nr_segs;
      iter.iov_offset = 0;
    }
  }
  return done;
}

}  // namespace

Result<u64> read_from_buffer(UserCopy& user, u64 to, u64 count, const BufferWindow& window, const void* from) {
  const u64 length = VMSIM_TRY(room(window, count));
  if (length == 0) return u64{0};
  return moved(window, length, VMSIM_TRY(user.to_user(to, static_cast<const char*>(from) + *window.pos, length)));
}

Result<u64> write_to_buffer(UserCopy& user, void* to, const BufferWindow& window, u64 from, u64 count) {
  const u64 length = VMSIM_TRY(room(window, count));
  if (length == 0) return u64{0};
  return moved(window, length, VMSIM_TRY(user.from_user(static_cast<char*>(to) + *window.pos, from, length)));
}

Result<u64> copy_to_iter(UserCopy& user, const void* from, u64 bytes, ::iov_iter& to) {
  return for_each_piece(to, bytes, [&](u64 address, u64 done, u64 piece) {
    return user.to_user(address, static_cast<const char*>(from) + done, piece);
  });
}

Result<u64> copy_from_iter(UserCopy& user, void* to, u64 bytes, ::iov_iter& from) {
  return for_each_piece(from, bytes, [&](u64 address, u64 done, u64 piece) {
    return user.from_user(static_cast<char*>(to) + done, address, piece);
  });
}

void advance_iter(::iov_iter& iter, u64 bytes) {
  bytes = std::min(bytes, iter.count);
  iter.count -= bytes;
  iter.iov_offset += bytes;
  while (iter.nr_segs != 0 && iter.iov_offset >= iter.__iov->iov_len && iter.iov_offset != 0) {
    iter.iov_offset -= iter.__iov->iov_len;
    ++iter.__iov;
    --iter.nr_segs;
  }
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
  if (__builtin_add_overflow(base, offset, &target) || target < 0 || target > limits.max) return fail(EINVAL);
  file.f_pos = target;
  return target;
}

}  // namespace vmsim::kern
