// SPDX-License-Identifier: MIT
// The collaborators that a Machine lends to its address spaces, and the frames that page tables come from.
// No Linux counterpart: the kernel's globals (mem_map, zones, cpu state), made explicit.
#pragma once

#include "base/probe.hpp"
#include "mm/memtype.hpp"
#include "mm/rules.hpp"
#include "mmu/access.hpp"
#include "mmu/page_table.hpp"
#include "mmu/tlb.hpp"
#include "phys/bus.hpp"
#include "phys/mem_map.hpp"
#include "phys/ram.hpp"
#include "phys/zone.hpp"
#include "sched/scheduler.hpp"
#include "vfs/file.hpp"
#include "vmsim/config.hpp"

namespace vmsim::mm {

class Mm;

/// Page-table pages from the kernel's zones.
class ZoneTableFrames final : public mmu::TableFrames {
 public:
  explicit ZoneTableFrames(phys::Zones& zones) : zones_(zones) {}
  std::optional<Pfn> alloc_table() override;
  void free_table(Pfn pfn) override;

 private:
  phys::Zones& zones_;
};

struct Env {
  phys::Ram& ram;
  phys::MemMap& mem_map;
  phys::Zones& zones;
  phys::Bus& bus;
  mmu::TlbGroup& tlbs;
  mmu::AsidAllocator& asids;
  mmu::FormatKind format;
  sched::Scheduler& scheduler;
  base::Probe& probe;
  vfs::FileCalls& file_calls;
  const MachineConfig& config;
  Rules rules;
  ZoneTableFrames tables;
  MemTypes memtypes;
  ::page* zero_page = nullptr;  ///< the one page that untouched anonymous memory shows

  Pfn zero_pfn() const { return mem_map.pfn(zero_page); }
  /// User space ends here.
  u64 task_size() const { return rules.x86_32 ? 0xC0000000 : 0x7ffffffff000; }
};

}  // namespace vmsim::mm
