// SPDX-License-Identifier: MIT
// The timer queue and the driver's timers.
#include "sched/time.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::sched {

Timer::~Timer() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

TimerQueue::~TimerQueue() {
  queue_.clear_and_dispose([](Timer* timer) { timer->queue_ = nullptr; });
}

void TimerQueue::move_clock(u64 to_ns) {
  // One writer: the holder of the CPU.
  if (to_ns > now_ns()) now_ns_.store(to_ns, std::memory_order_relaxed);
}

void TimerQueue::arm(Timer& timer, u64 expires_ns) {
  VMSIM_ASSERT(timer.queue_ == nullptr || timer.queue_ == this, "a timer belongs to one queue");
  cancel(timer);
  timer.expires_ns_ = expires_ns;
  timer.order_ = next_order_++;
  timer.queue_ = this;
  queue_.insert(timer);
}

bool TimerQueue::cancel(Timer& timer) {
  if (timer.queue_ != this) return false;
  queue_.erase(queue_.iterator_to(timer));
  timer.queue_ = nullptr;
  return true;
}

Timer* TimerQueue::pop(u64 until_ns) {
  if (queue_.empty() || next_expiry_ns() > until_ns) return nullptr;
  Timer& first = *queue_.begin();
  cancel(first);
  move_clock(first.expires_ns_);
  return &first;
}

void DriverTimers::add(struct timer_list& timer) {
  if (pending(timer)) {
    scheduler_.finding("timer-added-twice",
                       "add_timer() on a timer that is pending already; Linux has a BUG_ON for it. "
                       "It now expires at the new time.");
  }
  mod(timer, timer.expires);
}

bool DriverTimers::mod(struct timer_list& timer, unsigned long expires_jiffies) {
  std::unique_ptr<Armed>& armed = armed_[&timer];
  const bool was_pending = armed != nullptr;
  if (!was_pending) armed = std::make_unique<Armed>(*this, timer);
  timer.expires = expires_jiffies;
  timer.entry.pprev = &timer.entry.next;
  // Jiffies compare by signed distance, as time_after() does. What is due already fires with the
  // next jiffy.
  const u64 now = scheduler_.jiffies();
  const u64 at = static_cast<i64>(u64{expires_jiffies} - now) > 0 ? u64{expires_jiffies} : now + 1;
  scheduler_.timers().arm(*armed, scheduler_.ns_of_jiffies(at));
  return was_pending;
}

bool DriverTimers::del(struct timer_list& timer) {
  const bool was_pending = armed_.erase(&timer) != 0;
  if (was_pending) timer.entry.pprev = nullptr;
  return was_pending;
}

bool DriverTimers::del_sync(struct timer_list& timer) {
  if (running_ == &timer) {
    scheduler_.finding(
        "timer-deletes-itself",
        "del_timer_sync() from inside the timer's own function waits for itself; Linux "
        "deadlocks here. The timer is deleted without waiting.");
  }
  return del(timer);
}

bool DriverTimers::pending(const struct timer_list& timer) const {
  return armed_.contains(&timer);
}

void DriverTimers::memory_freed(const void* start, u64 bytes) {
  if (armed_.empty()) return;
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  std::vector<Armed*> inside;
  for (const auto& [timer, armed] : armed_) {
    const auto at = reinterpret_cast<std::uintptr_t>(timer);
    if (at + sizeof(struct timer_list) > first && at < first + bytes) inside.push_back(armed.get());
  }
  std::sort(inside.begin(), inside.end(),
            [](const Armed* a, const Armed* b) { return a->expires_ns() < b->expires_ns(); });
  for (Armed* armed : inside) {
    scheduler_.finding(
        "timer-freed-active",
        "memory is freed with a pending timer in it that would have expired at " +
            std::to_string(armed->expires_ns()) +
            " ns; in Linux its function would run on freed memory. It is cancelled.");
    armed_.erase(&armed->driver_timer());
  }
}

void DriverTimers::expired(struct timer_list& timer) {
  armed_.erase(&timer);  // destroys the caller's object: nothing of it is used from here on
  timer.entry.pprev = nullptr;
  const struct timer_list* outer = running_;
  running_ = &timer;
  if (timer.function != nullptr) {
    scheduler_.driver_door().call_timer(timer);
  } else {
    scheduler_.finding("timer-no-function",
                       "a timer without a function has expired; Linux jumps to 0.");
  }
  running_ = outer;
}

}  // namespace vmsim::sched
