// SPDX-License-Identifier: MIT
// Files of /sys; see sys_files.hpp.
#include "kern/sys_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

const ::file_operations kServed = {};

template <class Function>
Function function_at(const void* address) {
  return reinterpret_cast<Function>(const_cast<void*>(address));
}

}  // namespace

// --- the page of a show function ---

ShowPage::ShowPage() : bytes_(static_cast<char*>(std::aligned_alloc(kPageSize, 4 * kPageSize))) {
  std::memset(bytes_, 0, 4 * kPageSize);
}

ShowPage::~ShowPage() {
  std::free(bytes_);
}

std::string ShowPage::text(i64 returned, const std::string& attribute, base::Probe& probe) const {
  const auto length = static_cast<u64>(returned);
  if (length >= kPageSize) {
    probe.finding("sysfs-show-overflow",
                  fmt::format("show of attribute '{}' returned {} bytes; there is one page",
                              attribute, length));
  }
  return std::string(bytes_, std::min(length, kPageSize - 1));
}

// --- entries ---

SysFiles::~SysFiles() {
  while (!entries_.empty()) drop(entries_.begin());
}

Result<SysFiles::Entry*> SysFiles::add(const std::string& path, vmsim_umode_t mode) {
  vfs::Inode* const node = VMSIM_TRY(nodes_.add_node(path, mode));
  node->hold();
  node->backend = this;
  Entry& entry = entries_[path];
  entry.node = node;
  return &entry;
}

Result<void> SysFiles::add_file(const std::string& path, vmsim_umode_t mode, SysFile file) {
  Entry* const entry =
      VMSIM_TRY(add(path, static_cast<vmsim_umode_t>(kModeRegular | (mode & 07777))));
  entry->node->i_size = static_cast<vmsim_loff_t>(kPageSize);
  entry->file = std::move(file);
  return {};
}

Result<void> SysFiles::add_folder(const std::string& path) {
  Entry* const entry = VMSIM_TRY(add(path, kModeDirectory | 0755));
  entry->node->backend = nullptr;
  return {};
}

void SysFiles::drop(std::map<std::string, Entry>::iterator it) {
  vfs::Inode* const node = it->second.node;
  entries_.erase(it);
  nodes_.remove_inode(node);
  node->put();
}

void SysFiles::remove(const std::string& path) {
  std::vector<std::string> doomed;
  for (const auto& [other, unused] : entries_)
    if (other == path || other.starts_with(path + "/")) doomed.push_back(other);
  for (auto victim = doomed.rbegin(); victim != doomed.rend(); ++victim)
    drop(entries_.find(*victim));
}

// --- a driver's attributes ---

Result<std::string> SysFiles::show(const Shown& shown, const std::string& name) {
  ShowPage page;
  sched::Outcome<long> result;
  if (shown.attribute != nullptr) {
    using Show = long (*)(const void*, const void*, char*);
    result = DriverCall::call(function_at<Show>(shown.show), shown.object, shown.attribute,
                              page.bytes());
  } else {
    using Show = long (*)(const void*, char*);
    result = DriverCall::call(function_at<Show>(shown.show), shown.object, page.bytes());
  }
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  return page.text(*result, name, probe_);
}

Result<void> SysFiles::add_attribute(const std::string& folder, const ::attribute& attr,
                                     const Shown& shown) {
  const std::string name = driver_text(attr.name);
  SysFile file;
  if (shown.show != nullptr) file.show = [this, shown, name] { return show(shown, name); };
  if (shown.store != nullptr) {
    file.store = [shown](const char* text, u64 length) -> Result<u64> {
      sched::Outcome<long> result;
      if (shown.attribute != nullptr) {
        using Store = long (*)(const void*, const void*, const char*, unsigned long);
        result = DriverCall::call(function_at<Store>(shown.store), shown.object, shown.attribute,
                                  text, length);
      } else {
        using Store = long (*)(const void*, const char*, unsigned long);
        result = DriverCall::call(function_at<Store>(shown.store), shown.object, text, length);
      }
      if (!result) return task_oopsed();
      if (*result < 0) return driver_refused(*result);
      return static_cast<u64>(*result);
    };
  }
  VMSIM_CHECK(add_file(folder + "/" + name, attr.mode, std::move(file)));
  entries_[folder + "/" + name].owner = shown.show != nullptr ? shown.show : shown.store;
  return {};
}

void SysFiles::module_gone(const GoneModule& gone) {
  std::vector<std::string> left;
  for (const auto& [path, entry] : entries_)
    if (gone.owns(entry.owner)) left.push_back(path);
  for (const std::string& path : left) {
    probe_.finding("sysfs-left-registered",
                   fmt::format("{} was unloaded and left {}; Linux would run freed code at the "
                               "next read. It is removed.",
                               gone.name, path));
    remove(path);
  }
}

// --- the calls of programs ---

SysFiles::Entry* SysFiles::find(const vfs::File& file) {
  const auto it = entries_.find(file.path());
  return it != entries_.end() && it->second.node == file.f_inode ? &it->second : nullptr;
}

Result<const ::file_operations*> SysFiles::open(vfs::Inode&, vfs::File& file) {
  const Entry* const entry = find(file);
  if (entry == nullptr) return fail(ENODEV, "the attribute has gone");
  const bool reads = (file.f_mode & vfs::kFmodeRead) != 0;
  const bool writes = (file.f_mode & vfs::kFmodeWrite) != 0;
  const auto mode = entry->node->i_mode;
  if (reads && (!entry->file.show || (mode & 0444) == 0))
    return fail(EACCES, "the attribute cannot be read");
  if (writes && (!entry->file.store || (mode & 0222) == 0))
    return fail(EACCES, "the attribute cannot be written");
  file.served = true;
  return &kServed;
}

void SysFiles::released(vfs::File& file) {
  shown_.erase(&file);
}

Result<u64> SysFiles::read(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  const Entry* const entry = find(file);
  if (entry == nullptr) return fail(ENODEV, "the attribute has gone");
  if (pos == 0 || !shown_.contains(&file)) {
    const auto show = entry->file.show;  // it may remove its own file
    shown_[&file] = VMSIM_TRY(show());
  }
  const std::string& text = shown_[&file];
  if (static_cast<u64>(pos) >= text.size()) return u64{0};
  const u64 length = std::min(count, text.size() - static_cast<u64>(pos));
  const u64 left = VMSIM_TRY(user_.to_user(buffer, text.data() + pos, length));
  if (length != 0 && left == length) return fail(EFAULT);
  pos += static_cast<i64>(length - left);
  return length - left;
}

Result<u64> SysFiles::write(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  const Entry* const entry = find(file);
  if (entry == nullptr) return fail(ENODEV, "the attribute has gone");
  ShowPage page;
  const u64 length = std::min(count, kPageSize - 1);
  if (VMSIM_TRY(user_.from_user(page.bytes(), buffer, length)) != 0) return fail(EFAULT);
  const auto store = entry->file.store;  // it may remove its own file
  const u64 taken = VMSIM_TRY(store(page.bytes(), length));
  pos += static_cast<i64>(taken);
  return taken;
}

Result<i64> SysFiles::llseek(vfs::File& file, i64 offset, int whence) {
  const i64 base = whence == 1 ? file.f_pos : whence == 2 ? file.f_inode->i_size : 0;
  i64 target = 0;
  if (whence > 2 || __builtin_add_overflow(base, offset, &target) || target < 0)
    return fail(EINVAL);
  file.f_pos = target;
  return target;
}

}  // namespace vmsim::kern
