// SPDX-License-Identifier: MIT
// What stands behind a Machine: its kernel and its programs. Private to the C++ face (machine.cpp, process*.cpp).
// Counterpart: the process table.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "abi/driver_door.hpp"
#include "kern/kernel.hpp"
#include "process_state.hpp"
#include "vmsim/machine.hpp"

namespace vmsim {

/// A process about to be: with a body it gets a task of its own.
struct NewProcess {
  std::string name;
  std::shared_ptr<SharedMm> memory;
  std::shared_ptr<vfs::FdTable> files;
  sched::Task* parent = nullptr;
  sched::Task* leader = nullptr;  ///< of the thread group it joins
  std::function<int(Process&)> body;
};

struct Machine::State {
  Machine* machine = nullptr;
  std::unique_ptr<kern::Kernel> kernel;
  std::unique_ptr<abi::DriverDoor> door;
  std::vector<std::unique_ptr<Process>> processes;
  std::unique_ptr<Process> system;  ///< "swapper": runs insmod, timers and views

  Process& adopt(NewProcess fresh);
  Result<Process*> create(std::string name, ProgramLayout layout, std::function<int(Process&)> body);
  void shut_down();
};

/// Lays out a program as execve() does: text, data, bss, heap, stack.
Result<void> lay_out_program(kern::Kernel& kernel, mm::Mm& mm, const std::string& name);

}  // namespace vmsim
