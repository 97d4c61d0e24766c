// SPDX-License-Identifier: MIT
// The baton, the generator, and the asymmetric barrier that keeps leaving the kernel cheap.
#include "sched/cpu.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace vmsim::sched {

void Baton::post() {
  // Notified under the mutex: the receiver may destroy the baton as soon as it has it.
  const std::lock_guard lock(mutex_);
  posted_ = true;
  arrived_.notify_one();
}

void Baton::wait() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return posted_; });
  posted_ = false;
}

bool Baton::wait_for(std::chrono::microseconds limit) {
  std::unique_lock lock(mutex_);
  // An absolute time of the system clock: ThreadSanitizer knows no other timed wait of this
  // library.
  if (!arrived_.wait_until(lock, std::chrono::system_clock::now() + limit,
                           [this] { return posted_; })) {
    return false;
  }
  posted_ = false;
  return true;
}

namespace {

u64 splitmix(u64& state) {
  state += 0x9e3779b97f4a7c15;
  u64 z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

u64 rotate_left(u64 value, unsigned bits) {
  return (value << bits) | (value >> (64 - bits));
}

bool register_membarrier() {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

}  // namespace

Rng::Rng(u64 seed) {
  for (u64& word : state_) word = splitmix(seed);
}

u64 Rng::next() {
  const u64 result = rotate_left(state_[1] * 5, 7) * 9;
  const u64 shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

u64 Rng::below(u64 bound) {
  VMSIM_ASSERT(bound > 0, "an empty range has no member");
  return next() % bound;  // the bias is far below what a schedule could show
}

Cpu::Cpu() {
  static const bool registered = register_membarrier();
  arrivals_pay_ = registered;
}

void Cpu::order_before_claim() const {
  // Pairs with the compiler fence in release(): either the holder that leaves sees the
  // announcement, or the claim word is seen free.
  if (arrivals_pay_) syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

}  // namespace vmsim::sched
