// SPDX-License-Identifier: MIT
// Both halves of threaded interrupts; see threaded_irq.hpp.
#include "kern/threaded_irq.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

constexpr int kIrqHandled = 1, kIrqWakeThread = 2;

}  // namespace

/// The work item is first: the work function finds its handler by it.
struct ThreadedIrqs::Handler {
  ::work_struct work = {};
  ThreadedIrqs* table = nullptr;
  int (*handler)(int, void*) = nullptr;
  int (*thread)(int, void*) = nullptr;
  unsigned irq = 0;
  void* dev_id = nullptr;
};

ThreadedIrqs::ThreadedIrqs(IrqTable& irqs, WorkQueues& work, base::Probe& probe)
    : irqs_(irqs), work_(work), probe_(probe) {}

ThreadedIrqs::~ThreadedIrqs() = default;

/// Runs as a driver's handler does: the driver's half is called directly, the rest of it is the
/// core's.
int ThreadedIrqs::on_interrupt(int irq, void* pointer, void*) {
  auto* const self = static_cast<Handler*>(pointer);
  const int result = self->handler != nullptr ? self->handler(irq, self->dev_id) : kIrqWakeThread;
  if (result != kIrqWakeThread) return result;
  const sched::CoreScope scope;
  self->table->work_.queue(nullptr, self->work);
  return kIrqHandled;
}

void ThreadedIrqs::on_work(::work_struct* work) {
  auto* const self = reinterpret_cast<Handler*>(work);
  self->thread(static_cast<int>(self->irq), self->dev_id);
}

Result<void> ThreadedIrqs::request(unsigned irq, int (*handler)(int, void*),
                                   int (*thread)(int, void*), unsigned long flags, const char* name,
                                   void* dev_id) {
  if (thread == nullptr) {
    return irqs_.request_irq(irq, reinterpret_cast<IrqHandler>(reinterpret_cast<void*>(handler)),
                             flags, name, dev_id);
  }
  auto own = std::make_unique<Handler>();
  own->table = this;
  own->handler = handler;
  own->thread = thread;
  own->irq = irq;
  own->dev_id = dev_id;
  own->work.func = &ThreadedIrqs::on_work;
  VMSIM_CHECK(irqs_.request_irq(irq, &ThreadedIrqs::on_interrupt, flags, name, own.get()));
  handlers_.push_back(std::move(own));
  return {};
}

void ThreadedIrqs::drop(Handler& handler) {
  work_.cancel_sync(handler.work);
  std::erase_if(handlers_, [&handler](const auto& own) { return own.get() == &handler; });
}

const void* ThreadedIrqs::free(unsigned irq, void* dev_id) {
  const auto it = std::find_if(handlers_.begin(), handlers_.end(), [&](const auto& own) {
    return own->irq == irq && own->dev_id == dev_id;
  });
  if (it == handlers_.end()) return irqs_.free_irq(irq, dev_id);
  Handler& handler = **it;
  const void* const name = irqs_.free_irq(irq, &handler);
  drop(handler);
  return name;
}

void ThreadedIrqs::module_gone(const GoneModule& gone) {
  std::vector<Handler*> left;
  for (const auto& own : handlers_)
    if (gone.owns(reinterpret_cast<const void*>(own->thread))) left.push_back(own.get());
  for (Handler* handler : left) {
    probe_.finding(
        "irq-left-requested",
        fmt::format(
            "module {} has gone and left its threaded handler of interrupt {}; it is removed.",
            gone.name, handler->irq));
    irqs_.free_irq(handler->irq, handler);
    drop(*handler);
  }
}

}  // namespace vmsim::kern
