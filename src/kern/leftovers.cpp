// SPDX-License-Identifier: MIT
// What a module left behind; see leftovers.hpp.
#include "kern/leftovers.hpp"

#include "sched/kernel_entry.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

void Leftovers::on_gone(Module& module) {
  GoneModule what;
  what.module = &module;
  what.name = std::string(module.module_name());
  what.contains = [&module](const void* pointer) { return module.contains(pointer); };
  gone(what);
  // What is still armed or held in the module's own data: nobody will be able to look at it again.
  if (sched::in_kernel()) {
    const void* const data = reinterpret_cast<const void*>(module.image().base());
    sched::current_scheduler().memory_freed(data, module.image().size_bytes());
    if (tables_.hr_timers) tables_.hr_timers->memory_freed(data, module.image().size_bytes());
  }
}

void Leftovers::gone(const GoneModule& gone) {
  // Devices stop asking first, then doors are closed, then what runs later is taken back.
  tables_.irqs.module_gone(gone);
  if (tables_.driver_core) tables_.driver_core->module_gone(gone);
  if (tables_.platform) tables_.platform->module_gone(gone);
  if (tables_.sys_files) tables_.sys_files->module_gone(gone);
  tables_.proc.module_gone(gone);
  tables_.files.module_gone(gone);
  tables_.misc.module_gone(gone);
  tables_.devices.module_gone(gone);
  tables_.chrdevs.module_gone(gone);
  tables_.tasklets.module_gone(gone);
  tables_.workqueues.module_gone(gone);
  tables_.kthreads.module_gone(gone);
  tables_.resources.module_gone(gone);
}

void Leftovers::memory_freed(const void* start, u64 bytes) {
  tables_.chrdevs.memory_freed(start, bytes);
  tables_.misc.memory_freed(start, bytes);
  tables_.workqueues.memory_freed(start, bytes);
  tables_.tasklets.memory_freed(start, bytes);
  tables_.resources.memory_freed(start, bytes);
  if (tables_.hr_timers) tables_.hr_timers->memory_freed(start, bytes);
}

}  // namespace vmsim::kern
