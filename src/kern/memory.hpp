// SPDX-License-Identifier: MIT
// The machine's hardware and memory rooms, built in order from a MachineConfig: RAM, bus, page allocator, TLBs, and the
// kernel's windows over them. Counterpart: start_kernel() up to mem_init(). Owned by Kernel; core rooms only.
#pragma once

#include <memory>
#include <vector>

#include "base/probe.hpp"
#include "kern/ioremap.hpp"
#include "kern/kernel_memory.hpp"
#include "kern/kmap.hpp"
#include "kern/slab.hpp"
#include "kern/vmalloc.hpp"
#include "mm/env.hpp"
#include "mmu/access.hpp"
#include "mmu/tlb.hpp"
#include "phys/bus.hpp"
#include "phys/layout.hpp"
#include "phys/mem_map.hpp"
#include "phys/ram.hpp"
#include "phys/zone.hpp"
#include "sched/scheduler.hpp"
#include "vmsim/config.hpp"

namespace vmsim::kern {

/// Members are declared in the order in which they are built and torn down.
struct Memory {
  /// `config`, `scheduler`, `probe` and `files` outlive it. Errors name what the host or the configuration refused.
  static Result<std::unique_ptr<Memory>> create(const MachineConfig& config, sched::Scheduler& scheduler,
                                                base::Probe& probe, vfs::FileCalls& files);
  ~Memory();

  std::unique_ptr<phys::Ram> ram;
  std::unique_ptr<phys::Bus> bus;
  std::unique_ptr<phys::MemMap> mem_map;
  std::unique_ptr<phys::Zones> zones;
  std::unique_ptr<mmu::TlbGroup> tlbs;
  std::unique_ptr<mmu::AsidAllocator> asids;
  std::unique_ptr<mmu::Accessor> accessor;
  std::unique_ptr<mm::Env> env;
  std::unique_ptr<Slab> slab;
  std::unique_ptr<Vmalloc> vmalloc;
  std::unique_ptr<KmapPool> kmap;
  std::unique_ptr<IoremapTable> ioremap;
  std::unique_ptr<KernelMemory> addresses;

 private:
  Result<void> build_hardware(const MachineConfig& config, base::Probe& probe);
  Result<void> build_windows(const MachineConfig& config, sched::Scheduler& scheduler, base::Probe& probe);
};

}  // namespace vmsim::kern
