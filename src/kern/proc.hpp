// SPDX-License-Identifier: MIT
// Files under /proc that drivers and the kernel make. Counterpart: fs/proc/{generic,inode}.c.
// Leaves out permissions, symbolic links, per-network trees and the process folders. Called by abi
// on a task inside the kernel.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "vmsim/kapi/vmsim/proc_types.h"

#include "base/probe.hpp"
#include "kern/file_calls.hpp"
#include "kern/nodes.hpp"
#include "kern/seq_file.hpp"
#include "kern/user_copy.hpp"

namespace vmsim::kern {

/// An entry's name and parents live as long as it. Open files of an entry that is removed have
/// their release run at once and fail with EIO from then on, as in Linux since 2.6.23.
class ProcFs final : public vfs::NodeBackend {
 public:
  struct Parts {
    NodeTable& nodes;
    FileCalls& files;
    SeqFiles& seq_files;
    UserCopy& user;
    base::Probe& probe;
    KernelVersion kernel;
  };

  explicit ProcFs(const Parts& parts);
  ~ProcFs() override;
  ProcFs(const ProcFs&) = delete;
  ProcFs& operator=(const ProcFs&) = delete;

  // `parent` nullptr is /proc; a name may contain folders that exist ("driver/foo").

  /// `ops` is a proc_ops from 5.6 on, before that a file_operations; may be nullptr (filled in
  /// later). EEXIST (Linux warns and, before 3.10, adds it nevertheless), ENOENT (no such folder),
  /// EINVAL.
  Result<::proc_dir_entry*> create(const char* name, vmsim_umode_t mode, ::proc_dir_entry* parent,
                                   const void* ops, void* data);
  Result<::proc_dir_entry*> mkdir(const char* name, ::proc_dir_entry* parent,
                                  vmsim_umode_t mode = 0555);
  /// proc_create_single_data().
  Result<::proc_dir_entry*> create_single(const char* name, vmsim_umode_t mode,
                                          ::proc_dir_entry* parent, int (*show)(::seq_file*, void*),
                                          void* data);
  /// proc_create_seq_private().
  Result<::proc_dir_entry*> create_seq(const char* name, vmsim_umode_t mode,
                                       ::proc_dir_entry* parent, const ::seq_operations* ops,
                                       unsigned state_bytes, void* data);
  /// create_proc_read_entry(), until 3.10.
  Result<::proc_dir_entry*> create_read(const char* name, vmsim_umode_t mode,
                                        ::proc_dir_entry* parent,
                                        int (*read_op)(char*, char**, long, int, int*, void*),
                                        void* data);
  /// A file of the kernel's own: the text is made at each open.
  Result<::proc_dir_entry*> create_text(const char* name, std::function<std::string()> text);

  /// remove_proc_entry(). Finding "proc-not-there" for a name that does not exist,
  /// "proc-folder-not-empty" for a folder with entries (removed with them).
  void remove(const char* name, ::proc_dir_entry* parent);
  /// proc_remove(): the entry and everything below; nullptr is fine.
  void remove(::proc_dir_entry* entry);
  /// ENOENT.
  Result<void> remove_subtree(const char* name, ::proc_dir_entry* parent);
  void set_size(::proc_dir_entry* entry, i64 bytes);
  /// PDE_DATA(): nullptr for an inode that is none of these.
  void* pde_data(const ::inode* node) const;

  // Files.
  Result<const ::file_operations*> open(vfs::Inode& node, vfs::File& file) override;
  /// EIO since 2.6.23, where /proc stands between the system call and the driver's operations.
  int no_transfer_errno() const override;
  void released(vfs::File& file) override;
  Result<u64> read(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<u64> write(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<i64> llseek(vfs::File& file, i64 offset, int whence) override;

  /// Finding "proc-left-registered" for each entry of the module; they are removed.
  void module_gone(const GoneModule& gone);
  /// Entries of drivers.
  std::size_t entries() const;

 private:
  struct Entry;
  enum class Kind : u8 { kFolder, kOps, kOld, kSingle, kSeq, kText };

  Result<Entry*> add(const char* name, Kind kind, vmsim_umode_t mode, ::proc_dir_entry* parent);
  Entry* find(const ::proc_dir_entry* entry) const;
  Entry* find_path(std::string_view path) const;
  Entry* entry_of(const ::inode* node) const;
  Result<std::string> path_of(const std::string& name, const ::proc_dir_entry* parent) const;
  std::vector<Entry*> children_of(const Entry& entry) const;
  void take_from(Entry& entry, vfs::File& file, FileCalls::Release how);
  Result<void> open_served(Entry& entry, vfs::File& file);
  void drop(Entry& entry, FileCalls::Release how);
  static void adopt_proc_ops(Entry& entry, const ::proc_ops* ops);
  Result<u64> read_by_old_interface(Entry& entry, u64 buffer, u64 count, i64& pos);
  Result<u64> hand_out(const std::string& text, u64 buffer, u64 count, i64& pos);

  Parts parts_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::unordered_set<const vfs::File*> seq_served_;  ///< files whose seq_file this table opened
  std::unordered_map<const vfs::File*, std::string>
      texts_;  ///< of the kernel's own files, made at open
};

}  // namespace vmsim::kern
