// SPDX-License-Identifier: MIT
// Open files of /proc; see proc.hpp. Counterpart: fs/proc/inode.c, and proc_file_read() of
// fs/proc/generic.c until 3.10.
#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "kern/proc.hpp"
#include "kern/proc_entry.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr u64 kBlockBytes = kPageSize - 1024;  // what read_proc is asked for at most
const ::file_operations kServed = {};

struct FreePage {
  void operator()(char* page) const { std::free(page); }
};

/// A page for read_proc, with room behind it for drivers that write too much.
std::unique_ptr<char, FreePage> old_page() {
  return std::unique_ptr<char, FreePage>(
      static_cast<char*>(std::aligned_alloc(kPageSize, 4 * kPageSize)));
}

}  // namespace

Result<const ::file_operations*> ProcFs::open(vfs::Inode& node, vfs::File& file) {
  Entry* const entry = entry_of(&node);
  if (!entry) return fail(ENOENT, node.path() + " has been removed");
  const ::file_operations* ops = &kServed;
  if (entry->proc_fops) {
    ops = entry->proc_fops;  // an old entry may have got them after it was made
    entry->kind = Kind::kOps;
  } else if (entry->kind == Kind::kOps) {
    ops = &entry->ops;
  } else {
    VMSIM_CHECK(open_served(*entry, file));
  }
  entry->open_files.push_back(&file);
  return ops;
}

Result<void> ProcFs::open_served(Entry& entry, vfs::File& file) {
  file.served = true;
  switch (entry.kind) {
    case Kind::kSingle:
      VMSIM_CHECK(parts_.seq_files.single_open(file, entry.show, entry.data));
      seq_served_.insert(&file);
      break;
    case Kind::kSeq:
      if (entry.state_bytes != 0) {
        VMSIM_TRY(parts_.seq_files.open_private(file, entry.seq_ops, entry.state_bytes));
      } else {
        VMSIM_CHECK(parts_.seq_files.open(file, entry.seq_ops));
      }
      seq_served_.insert(&file);
      break;
    case Kind::kText:
      texts_[&file] = entry.text();
      break;
    case Kind::kOld:
    case Kind::kOps:
    case Kind::kFolder:
      break;
  }
  return {};
}

int ProcFs::no_transfer_errno() const {
  return parts_.kernel >= KernelVersion{2, 6, 23} ? EIO : vfs::NodeBackend::no_transfer_errno();
}

void ProcFs::released(vfs::File& file) {
  if (seq_served_.erase(&file) != 0) parts_.seq_files.release(file);
  texts_.erase(&file);
  if (Entry* const entry = entry_of(file.node())) std::erase(entry->open_files, &file);
}

Result<u64> ProcFs::hand_out(const std::string& text, u64 buffer, u64 count, i64& pos) {
  if (static_cast<u64>(pos) >= text.size()) return u64{0};
  const u64 length = std::min(count, text.size() - static_cast<u64>(pos));
  const u64 left = VMSIM_TRY(parts_.user.to_user(buffer, text.data() + pos, length));
  if (length != 0 && left == length) return fail(EFAULT);
  pos += static_cast<i64>(length - left);
  return length - left;
}

Result<u64> ProcFs::read(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  if (seq_served_.contains(&file)) {
    vmsim_loff_t at = pos;
    const u64 done = VMSIM_TRY(parts_.seq_files.read(file, buffer, count, at));
    pos = at;
    return done;
  }
  if (const auto text = texts_.find(&file); text != texts_.end())
    return hand_out(text->second, buffer, count, pos);
  Entry* const entry = entry_of(file.node());
  if (!entry) return fail(EIO, "the entry has been removed");
  return read_by_old_interface(*entry, buffer, count, pos);
}

/// read_proc fills a page and says in `start` how: nullptr, the data begins with the file, and the
/// wanted part is at `pos`; a small number, the data is what was asked for, and the position moves
/// by that number; a place in the page, the data begins there.
Result<u64> ProcFs::read_by_old_interface(Entry& entry, u64 buffer, u64 count, i64& pos) {
  if (!entry.read_proc) return u64{0};
  const auto page = old_page();
  char* const base = page.get();
  const u64 base_value = reinterpret_cast<u64>(base);
  u64 done = 0;
  int eof = 0;
  while (done < count && eof == 0) {
    const u64 wanted = std::min(kBlockBytes, count - done);
    char* start = nullptr;
    const auto result = DriverCall::call(entry.read_proc, base, &start, static_cast<long>(pos),
                                         static_cast<int>(wanted), &eof, entry.data);
    if (!result) return task_oopsed();
    i64 n = *result;
    if (n == 0) break;
    if (n < 0) {
      if (done == 0) return driver_refused(n);
      break;
    }
    const u64 start_value = reinterpret_cast<u64>(start);
    const bool in_page = start && start_value >= base_value;
    const i64 room = static_cast<i64>(
        in_page ? kPageSize - std::min(start_value - base_value, kPageSize) : kPageSize);
    if (n > room) {
      parts_.probe.finding(
          "proc-read-overflow",
          fmt::format("read_proc of {} returned {} bytes for a page", entry.path, n));
      n = room;
    }
    if (!start) {
      n -= pos;
      if (n <= 0) break;
      n = std::min(n, static_cast<i64>(wanted));
      start = base + pos;
    }
    const char* const from = start && reinterpret_cast<u64>(start) >= base_value ? start : base;
    const u64 left = VMSIM_TRY(parts_.user.to_user(buffer + done, from, static_cast<u64>(n)));
    const u64 copied = static_cast<u64>(n) - left;
    if (copied == 0) {
      if (done == 0) return fail(EFAULT);
      break;
    }
    pos += from == base && start && reinterpret_cast<u64>(start) < base_value
               ? static_cast<i64>(start_value)
               : static_cast<i64>(copied);
    done += copied;
  }
  return done;
}

Result<u64> ProcFs::write(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  Entry* const entry = entry_of(file.node());
  if (!entry || !entry->write_proc) return fail(EIO, "the entry has no write function");
  const auto result = DriverCall::call(entry->write_proc, &file,
                                       reinterpret_cast<const char*>(buffer), count, entry->data);
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  static_cast<void>(pos);  // the old interface does not move it
  return static_cast<u64>(*result);
}

Result<i64> ProcFs::llseek(vfs::File& file, i64 offset, int whence) {
  if (seq_served_.contains(&file)) return parts_.seq_files.lseek(file, offset, whence);
  i64 target = 0;
  if (whence > 1 || __builtin_add_overflow(whence == 1 ? i64{file.f_pos} : 0, offset, &target) ||
      target < 0) {
    return fail(EINVAL);
  }
  file.f_pos = target;
  return target;
}

}  // namespace vmsim::kern
