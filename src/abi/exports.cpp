// SPDX-License-Identifier: MIT
// Gathers the tables of all files and finds names in them; see exports.hpp.
#include "abi/exports.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace vmsim::abi {

std::span<const std::span<const Export>> export_tables() {
  static const std::array tables{
      bug_exports(),        highmem_exports(),  io_exports(),      ioport_exports(),
      mm_exports(),         mm_areas_exports(), page_exports(),    page_alloc_exports(),
      pgtable_exports(),    slab_exports(),     uaccess_exports(), user_pages_exports(),
      vmalloc_exports(),    chrdev_exports(),   device_exports(),  devres_exports(),
      file_exports(),       lock_exports(),     module_exports(),  print_exports(),
      proc_exports(),       sched_exports(),    string_exports(),  string_copy_exports(),
      time_exports(),       wait_exports(),     work_exports(),    driver_exports(),
      platform_exports(),   hrtimer_exports(),  eventfd_exports(), idr_exports(),
      containers_exports(), xarray_exports(),   kfifo_exports(),   mempool_exports(),
  };
  return tables;
}

const void* find_export(std::string_view name, unsigned version) {
  static const auto by_name = [] {
    std::unordered_multimap<std::string_view, const Export*> map;
    for (const auto& table : export_tables())
      for (const Export& entry : table) map.emplace(entry.name, &entry);
    return map;
  }();
  const auto [first, last] = by_name.equal_range(name);
  for (auto it = first; it != last; ++it)
    if (it->second->in(version)) return it->second->address;
  return nullptr;
}

std::string export_at(u64 address) {
  // Functions of this room are short; what is farther away belongs to somebody else.
  constexpr u64 kFunctionBytesMax = 1024;
  static const auto by_address = [] {
    std::vector<std::pair<u64, const char*>> list;
    for (const auto& table : export_tables())
      for (const Export& entry : table)
        list.emplace_back(reinterpret_cast<u64>(entry.address), entry.name);
    std::sort(list.begin(), list.end());
    return list;
  }();
  auto after = std::upper_bound(by_address.begin(), by_address.end(), address,
                                [](u64 value, const auto& entry) { return value < entry.first; });
  if (after == by_address.begin()) return {};
  const auto& [start, name] = *--after;
  return address - start < kFunctionBytesMax ? name : "";
}

}  // namespace vmsim::abi
