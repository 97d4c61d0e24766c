// SPDX-License-Identifier: MIT
// Simulated time, delays, timers, RCU and random numbers. Counterpart:
// linux/{jiffies,ktime,time,delay,timer,rcupdate,random}.h. For drivers, through the table of
// exports. Differs: the wall clock starts at 1 January 2024, and random numbers come from the
// machine's seed.
#include <cstring>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/wait_end.hpp"

namespace vmsim::abi {

using sched::State;
using sched::WaitResult;

namespace {

constexpr i64 kBootSeconds = 1704067200;
constexpr u64 kNsPerUs = 1000, kNsPerMs = 1'000'000;

/// struct timespec, timespec64 and timeval: `fine` counts nanoseconds or microseconds.
struct Instant {
  i64 seconds;
  long fine;
};

Instant instant(i64 ns, i64 seconds_before, u64 ns_per_fine) {
  const auto all = static_cast<u64>(ns);
  return {seconds_before + static_cast<i64>(all / sched::kNsPerSecond),
          static_cast<long>(all % sched::kNsPerSecond / ns_per_fine)};
}

/// A loop that only looks at the clock must end, so looking takes a little time.
i64 read_clock() {
  constexpr u64 kReadNs = 100;
  scheduler().relax(kReadNs);
  return static_cast<i64>(scheduler().now_ns());
}

}  // namespace

unsigned long vmsim_jiffies() {
  return core([] {
    read_clock();
    return scheduler().jiffies();
  });
}

i64 ktime_get() {
  return core([] { return read_clock(); });
}

i64 ktime_get_real() {
  return ktime_get() + kBootSeconds * static_cast<i64>(sched::kNsPerSecond);
}

void ktime_get_ts64(Instant* to) {
  *to = instant(ktime_get(), 0, 1);
}

void ktime_get_real_ts64(Instant* to) {
  *to = instant(ktime_get(), kBootSeconds, 1);
}

i64 ktime_get_seconds() {
  return instant(ktime_get(), 0, 1).seconds;
}

i64 ktime_get_real_seconds() {
  return instant(ktime_get(), kBootSeconds, 1).seconds;
}

void do_gettimeofday(Instant* to) {
  *to = instant(ktime_get(), kBootSeconds, kNsPerUs);
}

void getnstimeofday(Instant* to) {
  *to = instant(ktime_get(), kBootSeconds, 1);
}

Instant current_kernel_time() {
  return instant(ktime_get(), kBootSeconds, 1);
}

unsigned long get_seconds() {
  return static_cast<unsigned long>(ktime_get_real_seconds());
}

// --- delays ---

/// A pause of the processor, some tens of ns.
void cpu_relax() {
  constexpr u64 kPauseNs = 40;
  core([] { scheduler().relax(kPauseNs); });
}

void ndelay(unsigned long ns) {
  core([=] { scheduler().relax(ns); });
}

void udelay(unsigned long us) {
  ndelay(us * kNsPerUs);
}

void mdelay(unsigned long ms) {
  ndelay(ms * kNsPerMs);
}

namespace {

/// Ends early only when the machine is switched off.
void sleep_for(u64 ns, const Caller& caller) {
  require_woken(core([=] {
                  scheduler().check_may_sleep("msleep");
                  return scheduler().sleep_ns(ns);
                }, caller.return_address),
                caller);
}

}  // namespace

void msleep(unsigned ms) {
  sleep_for(ms * kNsPerMs, VMSIM_ABI_CALLER);
}

void usleep_range(unsigned long min_us, unsigned long max_us) {
  if (max_us < min_us) max_us = min_us;
  // Somewhere in the range, as the seed has it.
  const u64 spread = (max_us - min_us) * kNsPerUs;
  const u64 more = spread == 0 ? 0 : core([=] { return door().random.below(spread + 1); });
  sleep_for(min_us * kNsPerUs + more, VMSIM_ABI_CALLER);
}

/// Milliseconds left.
unsigned long msleep_interruptible(unsigned ms) {
  return core([=]() -> unsigned long {
    sched::Scheduler& s = scheduler();
    s.check_may_sleep("msleep_interruptible");
    const u64 end = s.now_ns() + ms * kNsPerMs;
    if (s.sleep_ns(ms * kNsPerMs, State::kInterruptible) == WaitResult::kTimeout ||
        s.now_ns() >= end)
      return 0;
    return (end - s.now_ns() + kNsPerMs - 1) / kNsPerMs;
  });
}

// --- timers ---

void add_timer(::timer_list* timer) {
  touch(timer);
  core([=] { scheduler().driver_timers().add(*timer); });
}

int mod_timer(::timer_list* timer, unsigned long expires) {
  touch(timer);
  return core([=] { return scheduler().driver_timers().mod(*timer, expires); });
}

int del_timer(::timer_list* timer) {
  touch(timer);
  return core([=] { return scheduler().driver_timers().del(*timer); });
}

int del_timer_sync(::timer_list* timer) {
  touch(timer);
  return core([=] { return scheduler().driver_timers().del_sync(*timer); });
}

/// A timer without a function cannot be armed again.
int timer_shutdown_sync(::timer_list* timer) {
  touch(timer);
  return core([=] {
    const bool was_pending = scheduler().driver_timers().del_sync(*timer);
    timer->function = nullptr;
    return was_pending;
  });
}

// --- RCU ---

void vmsim_rcu_read_lock() {
  core([] { scheduler().rcu().read_lock(); });
}

void vmsim_rcu_read_unlock() {
  core([] { scheduler().rcu().read_unlock(); });
}

void synchronize_rcu() {
  require_acquired(core([] { return scheduler().rcu().synchronize(); }), VMSIM_ABI_CALLER);
}

void rcu_barrier() {
  require_acquired(core([] { return scheduler().rcu().barrier(); }), VMSIM_ABI_CALLER);
}

void call_rcu(::rcu_head* head, void (*function)(::rcu_head*)) {
  touch(head);
  core([=] { scheduler().rcu().call(*head, function); });
}

void vmsim_kfree_rcu(::rcu_head* head, unsigned long offset) {
  touch(head);
  core([=] {
    void* const object = reinterpret_cast<char*>(head) - offset;
    kern::Slab& slab = *memory().slab;
    scheduler().rcu().call([&slab, object] { slab.kfree(object); });
  });
}

// --- random numbers ---

u64 get_random_u64() {
  return core([] { return door().random.next(); });
}

u32 get_random_u32() {
  return static_cast<u32>(get_random_u64() >> 32);
}

void get_random_bytes(void* to, size_t length) {
  auto* bytes = static_cast<u8*>(to);
  while (length > 0) {
    u64 word = get_random_u64();
    for (unsigned i = 0; i < sizeof(word) && length > 0; ++i, --length, word >>= 8)
      *bytes++ = static_cast<u8>(word);
  }
}

std::span<const Export> time_exports() {
  static const Export table[] = {
      exported("add_timer", &add_timer),
      exported("call_rcu", &call_rcu, kernel(2, 6, 12)),
      exported("current_kernel_time", &current_kernel_time, 0, kernel(5, 0)),
      exported("del_timer", &del_timer, 0, kernel(6, 15)),
      exported("del_timer_sync", &del_timer_sync, 0, kernel(6, 15)),
      exported("do_gettimeofday", &do_gettimeofday, 0, kernel(5, 0)),
      exported("get_random_bytes", &get_random_bytes),
      exported("get_random_u32", &get_random_u32, kernel(4, 11)),
      exported("get_random_u64", &get_random_u64, kernel(4, 11)),
      exported("get_seconds", &get_seconds, 0, kernel(5, 0)),
      exported("getnstimeofday", &getnstimeofday, 0, kernel(5, 0)),
      exported("ktime_get", &ktime_get),
      exported("ktime_get_real", &ktime_get_real),
      exported("ktime_get_real_seconds", &ktime_get_real_seconds),
      exported("ktime_get_real_ts64", &ktime_get_real_ts64),
      exported("ktime_get_seconds", &ktime_get_seconds),
      exported("ktime_get_ts64", &ktime_get_ts64),
      exported("mdelay", &mdelay),
      exported("mod_timer", &mod_timer),
      exported("msleep", &msleep),
      exported("msleep_interruptible", &msleep_interruptible),
      exported("vmsim_cpu_relax", &cpu_relax),
      exported("ndelay", &ndelay),
      exported("prandom_u32", &get_random_u32, kernel(3, 8), kernel(6, 1)),
      exported("rcu_barrier", &rcu_barrier),
      exported("synchronize_rcu", &synchronize_rcu),
      exported("timer_delete", &del_timer, kernel(6, 2)),
      exported("timer_delete_sync", &del_timer_sync, kernel(6, 2)),
      exported("timer_shutdown_sync", &timer_shutdown_sync, kernel(6, 2)),
      exported("udelay", &udelay),
      exported("usleep_range", &usleep_range, kernel(2, 6, 36)),
      exported("vmsim_jiffies", &vmsim_jiffies),
      exported("vmsim_kfree_rcu", &vmsim_kfree_rcu),
      exported("vmsim_rcu_read_lock", &vmsim_rcu_read_lock),
      exported("vmsim_rcu_read_unlock", &vmsim_rcu_read_unlock),
  };
  return table;
}

}  // namespace vmsim::abi
