// SPDX-License-Identifier: MIT
// seq_file: the iterator protocol and its buffer; see seq_file.hpp.
#include "kern/seq_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"
#include "sched/lock.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr int kAgain = -EAGAIN;
constexpr u64 kBufferMax = u64{64} << 20;

bool is_err(const void* p) {
  return reinterpret_cast<u64>(p) >= ~u64{4094};
}

int err_of(const void* p) {
  return static_cast<int>(reinterpret_cast<i64>(p));
}

// A file of one record.
void* single_start(::seq_file*, vmsim_loff_t* pos) {
  return *pos == 0 ? reinterpret_cast<void*>(1) : nullptr;
}

void* single_next(::seq_file*, void*, vmsim_loff_t* pos) {
  ++*pos;
  return nullptr;
}

void single_stop(::seq_file*, void*) {}

bool overflowed(const ::seq_file& m) {
  return m.count == m.size;
}

}  // namespace

/// A seq_file with what belongs to it.
struct SeqFiles::Seq final : public ::seq_file {
  Seq() : ::seq_file{} {}

  ~Seq() {
    std::free(buf);
    std::free(own_private);
  }

  Seq(const Seq&) = delete;
  Seq& operator=(const Seq&) = delete;

  ::seq_operations single{};
  void* own_private = nullptr;
};

SeqFiles::SeqFiles(UserCopy& user, base::Probe& probe) : user_(user), probe_(probe) {}

SeqFiles::~SeqFiles() = default;

SeqFiles::Seq* SeqFiles::of(const ::file& file) {
  const auto found = files_.find(static_cast<const ::seq_file*>(file.private_data));
  if (found != files_.end()) return found->second.get();
  probe_.finding("seq-file-not-open",
                 "a seq_file function on a file whose private_data is no seq_file");
  return nullptr;
}

Result<void> SeqFiles::open(::file& file, const ::seq_operations* ops) {
  if (probe_.should_fail("seq_open")) return fail(ENOMEM, "made to fail");
  if (file.private_data) {
    probe_.finding("seq-private-data-lost",
                   "seq_open() overwrites file->private_data, which was set already");
  }
  auto m = std::make_unique<Seq>();
  m->op = ops;
  m->file = &file;
  file.private_data = static_cast<::seq_file*>(m.get());
  // The kernel keeps the position itself: pread and pwrite do not go with it.
  file.f_mode &= ~vfs::kFmodePwrite;
  files_.emplace(m.get(), std::move(m));
  return {};
}

Result<void*> SeqFiles::open_private(::file& file, const ::seq_operations* ops, u64 bytes) {
  VMSIM_CHECK(open(file, ops));
  Seq& m = *of(file);
  m.own_private = std::calloc(1, std::max<u64>(bytes, 1));
  m.private_ = m.own_private;
  return m.private_;
}

Result<void> SeqFiles::single_open(::file& file, int (*show)(::seq_file*, void*), void* data) {
  VMSIM_CHECK(open(file, nullptr));
  Seq& m = *of(file);
  m.single = {single_start, single_stop, single_next, show};
  m.op = &m.single;
  m.private_ = data;
  return {};
}

void SeqFiles::release(::file& file) {
  if (Seq* const m = of(file)) {
    file.private_data = nullptr;
    files_.erase(m);
  }
}

bool SeqFiles::resize(::seq_file& m, u64 bytes) {
  std::free(m.buf);
  m.buf = bytes <= kBufferMax ? static_cast<char*>(std::malloc(bytes)) : nullptr;
  m.size = m.buf ? bytes : 0;
  m.count = m.from = 0;
  return m.buf != nullptr;
}

int SeqFiles::append(::seq_file& m, std::string_view text) {
  if (m.count + text.size() < m.size) {
    std::memcpy(m.buf + m.count, text.data(), text.size());
    m.count += text.size();
    return 0;
  }
  m.count = m.size;
  return -1;
}

/// Skips the records before `offset` bytes. The Result's value is 0 or -errno.
Result<int> SeqFiles::traverse(::seq_file& m, i64 offset) {
  m.index = 0;
  m.count = m.from = 0;
  if (offset == 0) return 0;
  if (!m.buf && !resize(m, kPageSize)) return -ENOMEM;
  i64 pos = 0;
  int error = 0;
  const auto first = DriverCall::call(m.op->start, &m, &m.index);
  if (!first) return task_oopsed();
  void* p = *first;
  while (p) {
    error = is_err(p) ? err_of(p) : 0;
    if (error != 0) break;
    const auto shown = DriverCall::call(m.op->show, &m, p);
    if (!shown) return task_oopsed();
    error = *shown;
    if (error < 0) break;
    if (error > 0) error = 0, m.count = 0;  // SEQ_SKIP
    if (overflowed(m)) {
      if (!DriverCall::call(m.op->stop, &m, p)) return task_oopsed();
      return resize(m, m.size * 2) ? kAgain : -ENOMEM;
    }
    const auto next = DriverCall::call(m.op->next, &m, p, &m.index);
    if (!next) return task_oopsed();
    p = *next;
    if (pos + static_cast<i64>(m.count) > offset) {
      m.from = static_cast<u64>(offset - pos);
      m.count -= m.from;
      break;
    }
    pos += static_cast<i64>(m.count);
    m.count = 0;
    if (pos == offset) break;
  }
  if (!DriverCall::call(m.op->stop, &m, p)) return task_oopsed();
  return error;
}

/// Fills the buffer with the first record that has text, growing it until that fits. 1: `record` is
/// it; 0: the end; -errno.
Result<int> SeqFiles::first_record(::seq_file& m, void*& record) {
  const auto first = DriverCall::call(m.op->start, &m, &m.index);
  if (!first) return task_oopsed();
  void* p = *first;
  int error = 0;
  for (;;) {
    error = is_err(p) ? err_of(p) : 0;
    if (!p || error != 0) break;
    const auto shown = DriverCall::call(m.op->show, &m, p);
    if (!shown) return task_oopsed();
    error = *shown;
    if (error < 0) break;
    if (error > 0) m.count = 0;
    if (m.count == 0) {
      const auto next = DriverCall::call(m.op->next, &m, p, &m.index);
      if (!next) return task_oopsed();
      p = *next;
      continue;
    }
    if (!overflowed(m)) {
      record = p;
      return 1;
    }
    if (!DriverCall::call(m.op->stop, &m, p)) return task_oopsed();
    if (!resize(m, m.size * 2)) return -ENOMEM;
    const auto again = DriverCall::call(m.op->start, &m, &m.index);
    if (!again) return task_oopsed();
    p = *again;
  }
  if (!DriverCall::call(m.op->stop, &m, p)) return task_oopsed();
  m.count = 0;
  return error;
}

/// Adds whole records while there is room and the reader wants more.
Result<int> SeqFiles::fill(::seq_file& m, void*& record, u64 wanted) {
  void*& p = record;
  int error = 0;
  for (;;) {
    const u64 before = m.count;
    const vmsim_loff_t index = m.index;
    const auto next = DriverCall::call(m.op->next, &m, p, &m.index);
    if (!next) return task_oopsed();
    p = *next;
    if (index == m.index) {
      probe_.finding("seq-next-no-progress",
                     "a seq_file's next function did not move the position; reads repeat a "
                     "record");
      ++m.index;
    }
    if (!p || is_err(p)) {
      error = p ? err_of(p) : 0;
      break;
    }
    if (m.count >= wanted) break;
    const auto shown = DriverCall::call(m.op->show, &m, p);
    if (!shown) return task_oopsed();
    error = *shown;
    if (error > 0) {
      m.count = before;
      error = 0;
    } else if (error < 0 || overflowed(m)) {
      m.count = before;
      break;
    }
  }
  if (!DriverCall::call(m.op->stop, &m, p)) return task_oopsed();
  return error;
}

/// Hands out from the buffer. Bytes done.
Result<u64> SeqFiles::copy_out(::seq_file& m, u64 buffer, u64 bytes) {
  const u64 length = std::min(m.count, bytes);
  if (length == 0) return u64{0};
  const u64 left = VMSIM_TRY(user_.to_user(buffer, m.buf + m.from, length));
  m.count -= length - left;
  m.from += length - left;
  return length - left;
}

Result<u64> SeqFiles::read_locked(::seq_file& m, u64 buffer, u64 bytes, vmsim_loff_t& pos) {
  if (bytes == 0) return u64{0};
  if (pos == 0) m.index = 0, m.count = 0;
  if (pos != m.read_pos) {
    int error = kAgain;
    while (error == kAgain) error = VMSIM_TRY(traverse(m, pos));
    if (error != 0) {
      m.read_pos = m.index = 0;
      m.count = 0;
      return driver_refused(error);
    }
    m.read_pos = pos;
  }
  if (!m.buf && !resize(m, kPageSize)) return fail(ENOMEM);
  u64 copied = 0;
  int error = 0;
  if (m.count != 0) copied = VMSIM_TRY(copy_out(m, buffer, bytes));
  if (m.count == 0 && copied < bytes) {
    m.from = 0;
    void* record = nullptr;
    error = VMSIM_TRY(first_record(m, record));
    if (error == 1) {
      error = VMSIM_TRY(fill(m, record, bytes - copied));
      m.from = 0;
      copied += VMSIM_TRY(copy_out(m, buffer + copied, bytes - copied));
    }
  }
  if (copied == 0) {
    if (m.count != 0) return fail(EFAULT);
    if (error < 0) return driver_refused(error);
    return u64{0};
  }
  pos += static_cast<vmsim_loff_t>(copied);
  m.read_pos += static_cast<vmsim_loff_t>(copied);
  return copied;
}

Result<u64> SeqFiles::read(::file& file, u64 buffer, u64 bytes, vmsim_loff_t& pos) {
  Seq* const m = of(file);
  if (!m) return fail(EINVAL, "not a seq_file");
  if (const int error = sched::mutex_lock(m->lock)) return fail(-error);
  auto result = read_locked(*m, buffer, bytes, pos);
  sched::mutex_unlock(m->lock);
  return result;
}

Result<i64> SeqFiles::lseek_locked(::seq_file& m, ::file& file, i64 offset, int whence) {
  if (whence == 1) offset += file.f_pos;
  if (whence > 1 || whence < 0 || offset < 0) return fail(EINVAL);
  if (offset != m.read_pos) {
    int error = kAgain;
    while (error == kAgain) error = VMSIM_TRY(traverse(m, offset));
    if (error != 0) {
      file.f_pos = m.read_pos = m.index = 0;
      m.count = 0;
      return driver_refused(error);
    }
    m.read_pos = offset;
  }
  file.f_pos = offset;
  return offset;
}

Result<i64> SeqFiles::lseek(::file& file, i64 offset, int whence) {
  Seq* const m = of(file);
  if (!m) return fail(EINVAL, "not a seq_file");
  if (const int error = sched::mutex_lock(m->lock)) return fail(-error);
  auto result = lseek_locked(*m, file, offset, whence);
  sched::mutex_unlock(m->lock);
  return result;
}

::list_head* SeqFiles::list_start(::list_head* head, i64 pos) {
  for (::list_head* at = head->next; at != head; at = at->next) {
    if (pos-- == 0) return at;
  }
  return nullptr;
}

::list_head* SeqFiles::list_next(void* v, ::list_head* head, vmsim_loff_t& pos) {
  ::list_head* const next = static_cast<::list_head*>(v)->next;
  ++pos;
  return next == head ? nullptr : next;
}

}  // namespace vmsim::kern
