// SPDX-License-Identifier: MIT
// Timers in nanoseconds, and sleeps until one. Counterpart: linux/hrtimer.h. For drivers, through
// the table of exports. Differs: slack is not used; a timer expires at the start of its range.
#include <cerrno>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"

namespace vmsim::abi {

namespace {

constexpr int kRelative = 1;  // HRTIMER_MODE_REL

kern::HrTimers& timers() {
  return *kernel().hr_timers;
}

}  // namespace

void vmsim_hrtimer_init(::hrtimer* timer, int clock) {
  touch(timer);
  core([=] { timers().init(*timer, clock); });
}

int vmsim_hrtimer_start(::hrtimer* timer, i64 time, int mode) {
  touch(timer);
  const auto how =
      (mode & kRelative) != 0 ? kern::HrTimers::Mode::kRelative : kern::HrTimers::Mode::kAbsolute;
  return core([=] { return timers().start(*timer, time, how); });
}

int hrtimer_cancel(::hrtimer* timer) {
  touch(timer);
  return core([=] { return timers().cancel(*timer); });
}

int hrtimer_try_to_cancel(::hrtimer* timer) {
  touch(timer);
  return core([=] { return timers().try_to_cancel(*timer); });
}

u64 vmsim_hrtimer_forward(::hrtimer* timer, i64 now, i64 interval) {
  touch(timer);
  return core([=] { return timers().forward(*timer, now, interval); });
}

i64 vmsim_hrtimer_now(const ::hrtimer* timer) {
  touch(timer);
  return core([=] { return timers().now_ns(*timer); });
}

int vmsim_hrtimer_running(const ::hrtimer* timer) {
  return core([=] { return timers().running(*timer); });
}

/// 0, or -EINTR for a signal. A relative time counts from now.
int vmsim_hrtimeout(i64 time, int mode) {
  return core([=]() -> int {
    sched::Scheduler& s = scheduler();
    const i64 now = static_cast<i64>(s.now_ns());
    i64 at = time;
    if ((mode & kRelative) != 0 && __builtin_add_overflow(now, time, &at)) at = INT64_MAX;
    ::task_struct& task = sched::current_task();
    if (at <= now) {
      task.__state = 0;
      return 0;
    }
    const sched::WaitResult result =
        s.schedule(sched::Deadline::at(static_cast<u64>(at)), {"schedule_hrtimeout()"});
    task.__state = 0;
    return result == sched::WaitResult::kTimeout ? 0 : -EINTR;
  });
}

std::span<const Export> hrtimer_exports() {
  constexpr unsigned k2616 = kernel(2, 6, 16);
  static const Export table[] = {
      exported("hrtimer_cancel", &hrtimer_cancel, k2616),
      exported("hrtimer_try_to_cancel", &hrtimer_try_to_cancel, k2616),
      exported("vmsim_hrtimeout", &vmsim_hrtimeout, k2616),
      exported("vmsim_hrtimer_forward", &vmsim_hrtimer_forward, k2616),
      exported("vmsim_hrtimer_init", &vmsim_hrtimer_init, k2616),
      exported("vmsim_hrtimer_now", &vmsim_hrtimer_now, k2616),
      exported("vmsim_hrtimer_running", &vmsim_hrtimer_running, k2616),
      exported("vmsim_hrtimer_start", &vmsim_hrtimer_start, k2616),
  };
  return table;
}

}  // namespace vmsim::abi
