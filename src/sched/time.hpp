// SPDX-License-Identifier: MIT
// Simulated time: a clock in nanoseconds and the queue of timers, and the driver's struct
// timer_list on top of it. Counterpart: kernel/time/{timer,hrtimer}.c. Leaves out slack, deferrable
// timers, clock sources and time of day. Timers are armed, cancelled and fired by the holder of a
// CPU; the clock is read by anybody.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>

#include <boost/intrusive/set.hpp>

#include "vmsim/addr.hpp"

#include "vmsim/kapi/vmsim/timer_types.h"

namespace vmsim::sched {

class Scheduler;
class TimerQueue;

inline constexpr u64 kNsPerSecond = 1'000'000'000;

/// When a wait gives up: a point of simulated time, or never.
struct Deadline {
  u64 at_ns = ~u64{0};

  static Deadline never() { return {}; }

  static Deadline at(u64 ns) { return Deadline{ns}; }

  bool is_never() const { return at_ns == ~u64{0}; }
};

/// States: idle or queued. Destroying a queued timer cancels it.
class Timer : public boost::intrusive::set_base_hook<> {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

  bool queued() const { return queue_ != nullptr; }

  u64 expires_ns() const { return expires_ns_; }

  /// Runs at the expiry, after the timer has left the queue; may arm it again. Must not sleep.
  virtual void expire() = 0;

 private:
  friend class TimerQueue;
  TimerQueue* queue_ = nullptr;
  u64 expires_ns_ = 0;
  u64 order_ = 0;  ///< timers of one instant fire in the order in which they were armed
};

class CallbackTimer final : public Timer {
 public:
  explicit CallbackTimer(std::function<void()> call) : call_(std::move(call)) {}

  void expire() override { call_(); }

 private:
  std::function<void()> call_;
};

class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  u64 now_ns() const { return now_ns_.load(std::memory_order_relaxed); }

  /// Moves the clock without firing; timers that are due fire with the next fire_due().
  void move_clock(u64 to_ns);

  /// Arms or re-arms.
  void arm(Timer& timer, u64 expires_ns);
  /// True if it was queued.
  bool cancel(Timer& timer);

  bool empty() const { return queue_.empty(); }

  /// Pre: !empty().
  u64 next_expiry_ns() const { return queue_.begin()->expires_ns_; }

  bool due() const { return !queue_.empty() && next_expiry_ns() <= now_ns(); }

  /// Takes the first timer that expires at or before `until_ns` off the queue and sets the clock to
  /// its expiry (never back). nullptr if there is none.
  Timer* pop(u64 until_ns);

 private:
  struct Earlier {
    bool operator()(const Timer& a, const Timer& b) const {
      return a.expires_ns_ != b.expires_ns_ ? a.expires_ns_ < b.expires_ns_ : a.order_ < b.order_;
    }
  };

  boost::intrusive::set<Timer, boost::intrusive::compare<Earlier>> queue_;
  std::atomic<u64> now_ns_{0};
  u64 next_order_ = 0;
};

/// The struct timer_list objects of drivers, by address: nothing in the C struct is trusted.
class DriverTimers {
 public:
  explicit DriverTimers(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// add_timer(): mod_timer() to timer.expires; Finding "timer-added-twice" if it is pending.
  void add(struct timer_list& timer);
  /// Returns whether it was pending.
  bool mod(struct timer_list& timer, unsigned long expires_jiffies);
  bool del(struct timer_list& timer);
  /// Like del(); Finding "timer-deletes-itself" from inside its own function.
  bool del_sync(struct timer_list& timer);
  bool pending(const struct timer_list& timer) const;
  /// Memory goes away: pending timers inside are cancelled, each with a Finding
  /// "timer-freed-active".
  void memory_freed(const void* start, u64 bytes);

  /// Forgets every pending timer.
  void clear() { armed_.clear(); }

 private:
  /// The queue's side of one pending struct timer_list.
  class Armed final : public Timer {
   public:
    Armed(DriverTimers& timers, struct timer_list& timer) : timers_(timers), timer_(timer) {}

    void expire() override { timers_.expired(timer_); }

    struct timer_list& driver_timer() {
      return timer_;
    }

   private:
    DriverTimers& timers_;
    struct timer_list& timer_;
  };

  void expired(struct timer_list& timer);

  Scheduler& scheduler_;
  std::unordered_map<const struct timer_list*, std::unique_ptr<Armed>> armed_;
  const struct timer_list* running_ = nullptr;
};

}  // namespace vmsim::sched
