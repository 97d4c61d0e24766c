// SPDX-License-Identifier: MIT
// What stands behind a Process: a task, a share of an address space, a share of a descriptor table.
// Counterpart: the parts of task_struct that exit takes down. Private to the C++ face (machine.cpp,
// process*.cpp).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vmsim/machine.hpp"
#include "vmsim/process.hpp"

#include "kern/kernel.hpp"
#include "mm/mm.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim {

/// Shared by the threads of a program; the last one to exit takes it down.
struct SharedMm {
  std::unique_ptr<mm::Mm> mm;
};

/// Faults of the program's own instructions: enters the kernel and asks the mm.
class UserFaults final : public mmu::FaultHandler {
 public:
  explicit UserFaults(Process::State& state) : state_(state) {}

  mmu::FaultReply handle_fault(VirtAddr addr, mmu::AccessKind kind) override;
  void device_accessed() override;
  std::string handler_name(VirtAddr addr) override;
  std::string handler_place(VirtAddr addr) override;

 private:
  Process::State& state_;
};

struct Process::State {
  Machine* machine = nullptr;
  kern::Kernel* kernel = nullptr;
  sched::Task* task = nullptr;
  std::string name;
  int pid = 0;
  std::shared_ptr<SharedMm> memory;
  std::shared_ptr<vfs::FdTable> files;
  UserFaults user_faults{*this};
  bool died = false;  ///< a driver oopsed in one of its calls
  bool immortal = false;
  bool exited = false;
  int exit_status = 0;

  mm::Mm& mm() const { return *memory->mm; }

  /// The address space as the program's own instructions see it.
  mmu::Space user_space() {
    mmu::Space space = mm().space();
    space.faults = &user_faults;
    return space;
  }
};

/// One system call: the kernel is entered for the caller's task, and a task that died in it is
/// taken down on the way out.
class SystemCall {
 public:
  explicit SystemCall(Process::State& state)
      : entry_(*state.kernel->scheduler, *state.task, state.kernel),
        sink_(state.kernel->oops.get()) {}

 private:
  sched::KernelEntry entry_;
  sched::OopsSinkScope sink_;
};

/// do_exit(): areas, then descriptors. The caller has entered no kernel.
void exit_process(Process::State& state, int status);
/// Ends a process whose driver oopsed under it.
void reap_if_dead(Process::State& state);

inline Failure no_such_process() {
  return fail(mm::err::kSrch, "the process has ended");
}

/// Marks the task as dead, and returns what the caller of the call gets.
Failure killed_by_oops(Process::State& state);

/// Runs `call` as a system call of the process: refuses if it has ended, ends it if a driver died
/// in the call.
template <class F>
auto in_system_call(Process::State& state, F&& call) -> decltype(call()) {
  if (state.exited) return no_such_process();
  auto result = [&] {
    SystemCall scope(state);
    return call();
  }();
  if (!result && result.error().errno_value >= sched::kErrOops) [[unlikely]]
    result = killed_by_oops(state);
  reap_if_dead(state);
  return result;
}

}  // namespace vmsim
