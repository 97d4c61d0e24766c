// SPDX-License-Identifier: MIT
// Interrupt lines and their handlers. Counterpart: kernel/irq/{manage,handle,spurious}.c behind an
// edge-triggered controller. Leaves out affinity, chips, MSI and threaded handlers. Lines are
// raised by devices from any thread; handlers run when the kernel is left (sched), in atomic
// context; the rest is called by abi on a task in the kernel.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "vmsim/device.hpp"

#include "base/probe.hpp"
#include "kern/log.hpp"
#include "kern/nodes.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

/// A handler as the core calls it: until 2.6.18 drivers declare a third argument, later ones ignore
/// it. Returns IRQ_NONE 0, IRQ_HANDLED 1.
using IrqHandler = int (*)(int irq, void* dev_id, void* registers);

class IrqTable {
 public:
  struct Parts {
    sched::Scheduler& scheduler;
    base::Probe& probe;
    Log& log;
    KernelVersion kernel;
  };

  explicit IrqTable(const Parts& parts, unsigned lines = 256);
  ~IrqTable();
  IrqTable(const IrqTable&) = delete;
  IrqTable& operator=(const IrqTable&) = delete;

  /// EINVAL (no such line, no handler, shared without dev_id), EBUSY (taken, and not shared by both
  /// sides).
  Result<void> request_irq(unsigned irq, IrqHandler handler, unsigned long flags, const char* name,
                           void* dev_id);
  /// The name that was given, nullptr and Finding "free-irq-not-requested" if there is no such
  /// handler.
  const void* free_irq(unsigned irq, void* dev_id);
  /// Nests. A line that is raised meanwhile runs its handlers once it is enabled again.
  void disable_irq(unsigned irq);
  /// Finding "irq-enable-unbalanced" if it was not disabled.
  void enable_irq(unsigned irq);
  /// Waits for running handlers: there are none while a task runs, so this only checks that the
  /// task may sleep.
  void synchronize_irq(unsigned irq);

  /// The line for a device. Pre: irq < lines().
  IrqLine& line(unsigned irq);

  unsigned lines() const { return static_cast<unsigned>(lines_.size()); }

  bool running_handler() const { return in_handler_; }

  /// /proc/interrupts.
  std::string interrupts_text() const;
  u64 raised(unsigned irq) const;
  /// Interrupts that no handler claimed, or that came to a line without one.
  u64 unhandled(unsigned irq) const;
  std::size_t handlers() const;

  /// Finding "irq-left-requested" for each handler of the module; they are removed.
  void module_gone(const GoneModule& gone);

 private:
  struct Action {
    IrqHandler handler;
    unsigned long flags;
    const char* name;  ///< the driver's pointer, as free_irq() returns it
    std::string shown;
    void* dev_id;
  };

  struct Line final : public IrqLine {
    void raise() override;

    unsigned number() const override { return irq; }

    IrqTable* table = nullptr;
    unsigned irq = 0;
    std::atomic<u32> pending{0};
    std::vector<Action> actions;
    unsigned disabled = 0;  ///< depth
    u64 count = 0;
    u64 unhandled = 0;
    unsigned window = 0;            ///< interrupts in the current batch of 100,000
    unsigned window_unhandled = 0;  ///< of these, unclaimed
  };

  static void deliver(void* table);
  void deliver_pending();
  void run_handlers(Line& line);
  void note_unhandled(Line& line);
  bool is_shared(unsigned long flags) const;

  Line* find(unsigned irq) { return irq < lines_.size() ? lines_[irq].get() : nullptr; }

  Parts parts_;
  std::vector<std::unique_ptr<Line>> lines_;
  bool in_handler_ = false;
};

}  // namespace vmsim::kern
