// SPDX-License-Identifier: MIT
// A machine's memory without the machine: RAM, zones, bus and scheduler, and everything of kern
// that hands out addresses. One fixture per profile: x86-64 with 64 MiB, and x86-32 with 1 GiB, of
// which 128 MiB are high memory. For tests of the room kern only.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/probe.hpp"
#include "kern/kernel_memory.hpp"
#include "phys/bus.hpp"
#include "phys/zone.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

struct KmemOptions {
  phys::Platform platform = phys::Platform::kX86_64;
  u64 ram_bytes = u64{64} << 20;
  bool poison = true;
  unsigned kmap_slots = 8;
  KmapMode kmap_mode = KmapMode::kStrict;
};

/// Fails requests at one named site.
class SiteOracle final : public base::FailOracle {
 public:
  explicit SiteOracle(std::string site) : site_(std::move(site)) {}

  bool should_fail(const char* site) override { return site_ == site; }

 private:
  std::string site_;
};

struct Kmem {
  explicit Kmem(const KmemOptions& options = {}) {
    const bool x86_32 = options.platform == phys::Platform::kX86_32;
    phys::LayoutConfig map;
    map.platform = options.platform;
    map.ram_bytes = options.ram_bytes;
    std::vector<phys::Region> regions = must(phys::default_layout(map));
    phys::RamConfig config;
    config.size_bytes = phys::ram_end(regions).value;
    if (x86_32) {
      config.direct_map_limit_bytes = std::min(phys::kLowMemoryEnd.value, config.size_bytes);
      config.wanted_base = reinterpret_cast<void*>(0xc0000000);
    }
    ram = must(phys::Ram::create(config));
    mem_map = must(phys::MemMap::create(regions));
    phys::ZonesConfig zones_config;
    zones_config.platform = options.platform;
    zones = must(phys::Zones::create(*ram, *mem_map, probe, zones_config));
    bus = must(phys::Bus::create(*ram, probe, regions, phys::physical_bits(options.platform)));
    scheduler = must(sched::Scheduler::create({}, probe));
    layout = x86_32 ? KernelLayout::x86_32(ram->direct_map_bytes()) : KernelLayout::x86_64();
    frames_at_boot = zones->allocated_pages();
    SlabConfig slab_config;
    slab_config.page_offset = layout.page_offset;
    slab_config.poison = options.poison;
    slab = must(Slab::create(*zones, *scheduler, probe, slab_config));
    vmalloc = must(Vmalloc::create(*zones, *scheduler, probe, layout.vmalloc));
    KmapConfig kmap_config;
    kmap_config.window = layout.kmap;
    kmap_config.slots = options.kmap_slots;
    kmap_config.mode = options.kmap_mode;
    kmap = must(KmapPool::create(*ram, *mem_map, *scheduler, probe, kmap_config));
    ioremap = must(IoremapTable::create(*bus, *mem_map, *scheduler, probe, layout.ioremap));
    memory = std::make_unique<KernelMemory>(
        KernelMemory::Parts{*ram, *mem_map, *slab, *vmalloc, *kmap, *ioremap, probe},
        layout.page_offset);
  }

  /// Rules of all findings so far, in order, joined by spaces; and forgets them.
  std::string findings() {
    std::string rules;
    for (const Finding& finding : probe.findings()) {
      last_text = finding.text;
      for (u64 i = 0; i < finding.count; ++i) rules += (rules.empty() ? "" : " ") + finding.rule;
    }
    probe.clear_findings();
    return rules;
  }

  u64 frames_used() const { return zones->allocated_pages() - frames_at_boot; }

  phys::Page* high_page() { return zones->alloc_page(VMSIM_GFP_HIGHUSER); }

  base::Probe probe;
  std::unique_ptr<phys::Ram> ram;
  std::unique_ptr<phys::MemMap> mem_map;
  std::unique_ptr<phys::Zones> zones;
  std::unique_ptr<phys::Bus> bus;
  std::unique_ptr<sched::Scheduler> scheduler;
  KernelLayout layout;
  std::unique_ptr<Slab> slab;
  std::unique_ptr<Vmalloc> vmalloc;
  std::unique_ptr<KmapPool> kmap;
  std::unique_ptr<IoremapTable> ioremap;
  std::unique_ptr<KernelMemory> memory;
  u64 frames_at_boot = 0;
  std::string last_text;
};

inline KmemOptions x86_32_options() {
  KmemOptions options;
  options.platform = phys::Platform::kX86_32;
  options.ram_bytes = u64{1} << 30;
  return options;
}

/// Stores one byte, as a driver would.
inline void poke(void* at, unsigned value) {
  *static_cast<volatile unsigned char*>(at) = static_cast<unsigned char>(value);
}

inline unsigned peek(const void* at) {
  return *static_cast<const volatile unsigned char*>(at);
}

}  // namespace vmsim::kern
