// SPDX-License-Identifier: MIT
// Files under /sys/kernel/debug. Counterpart: fs/debugfs. Leaves out symbolic links, automounts and
// all value files but u32. Called by abi on a task inside the kernel.
#pragma once

#include <map>
#include <string>

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "kern/user_copy.hpp"
#include "vfs/file.hpp"

namespace vmsim::kern {

/// Entries are named by their dentries, which are the nodes' own.
class DebugFs final : public vfs::NodeBackend {
 public:
  DebugFs(NodeTable& nodes, UserCopy& user, base::Probe& probe)
      : nodes_(nodes), user_(user), probe_(probe) {}

  ~DebugFs() override;
  DebugFs(const DebugFs&) = delete;
  DebugFs& operator=(const DebugFs&) = delete;

  // `parent` nullptr is /sys/kernel/debug. EEXIST, EINVAL, ENOENT (a parent that is none).
  Result<::dentry*> create_dir(const char* name, ::dentry* parent);
  Result<::dentry*> create_file(const char* name, vmsim_umode_t mode, ::dentry* parent, void* data,
                                const ::file_operations* ops);
  Result<::dentry*> create_u32(const char* name, vmsim_umode_t mode, ::dentry* parent, u32* value);
  /// With everything below. Finding "debugfs-not-there" for a stranger; nullptr and error pointers
  /// are fine.
  void remove(::dentry* entry);
  /// Finding "debugfs-left-registered" for each file of the module; they are removed.
  void module_gone(const GoneModule& gone);

  std::size_t entries() const { return entries_.size(); }

  Result<const ::file_operations*> open(vfs::Inode& node, vfs::File& file) override;
  Result<u64> read(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<u64> write(vfs::File& file, u64 buffer, u64 count, i64& pos) override;

 private:
  struct Entry {
    vfs::Inode* node = nullptr;
    const ::file_operations* ops = nullptr;
    u32* value = nullptr;
  };

  Result<Entry*> add(const char* name, vmsim_umode_t mode, ::dentry* parent);
  void drop(const std::string& path);
  Result<u32*> value_of(const vfs::File& file) const;

  NodeTable& nodes_;
  UserCopy& user_;
  base::Probe& probe_;
  std::map<std::string, Entry> entries_;  ///< by path, so that a folder comes before what is in it
};

}  // namespace vmsim::kern
