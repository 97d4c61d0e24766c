// SPDX-License-Identifier: MIT
// One simulated CPU: the word that says whether somebody runs on it, and the baton by which it is
// handed on. Counterpart: struct rq and the idle loop. Leaves out load, priorities and frequency.
// Used by the scheduler only; the claim word is the one thing here that threads touch without the
// scheduler's mutex.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "vmsim/addr.hpp"

namespace vmsim::sched {

class Task;

/// A one-shot gate between host threads: post() lets one wait() pass, before or after.
/// Mutex and condition variable: std::binary_semaphore of GCC 12 can miss a wake-up.
class Baton {
 public:
  void post();
  void wait();
  /// True if the baton came.
  bool wait_for(std::chrono::microseconds limit);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  bool posted_ = false;
};

/// xoshiro256** seeded by splitmix64: the same numbers on every host.
class Rng {
 public:
  explicit Rng(u64 seed);
  u64 next();
  /// Uniform in [0, bound). Pre: bound > 0.
  u64 below(u64 bound);

 private:
  u64 state_[4];
};

/// States: free (claim 0) or held by exactly one host thread (claim 1). Handing over keeps the
/// claim at 1.
class alignas(64) Cpu {
 public:
  /// One atomic exchange. On success everything that earlier holders wrote is visible.
  bool try_claim() { return claim_.exchange(1, std::memory_order_seq_cst) == 0; }

  /// A plain store where the host has an asymmetric barrier (the arriving side pays), else an
  /// exchange.
  void release() {
    if (arrivals_pay_) [[likely]] {
      claim_.store(0, std::memory_order_release);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      claim_.exchange(0, std::memory_order_seq_cst);
    }
  }

  /// An arrival calls this between announcing itself and its last try_claim().
  void order_before_claim() const;

  Cpu();
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  Task* current = nullptr;  ///< who runs; valid while claimed
  u64 entries = 0;          ///< outermost kernel entries so far, written by the holder
  u64 quiescent = 0;        ///< RCU: times this CPU was seen outside of every reader
  unsigned id = 0;

 private:
  std::atomic<u32> claim_{0};
  bool arrivals_pay_ = false;
};

}  // namespace vmsim::sched
