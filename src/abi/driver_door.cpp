// SPDX-License-Identifier: MIT
// Callbacks of drivers that the scheduler runs; see driver_door.hpp.
#include "abi/driver_door.hpp"

#include "abi/wait.hpp"
#include "base/assert.hpp"
#include "kern/leftovers.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/wait.hpp"

namespace vmsim::abi {

using sched::DriverCall;

DriverDoor::DriverDoor(kern::Kernel& kernel)
    : random(kernel.config.seed ^ 0x72616e646f6d),
      debugfs(std::make_unique<kern::DebugFs>(*kernel.nodes, *kernel.user_copy, kernel.probe)),
      fasync(std::make_unique<kern::Fasync>(*kernel.scheduler, kernel.probe)),
      threaded_irqs(
          std::make_unique<kern::ThreadedIrqs>(*kernel.irqs, *kernel.work_queues, kernel.probe)),
      kernel_(kernel) {
  big_kernel_lock.name = "kernel_lock";
  kernel_.modules->add_events(this);
  kernel_.scheduler->set_driver_door(this);
}

DriverDoor::~DriverDoor() {
  kernel_.scheduler->set_driver_door(nullptr);
  kernel_.modules->remove_events(this);
}

DriverDoor& door() {
  auto* const own = dynamic_cast<DriverDoor*>(&sched::current_scheduler().driver_door());
  VMSIM_ASSERT(own != nullptr, "the machine has made no abi::DriverDoor for its kernel");
  return *own;
}

void DriverDoor::call_timer(::timer_list& timer) {
  const sched::OopsSinkScope sink(kernel_.oops.get());
  // An oops in a timer is reported, and ends the timer: the task that it ran on has no part in it.
  if ((timer.flags & VMSIM_TIMER_DATA) != 0) {
    using OldFunction = void (*)(unsigned long);
    const auto function = reinterpret_cast<OldFunction>(reinterpret_cast<void*>(timer.function));
    static_cast<void>(DriverCall::call(function, timer.data));
  } else {
    static_cast<void>(DriverCall::call(timer.function, &timer));
  }
}

void DriverDoor::call_rcu(::rcu_head& head, void (*func)(::rcu_head*)) {
  const sched::OopsSinkScope sink(kernel_.oops.get());
  static_cast<void>(DriverCall::call(func, &head));
}

int DriverDoor::call_wake(::wait_queue_entry& entry, unsigned mode, int flags, void* key) {
  // A driver names these by their exports, which are not the core's functions.
  if (entry.func == &autoremove_wake_function)
    return sched::autoremove_wake_function(&entry, mode, flags, key);
  if (entry.func == &default_wake_function)
    return sched::default_wake_function(&entry, mode, flags, key);
  const sched::OopsSinkScope sink(kernel_.oops.get());
  return DriverCall::call(entry.func, &entry, mode, flags, key).value_or(0);
}

void DriverDoor::on_gone(kern::Module& module) {
  const kern::GoneModule gone{&module, std::string(module.module_name()),
                              [&module](const void* address) { return module.contains(address); }};
  kernel_.devres->module_gone(gone);
  debugfs->module_gone(gone);
  threaded_irqs->module_gone(gone);
}

}  // namespace vmsim::abi
