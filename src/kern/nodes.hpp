// SPDX-License-Identifier: MIT
// The simulated file system: a table from path to inode, for device nodes, /proc entries and the
// like. Counterpart: devtmpfs, procfs' directory tree and the dentry cache. Leaves out mounting,
// relative links, permissions of directories and regular files. Called by the tables that make
// nodes and by open(), on a task that holds the simulated CPU.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/config.hpp"

#include "vmsim/kapi/vmsim/module_types.h"

#include "vfs/file.hpp"

namespace vmsim::kern {

inline constexpr unsigned kMinorBits = 20;
inline constexpr unsigned kMinorMask = (1u << kMinorBits) - 1;

constexpr vmsim_dev_t mkdev(unsigned major, unsigned minor) {
  return major << kMinorBits | minor;
}

constexpr unsigned major_of(vmsim_dev_t dev) {
  return dev >> kMinorBits;
}

constexpr unsigned minor_of(vmsim_dev_t dev) {
  return dev & kMinorMask;
}

inline constexpr vmsim_umode_t kModeChar = 0020000, kModeDirectory = 0040000,
                               kModeRegular = 0100000;

/// References that keep a module loaded; nullptr stands for the kernel itself.
class ModuleRefs {
 public:
  virtual ~ModuleRefs() = default;
  /// try_module_get(): false while the module goes.
  virtual bool try_get(::module* module) = 0;
  virtual void put(::module* module) = 0;
};

/// A module that has gone: what still points into it is a leftover. The image can still be read.
struct GoneModule {
  ::module* module = nullptr;
  std::string name;
  std::function<bool(const void*)> contains;  ///< the address lies in its image

  bool owns(const void* pointer) const {
    return pointer && (pointer == module || contains(pointer));
  }
};

/// A string of a driver's, which may be a bad pointer: empty for nullptr, "(bad address)" where it
/// cannot be read, cut after 255 bytes.
std::string driver_text(const char* text);

/// An automatic node gives way to a named one of the same path.
enum class NodeOrigin : u8 { kNamed, kAutomatic };

/// Each node holds one reference to its inode; open files hold their own, so a removed node's inode
/// lives on with them.
class NodeTable {
 public:
  NodeTable(const KernelVersion& kernel, u64 seed);
  ~NodeTable();
  NodeTable(const NodeTable&) = delete;
  NodeTable& operator=(const NodeTable&) = delete;

  /// EEXIST, or EINVAL for a path that is not absolute or not in normal form. The inode is the
  /// table's.
  Result<vfs::Inode*> add_node(const std::string& path, vmsim_umode_t mode, vmsim_dev_t rdev = 0,
                               NodeOrigin origin = NodeOrigin::kNamed);
  /// ENOENT.
  Result<void> remove(std::string_view path);
  /// Removes the node only if it is this inode: another may have taken the path.
  void remove_inode(const vfs::Inode* node);
  /// A symbolic link to a node or a folder. EEXIST, EINVAL.
  Result<void> add_link(const std::string& path, const std::string& target);
  /// Nothing happens if there is none.
  void remove_link(const std::string& path) { links_.erase(path); }
  /// Follows links. nullptr if there is none.
  vfs::Inode* lookup(std::string_view path) const;
  /// Paths under a folder ("/dev"), links among them, sorted; "/" or "" is everything.
  std::vector<std::string> list(std::string_view folder = "/") const;

  std::size_t size() const { return nodes_.size(); }

 private:
  struct Entry {
    vfs::Inode* node;
    NodeOrigin origin;
  };

  vmsim_dev_t device_of(std::string_view path) const;

  std::map<std::string, Entry, std::less<>> nodes_;
  std::map<std::string, std::string, std::less<>> links_;
  const bool devtmpfs_;  ///< /dev is a file system of its own, since 2.6.32
  u64 next_ino_;
  u64 next_sys_ino_ = 1000;  ///< /sys is a file system of its own
};

}  // namespace vmsim::kern
