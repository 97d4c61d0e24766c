// SPDX-License-Identifier: MIT
// /sys/module/NAME: parameters that programs read and write, reference count, state and version.
// Counterpart: kernel/params.c (sysfs part), kernel/module/sysfs.c. Leaves out sections, notes,
// holders and the kernel's own parameters. Called by Modules through ModuleEvents.
#pragma once

#include <string>

#include "vmsim/config.hpp"

#include "kern/module.hpp"
#include "kern/sys_files.hpp"

namespace vmsim::kern {

/// A parameter appears with the permission bits that its driver gave, unless these are 0.
class ModuleFiles final : public ModuleEvents {
 public:
  ModuleFiles(Modules& modules, SysFiles& sysfs, const KernelVersion& kernel)
      : modules_(modules), sysfs_(sysfs), kernel_(kernel) {}

  void on_coming(Module& module) override;
  void on_gone(Module& module) override;

 private:
  void add_parameters(Module& module, const std::string& folder);

  Modules& modules_;
  SysFiles& sysfs_;
  KernelVersion kernel_;
};

}  // namespace vmsim::kern
