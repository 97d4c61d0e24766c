// SPDX-License-Identifier: MIT
// Looks, when a module has gone, for everything that still points into it. Counterpart: none; Linux
// crashes at the next use. Called by Modules through ModuleEvents; each table reports and removes
// its own.
#pragma once

#include "kern/chrdev.hpp"
#include "kern/device_model.hpp"
#include "kern/driver_core.hpp"
#include "kern/file_calls.hpp"
#include "kern/hrtimer.hpp"
#include "kern/io_resources.hpp"
#include "kern/irq.hpp"
#include "kern/kthread.hpp"
#include "kern/misc.hpp"
#include "kern/module.hpp"
#include "kern/platform.hpp"
#include "kern/proc.hpp"
#include "kern/workqueue.hpp"

namespace vmsim::kern {

/// References through the loader.
class LoadedModuleRefs final : public ModuleRefs {
 public:
  /// The table of modules is made after those that hold references.
  void set_modules(Modules* modules) { modules_ = modules; }

  bool try_get(::module* module) override { return Modules::try_get(module); }

  void put(::module* module) override {
    if (modules_ && module) modules_->put(module);
  }

 private:
  Modules* modules_ = nullptr;
};

class Leftovers final : public ModuleEvents {
 public:
  struct Tables {
    FileCalls& files;
    CharDevices& chrdevs;
    MiscDevices& misc;
    DeviceModel& devices;
    ProcFs& proc;
    IrqTable& irqs;
    WorkQueues& workqueues;
    Tasklets& tasklets;
    Kthreads& kthreads;
    IoResources& resources;
    DriverCore* driver_core = nullptr;  ///< these may be absent in tests
    Platform* platform = nullptr;
    HrTimers* hr_timers = nullptr;
    SysFiles* sys_files = nullptr;
  };

  explicit Leftovers(const Tables& tables) : tables_(tables) {}

  void on_gone(Module& module) override;
  void gone(const GoneModule& gone);
  /// Before the kernel's allocator takes memory back.
  void memory_freed(const void* start, u64 bytes);

 private:
  Tables tables_;
};

}  // namespace vmsim::kern
