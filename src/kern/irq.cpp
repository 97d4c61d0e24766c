// SPDX-License-Identifier: MIT
// Interrupt lines; see irq.hpp.
#include "kern/irq.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

constexpr unsigned long kShared = 0x80, kSharedOld = 0x04000000, kTriggerMask = 0xf;
constexpr unsigned kWindow = 100'000, kWindowUnhandled = 99'900;
/// Passes over the lines in one delivery: a device that raises its line from its own handler must
/// not stop the rest.
constexpr unsigned kPassesMax = 1000;

}  // namespace

void IrqTable::Line::raise() {
  pending.fetch_add(1, std::memory_order_acq_rel);
  table->parts_.scheduler.raise_irq();
}

IrqTable::IrqTable(const Parts& parts, unsigned lines) : parts_(parts) {
  for (unsigned irq = 0; irq < lines; ++irq) {
    lines_.push_back(std::make_unique<Line>());
    lines_.back()->table = this;
    lines_.back()->irq = irq;
  }
  parts_.scheduler.set_irq_delivery(&IrqTable::deliver, this);
}

IrqTable::~IrqTable() {
  parts_.scheduler.set_irq_delivery(nullptr, nullptr);
}

IrqLine& IrqTable::line(unsigned irq) {
  VMSIM_ASSERT(irq < lines_.size(), "no such interrupt line");
  return *lines_[irq];
}

bool IrqTable::is_shared(unsigned long flags) const {
  const bool old_bit = parts_.kernel < KernelVersion{2, 6, 24} && (flags & kSharedOld) != 0;
  const bool new_bit = parts_.kernel >= KernelVersion{2, 6, 18} && (flags & kShared) != 0;
  return old_bit || new_bit;
}

Result<void> IrqTable::request_irq(unsigned irq, IrqHandler handler, unsigned long flags,
                                   const char* name, void* dev_id) {
  Line* const line = find(irq);
  if (!line) return fail(EINVAL, fmt::format("there is no interrupt line {}", irq));
  if (!handler) return fail(EINVAL, "an interrupt needs a handler");
  if (is_shared(flags) && !dev_id) return fail(EINVAL, "a shared interrupt needs a dev_id");
  if (parts_.probe.should_fail("request_irq")) return fail(ENOMEM, "made to fail");
  if (!line->actions.empty()) {
    const Action& first = line->actions.front();
    const bool both = is_shared(flags) && is_shared(first.flags);
    if (!both || (flags & kTriggerMask) != (first.flags & kTriggerMask)) {
      return fail(EBUSY, fmt::format("interrupt line {} is taken by {}", irq, first.shown));
    }
  } else {
    // Before there is a handler the line is off; what came then is lost.
    line->pending.store(0, std::memory_order_relaxed);
    line->disabled = 0;
    line->window = line->window_unhandled = 0;
  }
  line->actions.push_back(Action{handler, flags, name, driver_text(name), dev_id});
  return {};
}

const void* IrqTable::free_irq(unsigned irq, void* dev_id) {
  Line* const line = find(irq);
  if (line) {
    const auto action = std::find_if(line->actions.begin(), line->actions.end(),
                                     [dev_id](const Action& a) { return a.dev_id == dev_id; });
    if (action != line->actions.end()) {
      if (in_handler_) {
        parts_.probe.finding(
            "free-irq-in-handler",
            fmt::format(
                "free_irq({}) from an interrupt handler; Linux waits for the handler for ever",
                irq));
      }
      const char* const name = action->name;
      line->actions.erase(action);
      return name;
    }
  }
  parts_.probe.finding(
      "free-irq-not-requested",
      fmt::format(
          "free_irq({}): no handler with this dev_id. Linux warns \"Trying to free already-free "
          "IRQ {}\".",
          irq, irq));
  return nullptr;
}

void IrqTable::disable_irq(unsigned irq) {
  if (Line* const line = find(irq)) ++line->disabled;
}

void IrqTable::enable_irq(unsigned irq) {
  Line* const line = find(irq);
  if (!line) return;
  if (line->disabled == 0) {
    parts_.probe.finding("irq-enable-unbalanced",
                         fmt::format("Unbalanced enable for IRQ {}: it is not disabled", irq));
    return;
  }
  if (--line->disabled == 0 && line->pending.load(std::memory_order_relaxed) != 0)
    parts_.scheduler.raise_irq();
}

void IrqTable::synchronize_irq(unsigned irq) {
  static_cast<void>(irq);
  parts_.scheduler.check_may_sleep("synchronize_irq");
}

// --- delivery ---

void IrqTable::deliver(void* table) {
  static_cast<IrqTable*>(table)->deliver_pending();
}

void IrqTable::deliver_pending() {
  for (unsigned pass = 0; pass < kPassesMax; ++pass) {
    bool any = false;
    for (const auto& line : lines_) {
      if (line->disabled != 0 || line->pending.load(std::memory_order_relaxed) == 0) continue;
      // Edges that came together are one interrupt.
      line->pending.exchange(0, std::memory_order_acq_rel);
      run_handlers(*line);
      any = true;
    }
    if (!any) return;
  }
  parts_.probe.finding(
      "irq-storm",
      fmt::format(
          "interrupts were raised again {} times while they were handled; the program goes on "
          "first",
          kPassesMax));
  parts_.scheduler.raise_irq();
}

void IrqTable::run_handlers(Line& line) {
  ++line.count;
  const bool outer = std::exchange(in_handler_, true);
  bool handled = false;
  // A handler may not free interrupts, but an index survives it if it does.
  for (std::size_t i = 0; i < line.actions.size(); ++i) {
    const Action action = line.actions[i];
    void* const no_registers = nullptr;
    const auto result = sched::DriverCall::call(action.handler, static_cast<int>(line.irq),
                                                action.dev_id, no_registers);
    // Handlers of 2.4 return nothing, and nobody looks for lines that nobody serves.
    const bool says = parts_.kernel >= KernelVersion{2, 6, 0};
    handled = handled || (result && (!says || *result != 0));
  }
  in_handler_ = outer;
  parts_.probe.emit(EventKind::kIrq, line.irq, handled ? 1 : 0);
  if (!handled) ++line.unhandled;
  if (!line.actions.empty()) {
    if (!handled) ++line.window_unhandled;
    note_unhandled(line);
  }
}

/// A line that nobody claims 99,900 times of 100,000 is switched off.
void IrqTable::note_unhandled(Line& line) {
  if (++line.window < kWindow) return;
  const unsigned unhandled = line.window_unhandled;
  line.window = line.window_unhandled = 0;
  if (unhandled <= kWindowUnhandled) return;
  ++line.disabled;
  parts_.log.print(
      fmt::format("irq {}: nobody cared (try booting with the \"irqpoll\" option)\n", line.irq), 3);
  parts_.log.print(fmt::format("Disabling IRQ #{}\n", line.irq), 0);
  parts_.probe.finding(
      "irq-nobody-cared",
      fmt::format(
          "{} of {} interrupts of line {} were not claimed by any handler (IRQ_NONE); as in "
          "Linux the line is off now",
          unhandled, kWindow, line.irq));
}

// --- reports ---

std::string IrqTable::interrupts_text() const {
  std::string text = "           CPU0       \n";
  for (const auto& line : lines_) {
    if (line->actions.empty()) continue;
    text += fmt::format("{:3}: {:10}   IO-APIC {:3}-edge      ", line->irq, line->count, line->irq);
    for (const Action& action : line->actions)
      text += (&action == line->actions.data() ? "" : ", ") + action.shown;
    text += "\n";
  }
  return text;
}

u64 IrqTable::raised(unsigned irq) const {
  return irq < lines_.size() ? lines_[irq]->count : 0;
}

u64 IrqTable::unhandled(unsigned irq) const {
  return irq < lines_.size() ? lines_[irq]->unhandled : 0;
}

std::size_t IrqTable::handlers() const {
  std::size_t count = 0;
  for (const auto& line : lines_) count += line->actions.size();
  return count;
}

void IrqTable::module_gone(const GoneModule& gone) {
  for (const auto& line : lines_) {
    std::erase_if(line->actions, [&](const Action& action) {
      if (!gone.owns(reinterpret_cast<const void*>(action.handler))) return false;
      parts_.probe.finding(
          "irq-left-requested",
          fmt::format("{} was unloaded without free_irq({}) of '{}'; in Linux the next interrupt "
                      "crashes",
                      gone.name, line->irq, action.shown));
      return true;
    });
  }
}

}  // namespace vmsim::kern
