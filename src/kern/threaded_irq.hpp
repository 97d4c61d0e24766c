// SPDX-License-Identifier: MIT
// Interrupt handlers with a second half that may sleep. Counterpart: request_threaded_irq() of
// kernel/irq/manage.c. Leaves out thread priorities and IRQF_ONESHOT's masking: the line stays on,
// and one run serves all interrupts until it begins. Called by abi. Differs: the second halves run
// on the system's work queue, not on a thread for each line.
#pragma once

#include <memory>
#include <vector>

#include "base/probe.hpp"
#include "kern/irq.hpp"
#include "kern/nodes.hpp"
#include "kern/workqueue.hpp"

namespace vmsim::kern {

class ThreadedIrqs {
 public:
  ThreadedIrqs(IrqTable& irqs, WorkQueues& work, base::Probe& probe);
  ~ThreadedIrqs();
  ThreadedIrqs(const ThreadedIrqs&) = delete;
  ThreadedIrqs& operator=(const ThreadedIrqs&) = delete;

  /// `handler` may be nullptr: then every interrupt goes to the thread. Errors as
  /// IrqTable::request_irq().
  Result<void> request(unsigned irq, int (*handler)(int, void*), int (*thread)(int, void*),
                       unsigned long flags, const char* name, void* dev_id);
  /// free_irq() of either kind: waits for the second half. The name that was given.
  const void* free(unsigned irq, void* dev_id);
  /// Finding "irq-left-requested" for each of the module; they are removed.
  void module_gone(const GoneModule& gone);

 private:
  struct Handler;
  static int on_interrupt(int irq, void* handler, void* registers);
  static void on_work(::work_struct* work);
  void drop(Handler& handler);

  IrqTable& irqs_;
  WorkQueues& work_;
  base::Probe& probe_;
  std::vector<std::unique_ptr<Handler>> handlers_;
};

}  // namespace vmsim::kern
