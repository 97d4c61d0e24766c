// SPDX-License-Identifier: MIT
// Attribute files of devices: show and store. Counterpart: fs/sysfs/file.c and group.c. Leaves out
// binary attributes. Part of DeviceModel.
#include <algorithm>
#include <cerrno>

#include "kern/device_model.hpp"
#include "kern/file_calls.hpp"
#include "kern/sys_files.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

using sched::DriverCall;

namespace {

const ::file_operations kServed = {};

}  // namespace

Result<void> DeviceModel::add_file(Registered& registered, const std::string& folder,
                                   const ::device_attribute& attribute) {
  const auto mode = static_cast<vmsim_umode_t>(kModeRegular | (attribute.attr.mode & 07777));
  vfs::Inode* const node =
      VMSIM_TRY(parts_.nodes.add_node(folder + "/" + driver_text(attribute.attr.name), mode));
  node->backend = this;
  node->hold();
  node->i_size = static_cast<vmsim_loff_t>(kPageSize);
  registered.attributes.push_back(Attribute{&attribute, node});
  attribute_files_[node] = AttributeFile{registered.dev, &attribute};
  return {};
}

Result<void> DeviceModel::add_group_files(Registered& registered,
                                          const ::attribute_group* const* groups) {
  for (; groups && *groups; ++groups) {
    const ::attribute_group& group = **groups;
    const std::string folder =
        registered.folder + (group.name ? "/" + driver_text(group.name) : std::string());
    for (int i = 0; group.attrs && group.attrs[i]; ++i) {
      ::attribute* const attr = group.attrs[i];
      if (group.is_visible) {
        const auto visible = DriverCall::call(group.is_visible, &registered.dev->kobj, attr, i);
        if (!visible) return task_oopsed();
        if (*visible == 0) continue;
      }
      VMSIM_CHECK(add_file(registered, folder, *reinterpret_cast<const ::device_attribute*>(attr)));
    }
  }
  return {};
}

Result<void> DeviceModel::add_groups(::device& dev, const ::attribute_group* const* groups) {
  const auto it = find(&dev);
  if (it == devices_.end()) return fail(EINVAL, "the device is not registered");
  const Result<void> added = add_group_files(**it, groups);
  if (!added) remove_groups(dev, groups);
  return added;
}

void DeviceModel::remove_groups(::device& dev, const ::attribute_group* const* groups) {
  for (; groups && *groups; ++groups)
    for (::attribute* const* at = (*groups)->attrs; at && *at; ++at)
      remove_file(dev, *reinterpret_cast<const ::device_attribute*>(*at));
}

Result<void> DeviceModel::create_file(::device& dev, const ::device_attribute& attribute) {
  const auto it = find(&dev);
  if (it == devices_.end()) return fail(EINVAL, "the device is not registered");
  return add_file(**it, (*it)->folder, attribute);
}

void DeviceModel::remove_file(::device& dev, const ::device_attribute& attribute) {
  const auto it = find(&dev);
  if (it == devices_.end()) return;
  std::vector<Attribute>& all = (*it)->attributes;
  const auto file = std::find_if(all.begin(), all.end(),
                                 [&](const Attribute& a) { return a.attribute == &attribute; });
  if (file == all.end()) return;
  attribute_files_.erase(file->node);
  parts_.nodes.remove_inode(file->node);
  file->node->put();
  all.erase(file);
}

Result<const ::file_operations*> DeviceModel::open(vfs::Inode& node, vfs::File& file) {
  const auto found = attribute_files_.find(&node);
  if (found == attribute_files_.end()) return fail(ENODEV, "the device has gone");
  const ::device_attribute& attribute = *found->second.attribute;
  const auto mode = file.f_mode;
  if ((mode & vfs::kFmodeRead) != 0 && !attribute.show)
    return fail(EACCES, "the attribute cannot be read");
  if ((mode & vfs::kFmodeWrite) != 0 && !attribute.store)
    return fail(EACCES, "the attribute cannot be written");
  file.served = true;
  return &kServed;
}

void DeviceModel::released(vfs::File& file) {
  shown_.erase(&file);
}

Result<std::string> DeviceModel::show(const AttributeFile& file) {
  ShowPage page;
  auto* const attribute = const_cast<::device_attribute*>(file.attribute);
  const auto result = DriverCall::call(file.attribute->show, file.dev, attribute, page.bytes());
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  return page.text(*result, driver_text(file.attribute->attr.name), parts_.probe);
}

Result<u64> DeviceModel::read(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  const auto found = attribute_files_.find(file.node());
  if (found == attribute_files_.end()) return fail(ENODEV, "the device has gone");
  if (pos == 0 || !shown_.contains(&file)) shown_[&file] = VMSIM_TRY(show(found->second));
  const std::string& text = shown_[&file];
  if (static_cast<u64>(pos) >= text.size()) return u64{0};
  const u64 length = std::min(count, text.size() - static_cast<u64>(pos));
  const u64 left = VMSIM_TRY(parts_.user.to_user(buffer, text.data() + pos, length));
  if (length != 0 && left == length) return fail(EFAULT);
  pos += static_cast<i64>(length - left);
  return length - left;
}

Result<u64> DeviceModel::write(vfs::File& file, u64 buffer, u64 count, i64& pos) {
  const auto found = attribute_files_.find(file.node());
  if (found == attribute_files_.end()) return fail(ENODEV, "the device has gone");
  ShowPage page;
  const u64 length = std::min(count, kPageSize - 1);
  if (VMSIM_TRY(parts_.user.from_user(page.bytes(), buffer, length)) != 0) return fail(EFAULT);
  const AttributeFile target = found->second;
  auto* const attribute = const_cast<::device_attribute*>(target.attribute);
  const auto result = DriverCall::call(target.attribute->store, target.dev, attribute,
                                       static_cast<const char*>(page.bytes()), length);
  if (!result) return task_oopsed();
  if (*result < 0) return driver_refused(*result);
  pos += *result;
  return static_cast<u64>(*result);
}

Result<i64> DeviceModel::llseek(vfs::File& file, i64 offset, int whence) {
  const i64 base = whence == 1 ? file.f_pos : whence == 2 ? file.f_inode->i_size : 0;
  i64 target = 0;
  if (whence > 2 || __builtin_add_overflow(base, offset, &target) || target < 0)
    return fail(EINVAL);
  file.f_pos = target;
  return target;
}

}  // namespace vmsim::kern
