// SPDX-License-Identifier: MIT
// The smallest machine on which a memory operation can be timed: memory rooms, one task, one address space.
// Junk-fill and deep validation are off, and said so in ratios.json. For benchmarks only.
#pragma once

#include <memory>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "kern/memory.hpp"
#include "mm/mm.hpp"
#include "mm/pfnmap.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::bench {

class NoFiles final : public vfs::FileCalls {
 public:
  void release(::inode* node, ::file*) override { mm::release_object(*vfs::Inode::of(node)); }
  int flush(::file*) override { return 0; }
};

/// One CPU, `ram_bytes` of RAM, one program. The task is inside the kernel as long as an Inside lives.
class BenchMachine {
 public:
  explicit BenchMachine(u64 ram_bytes = u64{2} << 30) {
    config.ram_bytes = ram_bytes;
    config.junk_fill = false;
    config.max_map_count = 1u << 30;
    scheduler = std::make_unique<sched::Scheduler>(sched::SchedConfig{}, probe);
    auto built = kern::Memory::create(config, *scheduler, probe, files);
    VMSIM_ASSERT(built.has_value(), "the benchmark's machine could not be built");
    memory = std::move(*built);
    task = &scheduler->create_task("bench");
    mm = new_mm();
    task->mm = mm.get();
  }
  ~BenchMachine() {
    {
      sched::KernelEntry inside(*scheduler, *task, this);
      mm->exit_mmap();
    }
    mm.reset();
  }

  std::unique_ptr<mm::Mm> new_mm() {
    auto fresh = mm::Mm::create(*memory->env);
    VMSIM_ASSERT(fresh.has_value(), "no frame for the root table");
    return std::move(*fresh);
  }

  u64 map_anonymous(u64 bytes, u64 addr = 0) {
    mm::MmapRequest request;
    request.addr = addr;
    request.len = bytes;
    request.prot = mm::prot::kRead | mm::prot::kWrite;
    request.flags = mm::map::kPrivate | mm::map::kAnonymous | (addr ? mm::map::kFixed : 0);
    return mm->mmap(request).value();
  }

  MachineConfig config;
  base::Probe probe;
  NoFiles files;
  std::unique_ptr<sched::Scheduler> scheduler;
  std::unique_ptr<kern::Memory> memory;
  sched::Task* task = nullptr;
  std::unique_ptr<mm::Mm> mm;
};

/// Faults of the program's own accesses, as Process has them: the kernel is entered for each.
class EnteringFaults final : public mmu::FaultHandler {
 public:
  explicit EnteringFaults(BenchMachine& machine) : machine_(machine) {}
  mmu::FaultReply handle_fault(VirtAddr addr, mmu::AccessKind kind) override {
    sched::KernelEntry inside(*machine_.scheduler, *machine_.task, &machine_);
    return machine_.mm->handle_fault(addr, kind);
  }

 private:
  BenchMachine& machine_;
};

}  // namespace vmsim::bench
