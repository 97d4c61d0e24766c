// SPDX-License-Identifier: MIT
// The table of nodes; see nodes.hpp.
#include "kern/nodes.hpp"

#include <algorithm>
#include <cerrno>

#include "base/assert.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

constexpr std::size_t kTextMax = 255;

bool normal(std::string_view path) {
  return path.size() > 1 && path.front() == '/' && path.back() != '/' &&
         path.find("//") == std::string_view::npos;
}

bool below(std::string_view path, std::string_view folder) {
  if (folder.empty() || folder == "/") return true;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace

std::string driver_text(const char* text) {
  if (!text) return {};
  std::string copy;
  char byte = 0;
  while (copy.size() < kTextMax) {
    if (!sched::DriverCall::try_copy(&byte, text + copy.size(), 1)) return "(bad address)";
    if (byte == 0) break;
    copy.push_back(byte);
  }
  return copy;
}

NodeTable::NodeTable(const KernelVersion& kernel, u64 seed)
    : devtmpfs_(kernel >= KernelVersion{2, 6, 32}), next_ino_(100 + seed % 400) {}

NodeTable::~NodeTable() {
  for (const auto& [path, entry] : nodes_) entry.node->put();
}

vmsim_dev_t NodeTable::device_of(std::string_view path) const {
  constexpr unsigned kDevtmpfs = 5, kSysfs = 20, kProcfs = 21;
  if (below(path, "/proc")) return mkdev(0, kProcfs);
  if (below(path, "/sys")) return mkdev(0, kSysfs);
  if (devtmpfs_) return below(path, "/dev") ? mkdev(0, kDevtmpfs) : mkdev(8, 2);
  return mkdev(3, 2);  // /dev is a folder on the disk
}

Result<vfs::Inode*> NodeTable::add_node(const std::string& path, vmsim_umode_t mode,
                                        vmsim_dev_t rdev, NodeOrigin origin) {
  if (!normal(path)) return fail(EINVAL, "'" + path + "' is not an absolute path in normal form");
  if (const auto there = nodes_.find(path); there != nodes_.end()) {
    if (origin == NodeOrigin::kAutomatic || there->second.origin == NodeOrigin::kNamed) {
      return fail(EEXIST, path + " exists");
    }
    there->second.node->put();
    nodes_.erase(there);
  }
  auto* node = new vfs::Inode(path, mode);
  node->i_ino = below(path, "/sys") ? next_sys_ino_++ : next_ino_++;
  node->i_rdev = rdev;
  node->i_sb->s_dev = device_of(path);
  nodes_.emplace(path, Entry{node, origin});
  return node;
}

Result<void> NodeTable::remove(std::string_view path) {
  const auto there = nodes_.find(path);
  if (there == nodes_.end()) return fail(ENOENT, std::string(path) + " does not exist");
  there->second.node->put();
  nodes_.erase(there);
  return {};
}

void NodeTable::remove_inode(const vfs::Inode* node) {
  for (auto it = nodes_.begin(); it != nodes_.end(); ++it) {
    if (it->second.node != node) continue;
    it->second.node->put();
    nodes_.erase(it);
    return;
  }
}

Result<void> NodeTable::add_link(const std::string& path, const std::string& target) {
  if (!normal(path) || !normal(target))
    return fail(EINVAL, "'" + path + "' or '" + target + "' is not in normal form");
  if (nodes_.contains(path) || !links_.emplace(path, target).second)
    return fail(EEXIST, path + " exists");
  return {};
}

vfs::Inode* NodeTable::lookup(std::string_view path) const {
  constexpr int kLinksMax = 40;
  std::string followed;
  for (int links = 0; links <= kLinksMax; ++links) {
    if (const auto there = nodes_.find(path); there != nodes_.end()) return there->second.node;
    // The first link on the way is followed.
    bool found = false;
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
      const auto link = links_.find(path.substr(0, end));
      found = link != links_.end();
      // `path` may look into the text that is replaced here.
      if (found) followed = link->second + std::string(path.substr(link->first.size()));
      if (found || end == std::string_view::npos) break;
    }
    if (!found) return nullptr;
    path = followed;
  }
  return nullptr;
}

std::vector<std::string> NodeTable::list(std::string_view folder) const {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : nodes_) {
    if (below(path, folder)) paths.push_back(path);
  }
  for (const auto& [path, target] : links_) {
    if (below(path, folder)) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace vmsim::kern
