// SPDX-License-Identifier: MIT
// Files of /sys that are made of two functions, show and store, and the folders and links around
// them. Counterpart: fs/sysfs/{file,dir,symlink}.c. Leaves out binary files and polling. Called by
// the rooms that have something to show (driver core, platform, module parameters), on a task
// inside the kernel; attributes of devices are DeviceModel's own.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "vmsim/kapi/vmsim/device_types.h"

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "kern/user_copy.hpp"
#include "vfs/file.hpp"

namespace vmsim::kern {

/// One page as show functions of drivers expect it, with room behind it for those that write too
/// much.
class ShowPage {
 public:
  ShowPage();
  ~ShowPage();
  ShowPage(const ShowPage&) = delete;
  ShowPage& operator=(const ShowPage&) = delete;

  char* bytes() { return bytes_; }

  /// The text that a show function left, given what it returned. Finding "sysfs-show-overflow" for
  /// more than a page.
  std::string text(i64 returned, const std::string& attribute, base::Probe& probe) const;

 private:
  char* bytes_;
};

/// How a file answers; an absent function refuses the open with EACCES. `store` gets a text that
/// ends with a NUL and returns how much of it was taken.
struct SysFile {
  std::function<Result<std::string>()> show;
  std::function<Result<u64>(const char* text, u64 length)> store;
};

class SysFiles final : public vfs::NodeBackend {
 public:
  SysFiles(NodeTable& nodes, UserCopy& user, base::Probe& probe)
      : nodes_(nodes), user_(user), probe_(probe) {}

  ~SysFiles() override;
  SysFiles(const SysFiles&) = delete;
  SysFiles& operator=(const SysFiles&) = delete;

  /// EEXIST, EINVAL.
  Result<void> add_file(const std::string& path, vmsim_umode_t mode, SysFile file);
  Result<void> add_folder(const std::string& path);
  /// A file, a folder with everything below, or nothing.
  void remove(const std::string& path);

  // Attributes whose functions are a driver's: `object` is its first argument, `attribute` its
  // second unless it is nullptr (drivers, buses, and classes until 2.6.34 pass the object alone).
  struct Shown {
    const void* object;
    const void* attribute;
    const void* show;
    const void* store;
  };

  Result<void> add_attribute(const std::string& folder, const ::attribute& attr,
                             const Shown& shown);

  Result<const ::file_operations*> open(vfs::Inode& node, vfs::File& file) override;
  void released(vfs::File& file) override;
  Result<u64> read(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<u64> write(vfs::File& file, u64 buffer, u64 count, i64& pos) override;
  Result<i64> llseek(vfs::File& file, i64 offset, int whence) override;

  /// Finding "sysfs-left-registered" for each attribute of the module; they are removed.
  void module_gone(const GoneModule& gone);

  std::size_t entries() const { return entries_.size(); }

 private:
  struct Entry {
    vfs::Inode* node = nullptr;
    SysFile file;
    const void* owner = nullptr;  ///< a driver's function
  };

  Result<Entry*> add(const std::string& path, vmsim_umode_t mode);
  void drop(std::map<std::string, Entry>::iterator it);
  Entry* find(const vfs::File& file);
  Result<std::string> show(const Shown& shown, const std::string& name);

  NodeTable& nodes_;
  UserCopy& user_;
  base::Probe& probe_;
  std::map<std::string, Entry> entries_;
  std::unordered_map<const vfs::File*, std::string> shown_;  ///< what show said at the first read
};

}  // namespace vmsim::kern
