// SPDX-License-Identifier: MIT
// A small machine's memory for tests: layout, RAM, mem_map and zones. Validates the zones when it
// ends. Tests only.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "phys/zone.hpp"

namespace vmsim::phys {

inline constexpr u64 kMiB = u64{1} << 20;
inline constexpr u64 kGiB = u64{1} << 30;
inline constexpr vmsim_gfp_t kKernel = VMSIM_GFP_KERNEL;

struct Box {
  explicit Box(u64 ram_bytes, Platform platform = Platform::kX86_64,
               ZonesConfig config = no_reserve()) {
    LayoutConfig layout_config;
    layout_config.platform = platform;
    layout_config.ram_bytes = ram_bytes;
    config.platform = platform;
    const auto layout = default_layout(layout_config);
    ram = std::move(*Ram::create({ram_end(*layout).value, nullptr, 0}));
    map = std::move(*MemMap::create(*layout));
    zones = std::move(*Zones::create(*ram, *map, probe, config));
  }

  ~Box() { zones->validate(); }

  static ZonesConfig no_reserve() {
    ZonesConfig config;
    config.min_free_pages = 0;
    return config;
  }

  static ZonesConfig kernel_reserve() { return {}; }

  Pfn pfn(const Page* page) const { return map->pfn(page); }

  ZoneKind zone_of(const Page* page) const { return zones->zone_of(map->pfn(page)); }

  bool is_zero(const Page* page, unsigned order = 0) const {
    const std::byte* bytes = ram->host(map->pfn(page));
    return std::all_of(bytes, bytes + (kPageSize << order),
                       [](std::byte b) { return b == std::byte{0}; });
  }

  void scribble(const Page* page, unsigned order = 0) const {
    std::memset(ram->host(map->pfn(page)), 0xa5, kPageSize << order);
  }

  std::vector<std::string> rules() const {
    std::vector<std::string> names;
    for (const Finding& finding : probe.findings()) names.push_back(finding.rule);
    return names;
  }

  base::Probe probe;
  std::unique_ptr<Ram> ram;
  std::unique_ptr<MemMap> map;
  std::unique_ptr<Zones> zones;
};

using Rules = std::vector<std::string>;

}  // namespace vmsim::phys
