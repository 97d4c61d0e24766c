// SPDX-License-Identifier: MIT
// Open, the last reference, and the calls that pass one argument on; see file_calls.hpp. Reading
// and writing are in file_transfer.cpp, waiting for readiness in file_poll.cpp.
#include "kern/file_calls.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "mm/mm.hpp"
#include "mm/object.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

constexpr int kErestartsys = 512, kEnoioctlcmd = 515, kErrnoMax = 4095;
constexpr unsigned kFasync = 020000, kNonBlock = 04000;
const ::file_operations kNoOperations = {};

bool is_errno(i64 result) {
  return result < 0 && result >= -kErrnoMax;
}

}  // namespace

Failure driver_refused(i64 result) {
  int number = static_cast<int>(-result);
  // ERESTARTSYS and its kin end here: no handler restarts the call.
  if (number >= kErestartsys && number <= kErestartsys + 4 && number != kEnoioctlcmd)
    number = EINTR;
  return fail(number, "refused by the driver");
}

Failure task_oopsed() {
  if (::mm_struct* mm = sched::current_task().mm) mm::Mm::of(mm)->set_dead();
  return sched::oopsed();
}

void FileCalls::emit(const char* name, i64 result, u64 b, u64 c) {
  parts_.probe.emit(EventKind::kFileOp, static_cast<u64>(result), b, c, 0, name);
}

// --- open ---

Result<vfs::File*> FileCalls::open(std::string_view path, unsigned flags) {
  vfs::Inode* const node = parts_.nodes.lookup(path);
  if (!node) return fail(ENOENT, std::string(path) + " does not exist");
  return open(*node, flags);
}

Result<vfs::File*> FileCalls::open(vfs::Inode& node, unsigned flags) {
  if (parts_.probe.should_fail("open")) return fail(ENFILE, "made to fail");
  node.hold();
  auto* const file = new vfs::File(&node, flags, *this);
  Result<void> outcome = open_setup(*file, node);
  if (outcome) {
    files_.insert(file);
    return file;
  }
  if (node.backend) node.backend->released(*file);
  put_modules(*file);
  file->discard();
  return Failure(outcome.error());
}

/// Finds the operations and holds their module, then asks the driver.
Result<void> FileCalls::open_setup(vfs::File& file, vfs::Inode& node) {
  if ((file.f_mode & vfs::kFmodePath) != 0) {
    file.f_op = &kNoOperations;
    return {};
  }
  file.f_mode |= vfs::kFmodeLseek | vfs::kFmodePread | vfs::kFmodePwrite;
  if (node.is_directory()) {
    if ((file.f_mode & vfs::kFmodeWrite) != 0) return fail(EISDIR, node.path() + " is a directory");
    return {};
  }
  const ::file_operations* ops = node.i_fop;
  if (node.backend) ops = VMSIM_TRY(node.backend->open(node, file));
  if (!ops) return fail(ENXIO, "no driver answers for " + node.path());
  if (!parts_.modules.try_get(ops->owner)) {
    return fail(ENXIO, "the driver of " + node.path() + " is being unloaded");
  }
  file.held_modules[1] = ops->owner;
  file.f_op = ops;
  return open_driver(file, node);
}

Result<void> FileCalls::open_driver(vfs::File& file, vfs::Inode& node) {
  if (file.f_op->open) {
    const auto result = DriverCall::call(file.f_op->open, &node, &file);
    emit("open", result.value_or(-EFAULT), file.f_flags);
    if (!result) return task_oopsed();
    if (*result > 0) {
      parts_.probe.finding(
          "open-returned-positive",
          fmt::format("open of {} returned {}; the kernel warns and makes it -EINVAL", node.path(),
                      *result));
      return fail(EINVAL, "the driver's open returned a positive number");
    }
    if (*result < 0) return driver_refused(*result);
  }
  file.opened = true;
  if (!file.f_op) file.f_op = &kNoOperations;
  // Since 6.0 a missing llseek says that the file cannot seek.
  const bool seekable = file.f_op->llseek || file.served;
  if (!seekable && parts_.kernel >= KernelVersion{6, 0, 0}) file.f_mode &= ~vfs::kFmodeLseek;
  return {};
}

void FileCalls::put_modules(vfs::File& file) {
  for (::module*& held : file.held_modules) {
    ::module* const module = std::exchange(held, nullptr);
    parts_.modules.put(module);
  }
}

// --- the end ---

int FileCalls::flush(::file* file) {
  const vfs::File& f = *vfs::File::of(file);
  if (!f.opened || f.revoked || !f.f_op->flush) return 0;
  // Until 2.6.18 it has one argument; the second is then ignored.
  void* const owner = sched::current_task().files;
  const auto result = DriverCall::call(f.f_op->flush, file, owner);
  emit("flush", result.value_or(-EINTR));
  if (!result) {
    static_cast<void>(task_oopsed());
    return -EINTR;
  }
  return *result;
}

void FileCalls::release(::inode* node, ::file* file) {
  vfs::File& f = *vfs::File::of(file);
  files_.erase(&f);
  if (f.opened && !f.revoked) {
    if ((f.f_flags & kFasync) != 0 && f.f_op->fasync) {
      if (!DriverCall::call(f.f_op->fasync, -1, file, 0)) static_cast<void>(task_oopsed());
    }
    if (f.f_op->release) {
      const auto result = DriverCall::call(f.f_op->release, node, file);
      emit("release", result.value_or(-EFAULT));
      if (!result) static_cast<void>(task_oopsed());
    }
  }
  f.opened = false;
  vfs::Inode& inode = *vfs::Inode::of(node);
  if (inode.backend) inode.backend->released(f);
  put_modules(f);
  // Objects of the mm have one file per inode, except that forks share it.
  mm::release_object(inode);
}

void FileCalls::revoke(vfs::File& file, Release how) {
  if (file.revoked) return;
  if (how == Release::kRun && file.opened && file.f_op->release) {
    const auto result = DriverCall::call(file.f_op->release, file.f_inode, &file);
    emit("release", result.value_or(-EFAULT));
    if (!result) static_cast<void>(task_oopsed());
  }
  file.revoked = true;
  file.f_op = &kNoOperations;
  put_modules(file);
}

void FileCalls::module_gone(const GoneModule& gone) {
  std::vector<vfs::File*> mine;
  for (vfs::File* file : files_) {
    if (gone.owns(file->f_op) || gone.owns(file->held_modules[0]) ||
        gone.owns(file->held_modules[1])) {
      mine.push_back(file);
    }
  }
  std::sort(mine.begin(), mine.end(),
            [](auto* a, auto* b) { return a->f_inode->i_ino < b->f_inode->i_ino; });
  for (vfs::File* file : mine) {
    // Differs: the file fails with EIO; in Linux its next call runs freed memory.
    parts_.probe.finding(
        "file-open-at-unload",
        fmt::format(
            "{} is still open while its driver {} has been unloaded (no .owner = THIS_MODULE in "
            "its operations?). In Linux the next call on it jumps into freed memory; here it "
            "fails with EIO.",
            file->path(), gone.name));
    for (::module*& held : file->held_modules) {
      if (held == gone.module) held = nullptr;
    }
    revoke(*file, Release::kSkip);
  }
}

// --- ioctl, fsync, fasync ---

Result<i64> FileCalls::ioctl(vfs::File& file, u32 command, u64 argument) {
  if ((file.f_mode & vfs::kFmodePath) != 0) return fail(EBADF);
  if (file.revoked) return fail(ENOTTY, "the driver has gone");
  sched::Outcome<long> result;
  const bool has_unlocked = file.f_op->unlocked_ioctl != nullptr;
  if (has_unlocked) {
    result = DriverCall::call(file.f_op->unlocked_ioctl, &file, command, argument);
  } else if (file.f_op->ioctl && parts_.kernel < KernelVersion{2, 6, 36}) {
    const auto narrow = DriverCall::call(file.f_op->ioctl, file.f_inode, &file, command, argument);
    if (narrow) result = sched::Outcome<long>(*narrow);
  } else {
    return fail(ENOTTY, file.path() + " has no ioctl operation");
  }
  emit("ioctl", result.value_or(-EFAULT), command, argument);
  if (!result) return task_oopsed();
  // What the ioctl of old says reaches the program as it is, even this number.
  if (*result == -kEnoioctlcmd && has_unlocked) {
    return fail(parts_.kernel >= KernelVersion{3, 3, 0} ? ENOTTY : EINVAL,
                "the driver does not know the command");
  }
  if (is_errno(*result)) return driver_refused(*result);
  return *result;
}

Result<void> FileCalls::fsync(vfs::File& file) {
  if ((file.f_mode & vfs::kFmodePath) != 0) return fail(EBADF);
  if (file.revoked) return fail(EIO, "the driver has gone");
  if (!file.f_op->fsync) return fail(EINVAL, file.path() + " has no fsync operation");
  sched::Outcome<int> result;
  auto* const code = reinterpret_cast<void*>(file.f_op->fsync);
  if (parts_.kernel >= KernelVersion{3, 1, 0}) {
    result = DriverCall::call(file.f_op->fsync, &file, vmsim_loff_t{0},
                              ~vmsim_loff_t{0} & (~0ULL >> 1), 0);
  } else if (parts_.kernel >= KernelVersion{2, 6, 35}) {
    result = DriverCall::call(reinterpret_cast<int (*)(::file*, int)>(code), &file, 0);
  } else {
    result = DriverCall::call(reinterpret_cast<int (*)(::file*, ::dentry*, int)>(code), &file,
                              file.node()->dentry(), 0);
  }
  emit("fsync", result.value_or(-EFAULT));
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  return {};
}

Result<void> FileCalls::set_flags(vfs::File& file, int fd, u32 flags) {
  if (((file.f_flags ^ flags) & kFasync) != 0 && file.f_op->fasync)
    VMSIM_CHECK(fasync(file, fd, (flags & kFasync) != 0));
  file.f_flags = (file.f_flags & ~kNonBlock) | (flags & kNonBlock);
  return {};
}

Result<void> FileCalls::fasync(vfs::File& file, int fd, bool on) {
  if (file.revoked) return fail(EIO, "the driver has gone");
  if (!file.f_op->fasync) return fail(EINVAL, file.path() + " has no fasync operation");
  const auto result = DriverCall::call(file.f_op->fasync, fd, &file, on ? 1 : 0);
  emit("fasync", result.value_or(-EFAULT), on ? 1 : 0);
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  file.f_flags = on ? file.f_flags | kFasync : file.f_flags & ~kFasync;
  return {};
}

}  // namespace vmsim::kern
