// SPDX-License-Identifier: MIT
// Timers in nanoseconds, by address of the driver's struct hrtimer. Counterpart:
// kernel/time/hrtimer.c. Leaves out slack, soft and pinned modes, and clocks other than the
// monotonic and the real one. Called by abi with the CPU; functions run in interrupt context behind
// DriverCall.
#pragma once

#include <memory>
#include <unordered_map>

#include "vmsim/kapi/vmsim/hrtimer_types.h"

#include "base/probe.hpp"
#include "sched/driver_call.hpp"
#include "sched/scheduler.hpp"
#include "sched/time.hpp"

namespace vmsim::kern {

class HrTimers {
 public:
  /// CLOCK_REALTIME's distance from the simulated clock: 1 January 2024.
  static constexpr i64 kRealOffsetNs = i64{1704067200} * 1'000'000'000;
  static constexpr int kClockReal = 0;

  HrTimers(sched::Scheduler& scheduler, base::Probe& probe, sched::OopsSink* sink)
      : scheduler_(scheduler), probe_(probe), sink_(sink) {}

  HrTimers(const HrTimers&) = delete;
  HrTimers& operator=(const HrTimers&) = delete;

  /// hrtimer_setup(): idle. Finding "hrtimer-init-active" for a queued one.
  void init(::hrtimer& timer, int clock);
  /// Expires at `time_ns` on the timer's clock, or so much later than now. Whether it was queued.
  enum class Mode : u8 { kAbsolute, kRelative };
  bool start(::hrtimer& timer, i64 time_ns, Mode mode);
  /// 1: was queued, 0: idle, -1: its function is running.
  int try_to_cancel(::hrtimer& timer);
  /// Like try_to_cancel(); from the timer's own function Finding "hrtimer-cancels-itself".
  bool cancel(::hrtimer& timer);
  /// Moves the expiry beyond `now_ns` in steps. How many; 0 if it lies in the future. Finding
  /// "hrtimer-forward-queued" for a queued timer, which stays (Linux warns).
  u64 forward(::hrtimer& timer, i64 now_ns, i64 interval_ns);

  bool running(const ::hrtimer& timer) const { return running_ == &timer; }

  /// On the timer's clock.
  i64 now_ns(const ::hrtimer& timer) const;

  /// Memory goes: queued timers inside are cancelled, each with a Finding "hrtimer-freed-active".
  void memory_freed(const void* start, u64 bytes);

  std::size_t queued() const { return queued_.size(); }

 private:
  class Queued final : public sched::Timer {
   public:
    Queued(HrTimers& timers, ::hrtimer& timer) : timers_(timers), timer_(timer) {}

    void expire() override { timers_.expired(timer_); }

   private:
    HrTimers& timers_;
    ::hrtimer& timer_;
  };

  void enqueue(::hrtimer& timer, u64 at_ns);
  bool dequeue(::hrtimer& timer);
  u64 machine_ns(const ::hrtimer& timer) const;
  void expired(::hrtimer& timer);

  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  sched::OopsSink* sink_;
  std::unordered_map<const ::hrtimer*, std::unique_ptr<Queued>> queued_;
  const ::hrtimer* running_ = nullptr;
};

}  // namespace vmsim::kern
