// SPDX-License-Identifier: MIT
// High-resolution timers; see hrtimer.hpp.
#include "kern/hrtimer.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace vmsim::kern {

namespace {

constexpr unsigned kStateQueued = 1;
/// A function that restarts its timer in the past would run for ever: the next time is later.
constexpr u64 kStormNs = 1'000'000;

}  // namespace

i64 HrTimers::now_ns(const ::hrtimer& timer) const {
  return static_cast<i64>(scheduler_.now_ns()) + (timer.clock == kClockReal ? kRealOffsetNs : 0);
}

u64 HrTimers::machine_ns(const ::hrtimer& timer) const {
  const i64 at = timer.vmsim_expires - (timer.clock == kClockReal ? kRealOffsetNs : 0);
  return at < 0 ? 0 : static_cast<u64>(at);
}

void HrTimers::init(::hrtimer& timer, int clock) {
  if (dequeue(timer))
    probe_.finding("hrtimer-init-active",
                   "a queued hrtimer is initialised again; Linux corrupts its queue. It is idle.");
  timer.clock = clock;
  timer.state = 0;
  timer.vmsim_expires = 0;
}

void HrTimers::enqueue(::hrtimer& timer, u64 at_ns) {
  std::unique_ptr<Queued>& own = queued_[&timer];
  if (!own) own = std::make_unique<Queued>(*this, timer);
  timer.state |= kStateQueued;
  scheduler_.timers().arm(*own, at_ns);
}

bool HrTimers::dequeue(::hrtimer& timer) {
  if (queued_.erase(&timer) == 0) return false;
  timer.state &= ~kStateQueued;
  return true;
}

bool HrTimers::start(::hrtimer& timer, i64 time_ns, Mode mode) {
  const bool was_queued = dequeue(timer);
  if (timer.function == nullptr) {
    probe_.finding("hrtimer-no-function",
                   "hrtimer_start() of a timer without a function; Linux warns and does nothing.");
    return was_queued;
  }
  if (mode == Mode::kRelative && __builtin_add_overflow(time_ns, now_ns(timer), &time_ns))
    time_ns = std::numeric_limits<i64>::max();
  timer.vmsim_expires = time_ns;
  enqueue(timer, machine_ns(timer));
  scheduler_.relax(0);  // one that is due already fires as soon as it may
  return was_queued;
}

int HrTimers::try_to_cancel(::hrtimer& timer) {
  if (running_ == &timer) return -1;
  return dequeue(timer) ? 1 : 0;
}

bool HrTimers::cancel(::hrtimer& timer) {
  if (running_ == &timer) {
    probe_.finding("hrtimer-cancels-itself",
                   "hrtimer_cancel() from inside the timer's own function waits for itself; Linux "
                   "hangs here. It goes on.");
  }
  return dequeue(timer);
}

u64 HrTimers::forward(::hrtimer& timer, i64 now_ns, i64 interval_ns) {
  const i64 late = now_ns - timer.vmsim_expires;
  if (late < 0) return 0;
  if (queued_.contains(&timer)) {
    probe_.finding("hrtimer-forward-queued",
                   "hrtimer_forward() of a queued timer; Linux warns and does nothing.");
    return 0;
  }
  interval_ns = std::max<i64>(interval_ns, 1);
  const u64 steps = static_cast<u64>(late / interval_ns) + 1;
  timer.vmsim_expires += static_cast<i64>(steps) * interval_ns;
  return steps;
}

void HrTimers::expired(::hrtimer& timer) {
  const u64 was_due = machine_ns(timer);
  queued_.erase(&timer);  // destroys the caller's object: nothing of it is used from here on
  timer.state = 0;
  const ::hrtimer* const outer = std::exchange(running_, &timer);
  sched::Outcome<::hrtimer_restart> result;
  {
    const sched::OopsSinkScope sink(sink_);
    result = sched::DriverCall::call(timer.function, &timer);
  }
  running_ = outer;
  // An oops is reported, and ends the timer. Otherwise the timer may be gone now, but then its
  // function did not ask for a restart.
  if (!result || *result != HRTIMER_RESTART) return;
  if (queued_.contains(&timer)) return;  // started again by its function
  const u64 now = scheduler_.now_ns();
  u64 at = machine_ns(timer);
  if (at <= now && at == was_due) {
    probe_.finding("hrtimer-restart-in-past",
                   "an hrtimer function returned HRTIMER_RESTART without hrtimer_forward(): Linux "
                   "runs it again at once, for ever. It is run again a millisecond later.");
    at = now + kStormNs;
  }
  enqueue(timer, at);
}

void HrTimers::memory_freed(const void* start, u64 bytes) {
  if (queued_.empty()) return;
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  std::vector<const ::hrtimer*> inside;
  for (const auto& [timer, own] : queued_) {
    const auto at = reinterpret_cast<std::uintptr_t>(timer);
    if (at + sizeof(::hrtimer) > first && at < first + bytes) inside.push_back(timer);
  }
  std::sort(inside.begin(), inside.end());
  for (const ::hrtimer* timer : inside) {
    probe_.finding("hrtimer-freed-active",
                   "memory is freed with a queued hrtimer in it; in Linux its function would run "
                   "on freed memory. It is cancelled.");
    queued_.erase(timer);
  }
}

}  // namespace vmsim::kern
