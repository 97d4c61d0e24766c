// SPDX-License-Identifier: MIT
// Deferred work, tasklets and interrupt handlers. Counterpart: linux/{workqueue,interrupt}.h. For
// drivers, through the table of exports.
#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/print.hpp"

namespace vmsim::abi {

namespace {

kern::WorkQueues& queues() {
  return *kernel().work_queues;
}

}  // namespace

int vmsim_queue_work(::workqueue_struct* wq, ::work_struct* work) {
  touch(work);
  return core([=] { return queues().queue(wq, *work); });
}

int vmsim_queue_delayed_work(::workqueue_struct* wq, ::work_struct* work, unsigned long delay) {
  touch(work);
  return core([=] { return queues().queue_delayed(wq, *work, delay); });
}

int vmsim_mod_delayed_work(::workqueue_struct* wq, ::work_struct* work, unsigned long delay) {
  touch(work);
  return core([=] { return queues().mod_delayed(wq, *work, delay); });
}

int vmsim_cancel_delayed_work(::work_struct* work) {
  touch(work);
  return core([=] { return queues().cancel(*work); });
}

int vmsim_cancel_delayed_work_sync(::work_struct* work) {
  touch(work);
  return core([=] { return queues().cancel_sync(*work); });
}

int vmsim_flush_delayed_work(::work_struct* work) {
  touch(work);
  return core([=] { return queues().flush_delayed(*work); });
}

bool cancel_work_sync(::work_struct* work) {
  touch(work);
  return core([=] { return queues().cancel_sync(*work); });
}

bool flush_work(::work_struct* work) {
  touch(work);
  return core([=] { return queues().flush(*work); });
}

void flush_workqueue(::workqueue_struct* wq) {
  core([=] { queues().flush_queue(wq); });
}

void flush_scheduled_work() {
  core([] { queues().flush_queue(nullptr); });
}

void destroy_workqueue(::workqueue_struct* wq) {
  core([=] { queues().destroy(wq); });
}

::workqueue_struct* vmsim_alloc_workqueue(unsigned, int max_active, const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  return core([&] {
    return queues().create(name, max_active < 0 ? 0 : static_cast<unsigned>(max_active));
  });
}

// --- tasklets ---

void tasklet_schedule(::tasklet_struct* tasklet) {
  touch(tasklet);
  core([=] { kernel().tasklets->schedule(*tasklet); });
}

void tasklet_kill(::tasklet_struct* tasklet) {
  touch(tasklet);
  core([=] { kernel().tasklets->kill(*tasklet); });
}

void tasklet_disable(::tasklet_struct* tasklet) {
  touch(tasklet);
  core([=] { kernel().tasklets->disable(*tasklet); });
}

void tasklet_enable(::tasklet_struct* tasklet) {
  touch(tasklet);
  core([=] { kernel().tasklets->enable(*tasklet); });
}

void tasklet_init(::tasklet_struct* tasklet, void (*function)(unsigned long), unsigned long data) {
  touch(tasklet);
  core([=] { kern::Tasklets::init(*tasklet, function, data); });
}

void tasklet_setup(::tasklet_struct* tasklet, void (*callback)(::tasklet_struct*)) {
  touch(tasklet);
  core([=] { kern::Tasklets::setup(*tasklet, callback); });
}

// --- interrupts ---

int request_irq(unsigned irq, kern::IrqHandler handler, unsigned long flags, const char* name,
                void* dev_id) {
  return finish_int([&] { return kernel().irqs->request_irq(irq, handler, flags, name, dev_id); });
}

int request_threaded_irq(unsigned irq, int (*handler)(int, void*), int (*thread)(int, void*),
                         unsigned long flags, const char* name, void* dev_id) {
  return finish_int(
      [&] { return door().threaded_irqs->request(irq, handler, thread, flags, name, dev_id); });
}

const void* free_irq(unsigned irq, void* dev_id) {
  return core([=] { return door().threaded_irqs->free(irq, dev_id); });
}

void disable_irq(unsigned irq) {
  core([=] {
    kernel().irqs->disable_irq(irq);
    kernel().irqs->synchronize_irq(irq);
  });
}

void disable_irq_nosync(unsigned irq) {
  core([=] { kernel().irqs->disable_irq(irq); });
}

void enable_irq(unsigned irq) {
  core([=] { kernel().irqs->enable_irq(irq); });
}

void synchronize_irq(unsigned irq) {
  core([=] { kernel().irqs->synchronize_irq(irq); });
}

std::span<const Export> work_exports() {
  static const Export table[] = {
      exported("cancel_work_sync", &cancel_work_sync, kernel(2, 6, 20)),
      exported("destroy_workqueue", &destroy_workqueue),
      exported("disable_irq", &disable_irq),
      exported("disable_irq_nosync", &disable_irq_nosync),
      exported("drain_workqueue", &flush_workqueue),
      exported("enable_irq", &enable_irq),
      exported("flush_scheduled_work", &flush_scheduled_work, 0, kernel(6, 6)),
      exported("flush_work", &flush_work, kernel(2, 6, 20)),
      exported("flush_workqueue", &flush_workqueue),
      exported("free_irq", &free_irq),
      exported("request_irq", &request_irq),
      exported("request_threaded_irq", &request_threaded_irq, kernel(2, 6, 30)),
      exported("synchronize_irq", &synchronize_irq),
      exported("tasklet_disable", &tasklet_disable),
      exported("tasklet_enable", &tasklet_enable),
      exported("tasklet_hi_schedule", &tasklet_schedule),
      exported("tasklet_init", &tasklet_init),
      exported("tasklet_kill", &tasklet_kill),
      exported("tasklet_schedule", &tasklet_schedule),
      exported("tasklet_setup", &tasklet_setup, kernel(5, 9)),
      exported("vmsim_alloc_workqueue", &vmsim_alloc_workqueue),
      exported("vmsim_cancel_delayed_work", &vmsim_cancel_delayed_work),
      exported("vmsim_cancel_delayed_work_sync", &vmsim_cancel_delayed_work_sync),
      exported("vmsim_flush_delayed_work", &vmsim_flush_delayed_work),
      exported("vmsim_mod_delayed_work", &vmsim_mod_delayed_work),
      exported("vmsim_queue_delayed_work", &vmsim_queue_delayed_work),
      exported("vmsim_queue_work", &vmsim_queue_work),
  };
  return table;
}

}  // namespace vmsim::abi
