// SPDX-License-Identifier: MIT
// Open files, inodes, and what maps them. Counterpart: struct file, struct inode, struct
// address_space, fs/file_table.c. Leaves out directories, path walking and file systems: an inode
// is found by its path in a table of nodes. Callers hold the simulated CPU; references are counted
// by hand because the last one runs the driver's release.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "vmsim/error.hpp"

#include "vmsim/kapi/vmsim/fs_types.h"

namespace vmsim::vfs {

/// FMODE_* bits of file::f_mode.
inline constexpr unsigned kFmodeRead = 0x1, kFmodeWrite = 0x2, kFmodePath = 0x4000;
inline constexpr unsigned kFmodeLseek = 0x4, kFmodePread = 0x8, kFmodePwrite = 0x10;
inline constexpr unsigned kFmodeStream = 0x200000;  ///< read and write get no position
/// O_* bits of file::f_flags.
inline constexpr unsigned kOAccMode = 3, kORdOnly = 0, kOWrOnly = 1, kORdWr = 2, kOPath = 010000000;

/// Link of one mapped area in its file's list of areas (i_mmap). The area's class derives from it.
struct MappingLink
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {};

using MappingList =
    boost::intrusive::list<MappingLink, boost::intrusive::constant_time_size<false>>;

class File;
class Inode;

/// Who stands behind a kind of node: the device numbers, /proc. Chooses a file's operations when it
/// is opened, and may serve the file itself (File::served), where the kernel and not a driver makes
/// the content.
class NodeBackend {
 public:
  virtual ~NodeBackend() = default;
  /// The operations for a file that is being opened. Leaves references to modules in
  /// File::held_modules.
  virtual Result<const ::file_operations*> open(Inode& node, File& file) = 0;

  /// What read and write say of a file whose operations have none.
  virtual int no_transfer_errno() const;

  /// The file goes; the driver's release has run.
  virtual void released(File&) {}

  // Served files only. `buffer` is a user address; values are as the system calls return them.
  virtual Result<u64> read(File& file, u64 buffer, u64 count, i64& pos);
  virtual Result<u64> write(File& file, u64 buffer, u64 count, i64& pos);
  virtual Result<i64> llseek(File& file, i64 offset, int whence);

  /// What the file is ready for; it names its wait queue to the table.
  virtual u32 poll(File&, ::poll_table_struct*) { return kAlwaysReady; }

  static constexpr u32 kAlwaysReady = 0x145;  ///< POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM
};

/// A node of the simulated file system: a device node, a proc entry, or a nameless object. Lives as
/// long as somebody holds a reference (the node table, an open file).
class Inode final : public ::inode {
 public:
  Inode(std::string path, vmsim_umode_t mode);
  Inode(const Inode&) = delete;
  Inode& operator=(const Inode&) = delete;

  const std::string& path() const { return path_; }

  ::dentry* dentry() { return &dentry_; }

  MappingList& areas() { return areas_; }

  bool is_char_device() const { return (i_mode & 0170000) == 0020000; }

  bool is_directory() const { return (i_mode & 0170000) == 0040000; }

  /// Who opens files of this node; nullptr: i_fop says all.
  NodeBackend* backend = nullptr;

  /// The inode behind an address_space that vmsim made. Pre: mapping belongs to an Inode.
  static Inode* of(::address_space* mapping) { return static_cast<Inode*>(mapping->host); }

  static Inode* of(::inode* node) { return static_cast<Inode*>(node); }

  void hold() { ++i_count.counter; }

  /// Drops a reference; the last one deletes the inode. Pre: no area maps it then.
  void put();

 private:
  ~Inode();

  std::string path_;
  ::dentry dentry_{};
  ::super_block super_block_{};
  MappingList areas_;
};

/// What happens when an object's last reference goes, below the room that knows drivers.
class FileCalls {
 public:
  virtual ~FileCalls() = default;
  /// Runs f_op->release for the last reference. May run driver code.
  virtual void release(::inode* node, ::file* file) = 0;
  /// Runs f_op->flush for a closed descriptor; its errno is close()'s result.
  virtual int flush(::file* file) = 0;
};

/// An open file description.
class File final : public ::file {
 public:
  /// A file on `node` (whose reference it takes over) with one reference. It is not opened by a
  /// driver yet.
  File(Inode* node, unsigned flags, FileCalls& calls);
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  static File* of(::file* file) { return static_cast<File*>(file); }

  Inode* node() { return static_cast<Inode*>(f_inode); }

  std::string path() const { return static_cast<Inode*>(f_inode)->path(); }

  void hold() { ++f_count.counter; }

  long count() const { return f_count.counter; }

  /// Modules that may not go while the file is open, at most the device's and the operations'
  /// owner.
  ::module* held_modules[2] = {nullptr, nullptr};
  bool served = false;   ///< the backend answers read, write and llseek
  bool opened = false;   ///< the driver's open has succeeded: release is due
  bool revoked = false;  ///< the driver has gone away under it: calls end with EIO

  /// fput: the last reference runs release and deletes the file.
  void put();
  /// Drops a file whose open failed: no release.
  void discard();

 private:
  ~File();
  FileCalls& calls_;
};

/// A process's descriptors. Counterpart: files_struct. Shared by the threads of a process; copied
/// by fork.
class FdTable {
 public:
  FdTable() = default;
  FdTable(const FdTable&) = delete;
  FdTable& operator=(const FdTable&) = delete;

  /// Lowest free descriptor; takes over the caller's reference.
  int install(File* file);
  /// nullptr for a closed descriptor.
  File* lookup(int fd) const;
  /// Empties the slot and returns its reference; nullptr if closed (EBADF).
  File* remove(int fd);
  /// For fork: every descriptor with a reference of its own.
  void copy_from(const FdTable& other);

  int size() const { return static_cast<int>(files_.size()); }

 private:
  std::vector<File*> files_;
};

}  // namespace vmsim::vfs
