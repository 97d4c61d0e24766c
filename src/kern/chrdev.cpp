// SPDX-License-Identifier: MIT
// Regions and cdevs; see chrdev.hpp.
#include "kern/chrdev.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

constexpr unsigned kMajorMax = 512;
constexpr unsigned kDynEnd = 234, kDynStart = 254, kDynExtStart = 511, kDynExtEnd = 384;
constexpr std::size_t kNameMax = 63;
constexpr unsigned kNodesPerCdev = 16;
constexpr unsigned kChrdevMinors = 256;

std::string numbers(vmsim_dev_t first, unsigned count) {
  return fmt::format("{}:{}..{}", major_of(first), minor_of(first), minor_of(first) + count - 1);
}

bool covers(vmsim_dev_t first, unsigned count, vmsim_dev_t dev) {
  return dev - first < count;
}

bool inside(const void* start, u64 bytes, const void* pointer) {
  return reinterpret_cast<u64>(pointer) - reinterpret_cast<u64>(start) < bytes;
}

}  // namespace

CharDevices::CharDevices(const Parts& parts) : parts_(parts) {
  constexpr unsigned kMem = 1, kMisc = 10;
  regions_.push_back(Region{kMem, 0, kChrdevMinors, "mem", nullptr, nullptr});
  const bool wide = parts.kernel >= KernelVersion{6, 2, 0};
  regions_.push_back(
      Region{kMisc, 0, wide ? kMinorMask + 1 : kChrdevMinors, "misc", nullptr, nullptr});
  builtin_regions_ = regions_.size();
}

// --- regions ---

/// Dynamic majors go down from 254; newer kernels then use 511 to 384.
Result<unsigned> CharDevices::find_dynamic_major() const {
  const auto free = [this](unsigned major) {
    return std::none_of(regions_.begin(), regions_.end(),
                        [major](const Region& r) { return r.major == major; });
  };
  const bool extended = parts_.kernel >= KernelVersion{4, 14, 0};
  const unsigned last = extended ? kDynEnd : 1;
  for (unsigned major = kDynStart; major >= last; --major) {
    if (free(major)) return major;
  }
  for (unsigned major = kDynExtStart; extended && major >= kDynExtEnd; --major) {
    if (free(major)) return major;
  }
  return fail(EBUSY, "no dynamic major is free");
}

Result<void> CharDevices::check_region(unsigned major, unsigned first_minor, unsigned count,
                                       const char* name) const {
  if (major >= kMajorMax)
    return fail(EINVAL, fmt::format("major {} is beyond {}", major, kMajorMax - 1));
  if (first_minor > kMinorMask || count > kMinorMask + 1 - first_minor) {
    return fail(EINVAL, "the minors go beyond the last one");
  }
  for (const Region& r : regions_) {
    if (r.major != major || r.first_minor >= first_minor + count ||
        first_minor >= r.first_minor + r.count)
      continue;
    return fail(EBUSY, fmt::format("{} for {} overlaps {} of {}",
                                   numbers(mkdev(major, first_minor), count), driver_text(name),
                                   numbers(mkdev(r.major, r.first_minor), r.count), r.name));
  }
  return {};
}

Result<void> CharDevices::add_region(unsigned major, unsigned first_minor, unsigned count,
                                     const char* name, const void* caller) {
  if (parts_.probe.should_fail("chrdev_region")) return fail(ENOMEM, "made to fail");
  VMSIM_CHECK(check_region(major, first_minor, count, name));
  Region region{major, first_minor, count, driver_text(name).substr(0, kNameMax), caller, nullptr};
  const auto behind = std::find_if(regions_.begin(), regions_.end(), [&](const Region& r) {
    return r.major > major || (r.major == major && r.first_minor > first_minor);
  });
  regions_.insert(behind, std::move(region));
  return {};
}

Result<void> CharDevices::register_region(vmsim_dev_t first, unsigned count, const char* name,
                                          const void* caller) {
  const u64 end = u64{first} + count;
  for (u64 at = first; at < end;) {
    const u64 next = std::min(end, (at | kMinorMask) + 1);  // a range may go on in the next major
    const auto dev = static_cast<vmsim_dev_t>(at);
    auto added =
        add_region(major_of(dev), minor_of(dev), static_cast<unsigned>(next - at), name, caller);
    if (!added) {
      if (at != first) unregister_region(first, static_cast<unsigned>(at - first));
      return added;
    }
    at = next;
  }
  return {};
}

Result<vmsim_dev_t> CharDevices::alloc_region(unsigned first_minor, unsigned count,
                                              const char* name, const void* caller) {
  const unsigned major = VMSIM_TRY(find_dynamic_major());
  VMSIM_CHECK(add_region(major, first_minor, count, name, caller));
  return mkdev(major, first_minor);
}

void CharDevices::unregister_region(vmsim_dev_t first, unsigned count) {
  const u64 end = u64{first} + count;
  for (u64 at = first; at < end;) {
    const u64 next = std::min(end, (at | kMinorMask) + 1);
    const auto dev = static_cast<vmsim_dev_t>(at);
    const auto region = std::find_if(regions_.begin(), regions_.end(), [&](const Region& r) {
      return mkdev(r.major, r.first_minor) == dev && r.count == next - at;
    });
    if (region == regions_.end()) {
      parts_.probe.finding(
          "chrdev-not-registered",
          fmt::format("unregister of {}: no region has exactly this extent. Linux does nothing.",
                      numbers(dev, static_cast<unsigned>(next - at))));
    } else {
      regions_.erase(region);
    }
    at = next;
  }
}

const CharDevices::Region* CharDevices::region_of(vmsim_dev_t dev) const {
  for (const Region& r : regions_) {
    if (covers(mkdev(r.major, r.first_minor), r.count, dev)) return &r;
  }
  return nullptr;
}

Result<unsigned> CharDevices::register_chrdev(unsigned major, unsigned first_minor, unsigned count,
                                              const char* name, const ::file_operations* ops,
                                              const void* caller) {
  if (major == 0) major = VMSIM_TRY(find_dynamic_major());
  VMSIM_CHECK(add_region(major, first_minor, count, name, caller));
  ::cdev* const cdev = cdev_alloc();
  cdev->ops = ops;
  cdev->owner = ops ? ops->owner : nullptr;
  for (Region& r : regions_) {
    if (r.major == major && r.first_minor == first_minor) r.own_cdev = cdev;
  }
  VMSIM_CHECK(cdev_add(*cdev, mkdev(major, first_minor), count));
  return major;
}

Result<unsigned> CharDevices::register_chrdev(unsigned major, const char* name,
                                              const ::file_operations* ops, const void* caller) {
  const unsigned got = VMSIM_TRY(register_chrdev(major, 0, kChrdevMinors, name, ops, caller));
  return major == 0 ? got : 0u;
}

void CharDevices::unregister_chrdev(unsigned major, unsigned first_minor, unsigned count,
                                    const char* name) {
  static_cast<void>(name);  // Linux does not look at it either
  for (const Region& r : regions_) {
    if (r.major != major || r.first_minor != first_minor || r.count != count || !r.own_cdev)
      continue;
    cdev_del(r.own_cdev);
    break;
  }
  unregister_region(mkdev(major, first_minor), count);
}

// --- cdevs ---

void CharDevices::cdev_init(::cdev& cdev, const ::file_operations* ops) {
  cdev = {};
  cdev.list.next = cdev.list.prev = &cdev.list;
  cdev.kobj.refs.counter = 1;
  cdev.ops = ops;
}

::cdev* CharDevices::cdev_alloc() {
  if (parts_.probe.should_fail("cdev_alloc")) return nullptr;
  auto cdev = std::make_unique<::cdev>();
  cdev_init(*cdev, nullptr);
  ::cdev* const raw = cdev.get();
  own_.emplace(raw, std::move(cdev));
  return raw;
}

void CharDevices::cdev_put(::cdev* cdev) {
  const bool added =
      std::any_of(cdevs_.begin(), cdevs_.end(), [cdev](const Added& a) { return a.cdev == cdev; });
  if (!added) own_.erase(cdev);
}

Result<void> CharDevices::cdev_add(::cdev& cdev, vmsim_dev_t first, unsigned count) {
  for (const Added& added : cdevs_) {
    if (added.cdev != &cdev) continue;
    parts_.probe.finding(
        "cdev-added-twice",
        fmt::format(
            "cdev_add({}): this cdev answers for {} already. Linux overwrites its numbers and "
            "cdev_del() then removes only one of the two.",
            numbers(first, count), numbers(added.first, added.count)));
    return fail(EBUSY, "the cdev is added already");
  }
  if (parts_.probe.should_fail("cdev_add")) return fail(ENOMEM, "made to fail");
  cdev.dev = first;
  cdev.count = count;
  cdevs_.push_back(Added{&cdev, cdev.ops, cdev.owner, first, count, {}});
  make_nodes(cdevs_.back());
  return {};
}

void CharDevices::make_nodes(Added& added) {
  const Region* const region = region_of(added.first);
  if (!region || region->name.empty() || region->name.find_first_of("/ ") != std::string::npos)
    return;
  const unsigned first = minor_of(added.first), major = major_of(added.first);
  for (unsigned minor = first; minor < first + std::min(added.count, kNodesPerCdev); ++minor) {
    make_node(added, fmt::format("/dev/{}{}", region->name, minor), mkdev(major, minor));
    if (minor == region->first_minor) make_node(added, "/dev/" + region->name, mkdev(major, minor));
  }
}

void CharDevices::make_node(Added& added, const std::string& path, vmsim_dev_t dev) {
  auto node = parts_.nodes.add_node(path, kModeChar | 0600, dev, NodeOrigin::kAutomatic);
  if (!node) return;  // the driver has named its own
  (*node)->backend = this;
  (*node)->hold();  // so that the pointer stays unique until drop()
  added.nodes.push_back(*node);
}

void CharDevices::drop(std::vector<Added>::iterator added) {
  for (vfs::Inode* node : added->nodes) {
    parts_.nodes.remove_inode(node);
    node->put();
  }
  cdevs_.erase(added);
}

void CharDevices::cdev_del(::cdev* cdev) {
  const auto added =
      std::find_if(cdevs_.begin(), cdevs_.end(), [cdev](const Added& a) { return a.cdev == cdev; });
  if (added == cdevs_.end()) {
    if (own_.contains(cdev)) return cdev_put(cdev);  // allocated, never added: a plain put
    parts_.probe.finding("cdev-not-added",
                         "cdev_del() of a cdev that is not there: never added, or deleted before");
    return;
  }
  // An own one stays until the machine ends: an open file's inode may still name it.
  drop(added);
}

std::vector<CharDevices::Added>::const_iterator CharDevices::find_added(vmsim_dev_t dev) const {
  auto best = cdevs_.end();
  for (auto it = cdevs_.begin(); it != cdevs_.end(); ++it) {
    if (covers(it->first, it->count, dev) && (best == cdevs_.end() || it->count <= best->count))
      best = it;
  }
  return best;
}

::cdev* CharDevices::lookup(vmsim_dev_t dev) const {
  const auto added = find_added(dev);
  return added == cdevs_.end() ? nullptr : added->cdev;
}

void CharDevices::add_backend(vmsim_dev_t first, unsigned count, CharBackend* backend) {
  backends_.push_back(Backed{first, count, backend});
}

Result<vfs::Inode*> CharDevices::add_node(const std::string& path, vmsim_dev_t dev,
                                          vmsim_umode_t mode) {
  vfs::Inode* const node = VMSIM_TRY(
      parts_.nodes.add_node(path, static_cast<vmsim_umode_t>(kModeChar | (mode & 07777)), dev));
  node->backend = this;
  return node;
}

Result<const ::file_operations*> CharDevices::open(vfs::Inode& node, vfs::File& file) {
  const vmsim_dev_t dev = node.i_rdev;
  const auto added = find_added(dev);
  if (added == cdevs_.end()) {
    for (const Backed& backed : backends_) {
      if (covers(backed.first, backed.count, dev)) return backed.backend->open_char(node, file);
    }
    return fail(ENXIO, fmt::format("no driver answers for {}:{}", major_of(dev), minor_of(dev)));
  }
  // The cdev and its operations are the driver's memory, and may be gone.
  ::cdev cdev;
  ::file_operations ops;
  using sched::DriverCall;
  const bool sound = DriverCall::try_copy(&cdev, added->cdev, sizeof(cdev)) &&
                     cdev.dev == added->first && cdev.count == added->count &&
                     (!cdev.ops || DriverCall::try_copy(&ops, cdev.ops, sizeof(ops)));
  if (!sound) {
    parts_.probe.finding(
        "cdev-freed",
        fmt::format("{} has been overwritten or freed without cdev_del(); in Linux this open runs "
                    "whatever lies there now",
                    numbers(added->first, added->count)));
    return fail(ENXIO, "the cdev has been freed");
  }
  if (!cdev.ops) return fail(ENXIO, "the cdev has no operations");
  if (!parts_.modules.try_get(cdev.owner)) return fail(ENXIO, "the driver is being unloaded");
  file.held_modules[0] = cdev.owner;
  node.i_cdev = added->cdev;
  return cdev.ops;
}

// --- reports ---

std::string CharDevices::devices_text() const {
  std::string text = "Character devices:\n";
  for (const Region& r : regions_) text += fmt::format("{:3} {}\n", r.major, r.name);
  return text + "\nBlock devices:\n";
}

void CharDevices::module_gone(const GoneModule& gone) {
  for (std::size_t i = cdevs_.size(); i-- > 0;) {
    const Added& added = cdevs_[i];
    if (!gone.owns(added.cdev) && !gone.owns(added.ops) && !gone.owns(added.owner)) continue;
    // Differs: the cdev is removed with its module; Linux keeps it, and the next open crashes.
    parts_.probe.finding("chrdev-left-registered",
                         fmt::format("{} was unloaded without cdev_del() of {}", gone.name,
                                     numbers(added.first, added.count)));
    drop(cdevs_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = regions_.size(); i-- > 0;) {
    const Region& r = regions_[i];
    if (!gone.owns(r.caller)) continue;
    parts_.probe.finding(
        "chrdev-left-registered",
        fmt::format("{} was unloaded without unregistering the numbers {} ('{}')", gone.name,
                    numbers(mkdev(r.major, r.first_minor), r.count), r.name));
    regions_.erase(regions_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void CharDevices::memory_freed(const void* start, u64 bytes) {
  for (std::size_t i = cdevs_.size(); i-- > 0;) {
    const Added& added = cdevs_[i];
    if (!inside(start, bytes, added.cdev)) continue;
    parts_.probe.finding("cdev-freed-registered",
                         fmt::format("memory that holds the cdev of {} is freed before cdev_del()",
                                     numbers(added.first, added.count)));
    drop(cdevs_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace vmsim::kern
