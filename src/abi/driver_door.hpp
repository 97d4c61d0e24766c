// SPDX-License-Identifier: MIT
// The way back from the scheduler into drivers (timers, RCU callbacks, wake functions), and the few
// things of one machine that only exported functions use. Counterpart: call_timer_fn(),
// rcu_do_batch(), wait_queue_entry::func. Made by the machine after its kernel, gone before it;
// found by this room through the scheduler.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "kern/debugfs.hpp"
#include "kern/fasync.hpp"
#include "kern/kernel.hpp"
#include "kern/threaded_irq.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::abi {

/// The budget of printk_ratelimit(): so many lines in so much simulated time.
struct RateLimit {
  static constexpr unsigned kBurst = 10;
  static constexpr u64 kIntervalNs = 5 * sched::kNsPerSecond;

  u64 begin_ns = 0;
  unsigned printed = 0;
  unsigned missed = 0;
};

/// Installs itself at construction. Threads: the holder of the CPU.
class DriverDoor final : public sched::DriverDoor, public kern::ModuleEvents {
 public:
  explicit DriverDoor(kern::Kernel& kernel);
  /// Pre: every module is unloaded.
  ~DriverDoor() override;
  DriverDoor(const DriverDoor&) = delete;
  DriverDoor& operator=(const DriverDoor&) = delete;

  void call_timer(::timer_list& timer) override;
  void call_rcu(::rcu_head& head, void (*func)(::rcu_head*)) override;
  int call_wake(::wait_queue_entry& entry, unsigned mode, int flags, void* key) override;

  void on_gone(kern::Module& module) override;

  /// A name of class_simple_device_add(), which is found again by its number alone.
  struct SimpleDevice {
    const struct class_* cls;
    vmsim_dev_t devt;
  };

  RateLimit log_rate;
  sched::Rng random;
  ::mutex big_kernel_lock{};
  int big_kernel_lock_depth = 0;
  std::map<const ::inode*, ::mutex> inode_locks;
  std::vector<SimpleDevice> simple_devices;
  std::unique_ptr<kern::DebugFs> debugfs;
  std::unique_ptr<kern::Fasync> fasync;
  std::unique_ptr<kern::ThreadedIrqs> threaded_irqs;

 private:
  kern::Kernel& kernel_;
};

/// That of the current kernel. Pre: the machine has one.
DriverDoor& door();

}  // namespace vmsim::abi
