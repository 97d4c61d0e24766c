// SPDX-License-Identifier: MIT
// Open files, and the ready-made members of file_operations. Counterpart:
// fs/{file,open,read_write,libfs,fcntl,aio}.c. For drivers, through the table of exports.
#include "vfs/file.hpp"

#include <cerrno>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/wait_end.hpp"
#include "kern/buffer_io.hpp"
#include "sched/lock.hpp"

namespace vmsim::abi {

namespace {

constexpr i64 kMaxOffset = static_cast<i64>(~u64{0} >> 1);

}  // namespace

// --- references ---

::file* vmsim_get_file(::file* file) {
  touch(file);
  core([=] { vfs::File::of(file)->hold(); });
  return file;
}

/// Differs: the last reference runs release at once; Linux waits until the task leaves the kernel.
void fput(::file* file) {
  touch(file);
  core([=] { vfs::File::of(file)->put(); });
}

/// task_struct::files is the program's table of descriptors; a kernel thread has none.
::file* fget(unsigned fd) {
  return core([=]() -> ::file* {
    const auto* const table = reinterpret_cast<const vfs::FdTable*>(sched::current_task().files);
    vfs::File* const file = table == nullptr ? nullptr : table->lookup(static_cast<int>(fd));
    if (file == nullptr || (file->f_mode & vfs::kFmodePath) != 0) return nullptr;
    file->hold();
    return file;
  });
}

void inode_lock(::inode* node) {
  touch(node);
  require_acquired(core([=] { return sched::mutex_lock(door().inode_locks[node]); }),
                   VMSIM_ABI_CALLER);
}

void inode_unlock(::inode* node) {
  touch(node);
  core([=] { sched::mutex_unlock(door().inode_locks[node]); });
}

// --- open ---

int nonseekable_open(::inode*, ::file* file) {
  file->f_mode &= ~(vfs::kFmodeLseek | vfs::kFmodePread | vfs::kFmodePwrite);
  return 0;
}

int stream_open(::inode*, ::file* file) {
  file->f_mode &= ~(vfs::kFmodeLseek | vfs::kFmodePread | vfs::kFmodePwrite);
  file->f_mode |= vfs::kFmodeStream;
  return 0;
}

int simple_open(::inode* node, ::file* file) {
  if (node->i_private != nullptr) file->private_data = node->i_private;
  return 0;
}

/// No driver's file has pages that it could map.
int generic_file_mmap(::file*, ::vm_area_struct*) {
  return -ENOEXEC;
}

/// Runs the driver's other operation, as it is the driver's to run.
long compat_ptr_ioctl(::file* file, unsigned command, unsigned long argument) {
  constexpr int kNoIoctlCommand = 515;
  if (file->f_op->unlocked_ioctl == nullptr) return -kNoIoctlCommand;
  return file->f_op->unlocked_ioctl(file, command, argument & 0xffffffff);
}

// --- llseek ---

namespace {

i64 seek(::file* file, i64 offset, int whence, i64 max, i64 end, Caller caller = VMSIM_ABI_CALLER) {
  touch(file, caller);
  return finish([=] { return kern::seek_file(*file, offset, whence, {max, end}); }, caller);
}

}  // namespace

i64 no_llseek(::file*, i64, int) {
  return -ESPIPE;
}

i64 noop_llseek(::file* file, i64, int) {
  return file->f_pos;
}

i64 default_llseek(::file* file, i64 offset, int whence) {
  return seek(file, offset, whence, kMaxOffset, file->f_inode->i_size);
}

i64 generic_file_llseek(::file* file, i64 offset, int whence) {
  return seek(file, offset, whence, kMaxOffset, file->f_inode->i_size);
}

i64 fixed_size_llseek(::file* file, i64 offset, int whence, i64 size) {
  if (whence < 0 || whence > 2) return -EINVAL;
  return seek(file, offset, whence, size, size);
}

i64 no_seek_end_llseek(::file* file, i64 offset, int whence) {
  if (whence < 0 || whence > 1) return -EINVAL;
  return seek(file, offset, whence, kMaxOffset, 0);
}

// --- read and write ---

i64 simple_read_from_buffer(void* to, size_t count, vmsim_loff_t* pos, const void* from,
                            size_t available) {
  touch(pos);
  return finish([&] {
    return kern::read_from_buffer(*kernel().user_copy, reinterpret_cast<u64>(to), count,
                                  {available, pos}, from);
  });
}

i64 simple_write_to_buffer(void* to, size_t available, vmsim_loff_t* pos, const void* from,
                           size_t count) {
  touch(pos);
  return finish([&] {
    return kern::write_to_buffer(*kernel().user_copy, to, {available, pos},
                                 reinterpret_cast<u64>(from), count);
  });
}

/// No caller waits for an iocb of this simulator to complete later: all are synchronous.
int aio_complete(::kiocb* iocb, long result, long) {
  touch(iocb);
  core([=] {
    kernel().probe.finding("aio-complete-sync",
                           "aio_complete() of a request that was not made asynchronously; Linux "
                           "has a BUG_ON for it since "
                           "3.16, and the result " +
                               std::to_string(result) + " reaches nobody.");
  });
  return 0;
}

// --- SIGIO ---

int fasync_helper(int fd, ::file* file, int on, ::fasync_struct** list) {
  touch(list);
  touch(file);
  return core([=] { return door().fasync->change(fd, file, on != 0, list); });
}

void kill_fasync(::fasync_struct** list, int, int) {
  touch(list);
  core([=] { door().fasync->kill(list); });
}

// --- read and write by the asynchronous operations ---

namespace {

i64 sync_transfer(::file* file, kern::FileCalls::Direction direction, const void* buffer,
                  unsigned long count, vmsim_loff_t* pos, Caller caller) {
  touch(file, caller);
  touch(pos, caller);
  i64 at = *pos;
  const i64 done = finish(
      [&] {
        return kernel().files->transfer_by_aio(*vfs::File::of(file), direction,
                                               reinterpret_cast<u64>(buffer), count, &at);
      },
      caller);
  *pos = at;
  return done;
}

}  // namespace

long do_sync_read(::file* file, char* buffer, unsigned long count, vmsim_loff_t* pos) {
  return sync_transfer(file, kern::FileCalls::Direction::kRead, buffer, count, pos,
                       VMSIM_ABI_CALLER);
}

long do_sync_write(::file* file, const char* buffer, unsigned long count, vmsim_loff_t* pos) {
  return sync_transfer(file, kern::FileCalls::Direction::kWrite, buffer, count, pos,
                       VMSIM_ABI_CALLER);
}

std::span<const Export> file_exports() {
  static const Export table[] = {
      exported("aio_complete", &aio_complete, 0, kernel(4, 1)),
      exported("compat_ptr_ioctl", &compat_ptr_ioctl, kernel(5, 0)),
      exported("default_llseek", &default_llseek),
      exported("do_sync_read", &do_sync_read, kernel(2, 6, 0), kernel(4, 1)),
      exported("do_sync_write", &do_sync_write, kernel(2, 6, 0), kernel(4, 1)),
      exported("fasync_helper", &fasync_helper),
      exported("fget", &fget, kernel(2, 6, 14)),
      exported("fixed_size_llseek", &fixed_size_llseek, kernel(3, 11)),
      exported("fput", &fput),
      exported("generic_file_llseek", &generic_file_llseek),
      exported("generic_file_mmap", &generic_file_mmap),
      exported("inode_lock", &inode_lock, kernel(4, 5)),
      exported("inode_unlock", &inode_unlock, kernel(4, 5)),
      exported("kill_fasync", &kill_fasync),
      exported("no_llseek", &no_llseek),
      exported("no_seek_end_llseek", &no_seek_end_llseek, kernel(3, 11)),
      exported("nonseekable_open", &nonseekable_open),
      exported("noop_llseek", &noop_llseek, kernel(2, 6, 35)),
      exported("simple_open", &simple_open, kernel(3, 4)),
      exported("simple_read_from_buffer", &simple_read_from_buffer),
      exported("simple_write_to_buffer", &simple_write_to_buffer, kernel(2, 6, 38)),
      exported("stream_open", &stream_open, kernel(5, 0)),
      exported("vmsim_get_file", &vmsim_get_file),
  };
  return table;
}

}  // namespace vmsim::abi
