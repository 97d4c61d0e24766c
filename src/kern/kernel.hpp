// SPDX-License-Identifier: MIT
// The kernel of one machine: every room's object, built in order and taken down in reverse.
// Counterpart: start_kernel(). No state of its own beyond them. Rooms below get their collaborators
// by reference; abi and the C++ face reach all of it through current_kernel() or their Machine.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/config.hpp"
#include "vmsim/device.hpp"
#include "vmsim/views.hpp"

#include "base/probe.hpp"
#include "kern/chrdev.hpp"
#include "kern/device_model.hpp"
#include "kern/devres.hpp"
#include "kern/driver_core.hpp"
#include "kern/eventfd.hpp"
#include "kern/file_calls.hpp"
#include "kern/hrtimer.hpp"
#include "kern/io_resources.hpp"
#include "kern/irq.hpp"
#include "kern/kthread.hpp"
#include "kern/leftovers.hpp"
#include "kern/lib/containers.hpp"
#include "kern/log.hpp"
#include "kern/memory.hpp"
#include "kern/misc.hpp"
#include "kern/module.hpp"
#include "kern/module_files.hpp"
#include "kern/nodes.hpp"
#include "kern/oops.hpp"
#include "kern/places.hpp"
#include "kern/platform.hpp"
#include "kern/proc.hpp"
#include "kern/seq_file.hpp"
#include "kern/sys_files.hpp"
#include "kern/user_copy.hpp"
#include "kern/workqueue.hpp"
#include "sched/driver_call.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

/// The functions that drivers import (abi's table).
struct KernelSymbols {
  ElfImage::Resolve resolve;
  std::string (*name_at)(u64 address);  ///< empty when the address is in none of them
};

class Kernel {
 public:
  static Result<std::unique_ptr<Kernel>> create(const MachineConfig& config, KernelSymbols symbols);
  /// Pre: every process has exited and every module is unloaded.
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // Called on a task inside the kernel.
  Result<void> add_device(PhysAddr start, u64 size_bytes, MmioDevice& device,
                          std::optional<unsigned> irq);
  Result<void> remove_device(MmioDevice& device);
  /// With its MMIO devices; what was added is taken back on failure.
  Result<void> add_platform_device(const PlatformDevice& device);
  /// By its full name, "meter" or "meter.0". ENODEV.
  Result<void> remove_platform_device(std::string_view name);
  Result<void> mknod(std::string_view path, unsigned major, unsigned minor);

  std::vector<std::string> node_paths() const;
  /// Everything but processes, which the machine knows.
  Ledger ledger() const;

  const mm::Rules& rules() const { return memory->env->rules; }

  /// Memory that drivers' objects live in is about to be freed: locks, timers, work and
  /// registrations inside are reported.
  void memory_freed(const void* start, u64 bytes);
  /// Work left for other tasks is finished or taken back; before the scheduler ends. Outside of the
  /// kernel.
  void stop_threads();

  const MachineConfig config;
  base::Probe probe;
  std::unique_ptr<sched::Scheduler> scheduler;
  std::unique_ptr<Log> log;
  LoadedModuleRefs module_refs;
  std::unique_ptr<NodeTable> nodes;
  std::unique_ptr<FileCalls> files;
  std::unique_ptr<Memory> memory;
  std::unique_ptr<UserCopy> user_copy;
  std::unique_ptr<CharDevices> char_devices;
  std::unique_ptr<SysFiles> sys_files;
  std::unique_ptr<Devres> devres;
  std::unique_ptr<DeviceModel> devices;
  std::unique_ptr<DriverCore> driver_core;
  std::unique_ptr<MiscDevices> misc_devices;
  std::unique_ptr<SeqFiles> seq_files;
  std::unique_ptr<ProcFs> proc;
  std::unique_ptr<IrqTable> irqs;
  std::unique_ptr<IoResources> io_resources;
  std::unique_ptr<Platform> platform;
  std::unique_ptr<EventFds> event_fds;
  std::unique_ptr<HrTimers> hr_timers;
  std::unique_ptr<Modules> modules;
  std::unique_ptr<ModuleFiles> module_files;
  std::unique_ptr<DriverPlaces> places;
  std::unique_ptr<OopsReporter> oops;
  std::unique_ptr<WorkQueues> work_queues;
  std::unique_ptr<Tasklets> tasklets;
  std::unique_ptr<Kthreads> kthreads;
  std::unique_ptr<Leftovers> leftovers;
  std::unique_ptr<Containers> containers;

 private:
  explicit Kernel(const MachineConfig& machine_config);
  Result<void> build(KernelSymbols symbols);
  Result<void> build_drivers_side();
  void build_loader(KernelSymbols symbols);
  void make_proc_files();

  /// Plugged platform devices with what answers for their registers, by the name that was given.
  std::map<std::string, std::vector<MmioDevice*>, std::less<>> plugged_;
};

/// The kernel that the current task is in. Pre: a KernelEntry lives on this host thread.
Kernel& current();

}  // namespace vmsim::kern
