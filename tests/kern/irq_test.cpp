// SPDX-License-Identifier: MIT
// Interrupt lines: who may share, when handlers run, and what happens to those nobody claims.
#include "kern/irq.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"
#include "sched/lock.hpp"

namespace vmsim::kern {
namespace {

constexpr unsigned kLine = 5;
constexpr unsigned long kShared = 0x80, kSharedOld = 0x04000000;

struct Seen {
  int calls = 0;
  int answer = 1;
  int irq = -1;
  void* third = reinterpret_cast<void*>(1);
  bool atomic = false;
  IrqLine* again = nullptr;  ///< raised from the handler
  int raises = 0;
};

int handler(int irq, void* dev_id, void* registers) {
  auto& seen = *static_cast<Seen*>(dev_id);
  ++seen.calls;
  seen.irq = irq;
  seen.third = registers;
  seen.atomic = sched::current_task().atomic_depth(sched::AtomicReason::kInterrupt) != 0;
  if (seen.again && seen.raises-- > 0) seen.again->raise();
  return seen.answer;
}

TEST(IrqTable, HandlersRunWhenTheKernelIsLeft) {
  KernWorld w;
  EventList events;
  w.probe.add(&events);
  Seen seen;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", &seen));
  w.irqs->line(kLine).raise();
  w.irqs->line(kLine).raise();
  EXPECT_EQ(seen.calls, 0) << "not while the kernel is in a call";
  w.pause();
  EXPECT_EQ(seen.calls, 1) << "edges that came together are one interrupt";
  EXPECT_EQ(seen.irq, static_cast<int>(kLine));
  EXPECT_EQ(seen.third, nullptr) << "old handlers get no registers";
  EXPECT_TRUE(seen.atomic);
  EXPECT_EQ(events.names, std::vector<std::string>{"irq 5 1"});
  EXPECT_EQ(w.irqs->interrupts_text(),
            "           CPU0       \n  5:          1   IO-APIC   5-edge      dev\n");
  w.probe.remove(&events);
  EXPECT_STREQ(static_cast<const char*>(w.irqs->free_irq(kLine, &seen)), "dev");
  EXPECT_EQ(w.irqs->raised(kLine), 1u);
}

TEST(IrqTable, Refusals) {
  KernWorld w;
  Seen one, two;
  IrqTable& t = *w.irqs;
  EXPECT_EQ(errno_in(t.request_irq(99, handler, 0, "x", &one)), EINVAL);
  EXPECT_EQ(errno_in(t.request_irq(kLine, nullptr, 0, "x", &one)), EINVAL);
  EXPECT_EQ(errno_in(t.request_irq(kLine, handler, kShared, "x", nullptr)), EINVAL);
  ASSERT_TRUE(t.request_irq(kLine, handler, 0, "one", &one));
  EXPECT_EQ(errno_in(t.request_irq(kLine, handler, kShared, "two", &two)), EBUSY)
      << "the first does not share";
  t.free_irq(kLine, &one);
  ASSERT_TRUE(t.request_irq(kLine, handler, kShared, "one", &one));
  EXPECT_EQ(errno_in(t.request_irq(kLine, handler, 0, "two", &two)), EBUSY)
      << "the second does not";
  EXPECT_EQ(errno_in(t.request_irq(kLine, handler, kShared | 1, "two", &two)), EBUSY)
      << "another trigger";
  ASSERT_TRUE(t.request_irq(kLine, handler, kShared, "two", &two));
  EXPECT_EQ(t.free_irq(kLine, nullptr), nullptr);
  EXPECT_EQ(w.findings(), "free-irq-not-requested");
  EXPECT_EQ(t.free_irq(99, &one), nullptr);
  EXPECT_EQ(w.findings(), "free-irq-not-requested");
  t.free_irq(kLine, &one);
  t.free_irq(kLine, &two);
  EXPECT_EQ(errno_in(t.request_irq(kLine, handler, kSharedOld, "x", nullptr)), 0)
      << "not a flag of this era";
  t.free_irq(kLine, nullptr);
}

TEST(IrqTable, OldErasShareByAnotherFlag) {
  KernWorld w({2, 6, 10});
  Seen one, two;
  EXPECT_EQ(errno_in(w.irqs->request_irq(kLine, handler, kSharedOld, "x", nullptr)), EINVAL);
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, kSharedOld, "one", &one));
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, kSharedOld, "two", &two));
  one.answer = 0;
  w.irqs->line(kLine).raise();
  w.pause();
  EXPECT_EQ(one.calls + two.calls, 2) << "all handlers of the line are asked";
  EXPECT_EQ(w.irqs->unhandled(kLine), 0u);
  w.irqs->free_irq(kLine, &one);
  w.irqs->free_irq(kLine, &two);
}

TEST(IrqTable, ADisabledLineWaits) {
  KernWorld w;
  Seen seen;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", &seen));
  w.irqs->disable_irq(kLine);
  w.irqs->disable_irq(kLine);
  w.irqs->line(kLine).raise();
  w.pause();
  w.irqs->enable_irq(kLine);
  w.pause();
  EXPECT_EQ(seen.calls, 0);
  w.irqs->enable_irq(kLine);
  w.pause();
  EXPECT_EQ(seen.calls, 1);
  w.irqs->enable_irq(kLine);
  EXPECT_EQ(w.findings(), "irq-enable-unbalanced");
  w.irqs->free_irq(kLine, &seen);
}

TEST(IrqTable, LocalDisableHoldsThemOff) {
  KernWorld w;
  Seen seen;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", &seen));
  sched::local_irq_disable();
  w.irqs->line(kLine).raise();
  w.scheduler->relax(1000);
  EXPECT_EQ(seen.calls, 0);
  sched::local_irq_enable();
  w.scheduler->relax(1000);
  EXPECT_EQ(seen.calls, 1);
  w.irqs->free_irq(kLine, &seen);
}

TEST(IrqTable, ALineWithoutHandlerLosesItsInterrupts) {
  KernWorld w;
  w.irqs->line(kLine).raise();
  w.pause();
  EXPECT_EQ(w.irqs->unhandled(kLine), 1u);
  Seen seen;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", &seen));
  w.pause();
  EXPECT_EQ(seen.calls, 0);
  w.irqs->free_irq(kLine, &seen);
}

TEST(IrqTable, NobodyCared) {
  KernWorld w;
  Seen seen;
  seen.answer = 0;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", &seen));
  for (int i = 0; i < 100'000; ++i) {
    w.irqs->line(kLine).raise();
    w.scheduler->relax(1);
  }
  EXPECT_EQ(seen.calls, 100'000);
  EXPECT_EQ(w.findings(), "irq-nobody-cared");
  EXPECT_TRUE(w.log->contains("irq 5: nobody cared"));
  EXPECT_TRUE(w.log->contains("Disabling IRQ #5"));
  w.irqs->line(kLine).raise();
  w.pause();
  EXPECT_EQ(seen.calls, 100'000) << "the line is off";
  w.irqs->free_irq(kLine, &seen);
}

TEST(IrqTable, AStormIsBroken) {
  KernWorld w;
  Seen seen;
  seen.again = &w.irqs->line(kLine);
  seen.raises = 1500;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", &seen));
  w.irqs->line(kLine).raise();
  w.scheduler->relax(1);
  EXPECT_EQ(seen.calls, 1000);
  EXPECT_EQ(w.findings(), "irq-storm");
  w.scheduler->relax(1);
  EXPECT_EQ(seen.calls, 1501);
  w.irqs->free_irq(kLine, &seen);
}

TEST(IrqTable, SleepingInAHandlerIsReported) {
  KernWorld w;
  const auto sleeper = [](int, void*, void*) -> int {
    sched::current_scheduler().check_may_sleep("kmalloc");
    return 1;
  };
  ASSERT_TRUE(w.irqs->request_irq(kLine, sleeper, 0, "dev", nullptr));
  w.irqs->line(kLine).raise();
  w.pause();
  EXPECT_EQ(w.findings(), "sleep-in-atomic");
  w.irqs->free_irq(kLine, nullptr);
}

TEST(IrqTable, AnOopsInAHandlerIsUnhandled) {
  KernWorld w;
  const auto bad = [](int, void*, void*) -> int { return *reinterpret_cast<volatile int*>(0x10); };
  ASSERT_TRUE(w.irqs->request_irq(kLine, bad, 0, "dev", nullptr));
  w.irqs->line(kLine).raise();
  w.pause();
  EXPECT_EQ(w.sink.oopses, 1);
  EXPECT_EQ(w.irqs->unhandled(kLine), 1u);
  w.irqs->free_irq(kLine, nullptr);
}

TEST(IrqTable, Leftovers) {
  KernWorld w;
  ASSERT_TRUE(w.irqs->request_irq(kLine, handler, 0, "dev", nullptr));
  GoneModule gone;
  gone.name = "lost";
  gone.contains = [](const void* p) { return p == reinterpret_cast<const void*>(&handler); };
  w.leftovers->gone(gone);
  EXPECT_EQ(w.findings(), "irq-left-requested");
  EXPECT_EQ(w.irqs->handlers(), 0u);
}

}  // namespace
}  // namespace vmsim::kern
