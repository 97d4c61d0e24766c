// SPDX-License-Identifier: MIT
// Files under /proc and /sys/kernel/debug, and seq_file. Counterpart: fs/proc, fs/seq_file.c,
// fs/debugfs. For drivers, through the table of exports.
#include <cerrno>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/print.hpp"

namespace vmsim::abi {

namespace {

using Entry = ::proc_dir_entry;

/// Functions that say NULL for every error.
template <class F>
Entry* entry_or_null(F&& f, Caller caller = VMSIM_ABI_CALLER) {
  const i64 value = finish(f, caller);
  return value < 0 && value >= -4095 ? nullptr : reinterpret_cast<Entry*>(value);
}

kern::ProcFs& proc() {
  return *kernel().proc;
}

}  // namespace

Entry* proc_mkdir(const char* name, Entry* parent) {
  return entry_or_null([&] { return proc().mkdir(name, parent); });
}

Entry* create_proc_entry(const char* name, vmsim_umode_t mode, Entry* parent) {
  return entry_or_null([&] { return proc().create(name, mode, parent, nullptr, nullptr); });
}

Entry* create_proc_read_entry(const char* name, vmsim_umode_t mode, Entry* parent,
                              int (*read)(char*, char**, long, int, int*, void*), void* data) {
  return entry_or_null([&] { return proc().create_read(name, mode, parent, read, data); });
}

Entry* proc_create_data(const char* name, vmsim_umode_t mode, Entry* parent, const void* ops,
                        void* data) {
  return entry_or_null([&] { return proc().create(name, mode, parent, ops, data); });
}

Entry* proc_create(const char* name, vmsim_umode_t mode, Entry* parent, const void* ops) {
  return entry_or_null([&] { return proc().create(name, mode, parent, ops, nullptr); });
}

Entry* proc_create_single_data(const char* name, vmsim_umode_t mode, Entry* parent,
                               int (*show)(::seq_file*, void*), void* data) {
  return entry_or_null([&] { return proc().create_single(name, mode, parent, show, data); });
}

Entry* proc_create_seq_private(const char* name, vmsim_umode_t mode, Entry* parent,
                               const ::seq_operations* ops, unsigned state_size, void* data) {
  return entry_or_null(
      [&] { return proc().create_seq(name, mode, parent, ops, state_size, data); });
}

void remove_proc_entry(const char* name, Entry* parent) {
  core([=] { proc().remove(name, parent); });
}

void proc_remove(Entry* entry) {
  core([=] { proc().remove(entry); });
}

int remove_proc_subtree(const char* name, Entry* parent) {
  return finish_int([&] { return proc().remove_subtree(name, parent); });
}

void proc_set_size(Entry* entry, i64 size) {
  core([=] { proc().set_size(entry, size); });
}

void* vmsim_pde_data(const ::inode* node) {
  touch(node);
  return core([=] { return proc().pde_data(node); });
}

// --- seq_file ---

namespace {

kern::SeqFiles& seq() {
  return *kernel().seq_files;
}

}  // namespace

int seq_open(::file* file, const ::seq_operations* ops) {
  touch(file);
  touch(ops);
  return finish_int([&] { return seq().open(*file, ops); });
}

void* __seq_open_private(::file* file, const ::seq_operations* ops, int size) {
  touch(file);
  touch(ops);
  const i64 value = finish([&] { return seq().open_private(*file, ops, static_cast<u64>(size)); });
  return value < 0 && value >= -4095 ? nullptr : reinterpret_cast<void*>(value);
}

int single_open(::file* file, int (*show)(::seq_file*, void*), void* data) {
  touch(file);
  return finish_int([&] { return seq().single_open(*file, show, data); });
}

i64 seq_read(::file* file, char* buffer, size_t size, vmsim_loff_t* pos) {
  touch(file);
  touch(pos);
  return finish([&] { return seq().read(*file, reinterpret_cast<u64>(buffer), size, *pos); });
}

/// The iterator of a read has one buffer.
i64 seq_read_iter(::kiocb* iocb, ::iov_iter* iter) {
  touch(iocb);
  touch(iter);
  return finish([&]() -> Result<u64> {
    if (iter->nr_segs == 0) return u64{0};
    const u64 buffer = reinterpret_cast<u64>(iter->__iov->iov_base) + iter->iov_offset;
    const u64 room = iter->__iov->iov_len - iter->iov_offset;
    const u64 done = VMSIM_TRY(seq().read(*iocb->ki_filp, buffer, room, iocb->ki_pos));
    iter->iov_offset += done;
    iter->count -= done;
    return done;
  });
}

i64 seq_lseek(::file* file, i64 offset, int whence) {
  touch(file);
  return finish([&] { return seq().lseek(*file, offset, whence); });
}

int seq_release(::inode*, ::file* file) {
  touch(file);
  core([=] { seq().release(*file); });
  return 0;
}

int seq_printf(::seq_file* m, const char* format, ...) {
  touch(m);
  va_list args;
  va_start(args, format);
  const u64 room = m->count < m->size ? m->size - m->count : 0;
  const u64 length = format_args(room == 0 ? nullptr : m->buf + m->count, room, format, args);
  va_end(args);
  if (length < room) {
    m->count += length;
    return 0;
  }
  m->count = m->size;
  return -1;
}

int seq_write(::seq_file* m, const void* data, size_t size) {
  touch(m);
  if (size != 0) touch(data);
  return core([=] { return kern::SeqFiles::append(*m, {static_cast<const char*>(data), size}); });
}

int seq_puts(::seq_file* m, const char* text) {
  touch(m);
  return seq_write(m, text, touch_text(text, ~std::size_t{0}));
}

int seq_putc(::seq_file* m, char c) {
  return seq_write(m, &c, 1);
}

::list_head* seq_list_start(::list_head* head, i64 pos) {
  touch(head);
  return core([=] { return kern::SeqFiles::list_start(head, pos); });
}

::list_head* seq_list_next(void* v, ::list_head* head, vmsim_loff_t* pos) {
  touch(v);
  touch(pos);
  return core([=] { return kern::SeqFiles::list_next(v, head, *pos); });
}

// --- debugfs: since 5.0 an error is a pointer that the next call takes ---

::dentry* debugfs_create_dir(const char* name, ::dentry* parent) {
  return reinterpret_cast<::dentry*>(
      finish([&] { return door().debugfs->create_dir(name, parent); }));
}

::dentry* debugfs_create_file(const char* name, vmsim_umode_t mode, ::dentry* parent, void* data,
                              const ::file_operations* ops) {
  return reinterpret_cast<::dentry*>(
      finish([&] { return door().debugfs->create_file(name, mode, parent, data, ops); }));
}

/// The value is for kernels in which this returns something.
::dentry* debugfs_create_u32(const char* name, vmsim_umode_t mode, ::dentry* parent, u32* value) {
  return reinterpret_cast<::dentry*>(
      finish([&] { return door().debugfs->create_u32(name, mode, parent, value); }));
}

void debugfs_remove(::dentry* entry) {
  core([=] { door().debugfs->remove(entry); });
}

std::span<const Export> proc_exports() {
  static const Export table[] = {
      exported("__seq_open_private", &__seq_open_private, kernel(2, 6, 27)),
      exported("create_proc_entry", &create_proc_entry, 0, kernel(3, 10)),
      exported("create_proc_read_entry", &create_proc_read_entry, 0, kernel(3, 10)),
      exported("debugfs_create_dir", &debugfs_create_dir),
      exported("debugfs_create_file", &debugfs_create_file),
      exported("debugfs_create_u32", &debugfs_create_u32),
      exported("debugfs_remove", &debugfs_remove),
      exported("debugfs_remove_recursive", &debugfs_remove),
      exported("proc_create", &proc_create, kernel(2, 6, 25)),
      exported("proc_create_data", &proc_create_data, kernel(2, 6, 25)),
      exported("proc_create_seq_private", &proc_create_seq_private, kernel(4, 18)),
      exported("proc_create_single_data", &proc_create_single_data, kernel(4, 18)),
      exported("proc_mkdir", &proc_mkdir),
      exported("proc_remove", &proc_remove, kernel(3, 10)),
      exported("proc_set_size", &proc_set_size, kernel(3, 10)),
      exported("remove_proc_entry", &remove_proc_entry),
      exported("remove_proc_subtree", &remove_proc_subtree, kernel(3, 10)),
      exported("seq_list_next", &seq_list_next, kernel(2, 6, 27)),
      exported("seq_list_start", &seq_list_start, kernel(2, 6, 27)),
      exported("seq_lseek", &seq_lseek),
      exported("seq_open", &seq_open),
      exported("seq_printf", &seq_printf),
      exported("seq_putc", &seq_putc),
      exported("seq_puts", &seq_puts),
      exported("seq_read", &seq_read),
      exported("seq_read_iter", &seq_read_iter, kernel(2, 6, 27)),
      exported("seq_release", &seq_release),
      exported("seq_release_private", &seq_release, kernel(2, 6, 27)),
      exported("seq_write", &seq_write),
      exported("single_open", &single_open),
      exported("single_release", &seq_release),
      exported("vmsim_pde_data", &vmsim_pde_data, kernel(3, 10)),
  };
  return table;
}

}  // namespace vmsim::abi
