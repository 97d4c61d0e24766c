// SPDX-License-Identifier: MIT
// Entries of debugfs; see debugfs.hpp.
#include "kern/debugfs.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fmt/format.h>

#include "kern/scan.hpp"

namespace vmsim::kern {

namespace {

constexpr const char* kRoot = "/sys/kernel/debug";
const ::file_operations kServed = {};

bool is_error_pointer(const void* pointer) {
  return reinterpret_cast<u64>(pointer) > ~u64{4095};
}

}  // namespace

DebugFs::~DebugFs() {
  while (!entries_.empty()) drop(entries_.begin()->first);
}

Result<DebugFs::Entry*> DebugFs::add(const char* name, vmsim_umode_t mode, ::dentry* parent) {
  if (is_error_pointer(parent))
    return fail(static_cast<int>(u64{0} - reinterpret_cast<u64>(parent)), "the folder failed");
  std::string folder = kRoot;
  if (parent != nullptr) {
    const auto above = std::find_if(entries_.begin(), entries_.end(), [parent](const auto& entry) {
      return entry.second.node->dentry() == parent;
    });
    if (above == entries_.end()) return fail(ENOENT, "no such debugfs folder");
    folder = above->first;
  }
  const std::string path = folder + "/" + driver_text(name);
  vfs::Inode* const node = VMSIM_TRY(nodes_.add_node(path, mode));
  node->hold();
  node->backend = this;
  Entry& entry = entries_[path];
  entry.node = node;
  return &entry;
}

Result<::dentry*> DebugFs::create_dir(const char* name, ::dentry* parent) {
  Entry* const entry = VMSIM_TRY(add(name, kModeDirectory | 0755, parent));
  return entry->node->dentry();
}

Result<::dentry*> DebugFs::create_file(const char* name, vmsim_umode_t mode, ::dentry* parent,
                                       void* data, const ::file_operations* ops) {
  Entry* const entry =
      VMSIM_TRY(add(name, static_cast<vmsim_umode_t>(kModeRegular | (mode & 07777)), parent));
  entry->ops = ops;
  entry->node->i_fop = ops;
  entry->node->i_private = data;
  return entry->node->dentry();
}

Result<::dentry*> DebugFs::create_u32(const char* name, vmsim_umode_t mode, ::dentry* parent,
                                      u32* value) {
  Entry* const entry =
      VMSIM_TRY(add(name, static_cast<vmsim_umode_t>(kModeRegular | (mode & 07777)), parent));
  entry->value = value;
  return entry->node->dentry();
}

void DebugFs::drop(const std::string& path) {
  const auto it = entries_.find(path);
  vfs::Inode* const node = it->second.node;
  entries_.erase(it);
  node->backend = nullptr;
  node->i_fop = nullptr;
  nodes_.remove_inode(node);
  node->put();
}

void DebugFs::remove(::dentry* entry) {
  if (entry == nullptr || is_error_pointer(entry)) return;
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [entry](const auto& e) { return e.second.node->dentry() == entry; });
  if (it == entries_.end()) {
    probe_.finding("debugfs-not-there",
                   "debugfs_remove() of an entry that is not there; Linux follows the pointer.");
    return;
  }
  const std::string path = it->first;
  std::vector<std::string> doomed{path};
  for (const auto& [other, unused] : entries_)
    if (other.starts_with(path + "/")) doomed.push_back(other);
  for (auto victim = doomed.rbegin(); victim != doomed.rend(); ++victim) drop(*victim);
}

void DebugFs::module_gone(const GoneModule& gone) {
  std::vector<std::string> left;
  for (const auto& [path, entry] : entries_)
    if (gone.owns(entry.ops) || gone.owns(entry.value)) left.push_back(path);
  for (const std::string& path : left) {
    probe_.finding("debugfs-left-registered",
                   fmt::format("module {} has gone and left {}; Linux would run freed code at the "
                               "next open. It is removed.",
                               gone.name, path));
    drop(path);
  }
}

Result<const ::file_operations*> DebugFs::open(vfs::Inode& node, vfs::File& file) {
  const auto it = entries_.find(node.path());
  if (it == entries_.end()) return fail(ENOENT, "the debugfs file has gone");
  if (it->second.value == nullptr) return it->second.ops;
  file.served = true;
  return &kServed;
}

Result<u32*> DebugFs::value_of(const vfs::File& file) const {
  const auto it = entries_.find(file.path());
  if (it == entries_.end() || it->second.value == nullptr)
    return fail(EIO, "the debugfs file has gone");
  return it->second.value;
}

Result<u64> DebugFs::read(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  u32 value = 0;
  if (!sched::DriverCall::try_copy(&value, VMSIM_TRY(value_of(file)), sizeof(value)))
    return fail(EFAULT);
  const std::string text = std::to_string(value) + "\n";
  if (static_cast<u64>(pos) >= text.size()) return u64{0};
  const u64 length = std::min(count, text.size() - static_cast<u64>(pos));
  const u64 left = VMSIM_TRY(user_.to_user(buffer, text.data() + pos, length));
  if (length != 0 && left == length) return fail(EFAULT);
  pos += static_cast<i64>(length - left);
  return length - left;
}

Result<u64> DebugFs::write(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  char text[32] = {};
  if (count >= sizeof(text)) return fail(EINVAL);
  if (VMSIM_TRY(user_.from_user(text, buffer, count)) != 0) return fail(EFAULT);
  u64 value = 0;
  if (const int error = parse_unsigned(text, 0, &value); error != 0) return fail(-error);
  if (value > 0xffffffff) return fail(ERANGE);
  const u32 stored = static_cast<u32>(value);
  if (!sched::DriverCall::try_copy(VMSIM_TRY(value_of(file)), &stored, sizeof(stored)))
    return fail(EFAULT);
  pos += static_cast<i64>(count);
  return count;
}

}  // namespace vmsim::kern
