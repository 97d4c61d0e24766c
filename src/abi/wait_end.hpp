// SPDX-License-Identifier: MIT
// How functions that wait and cannot say that they failed come back. Counterpart: none; Linux waits
// for ever. Room abi only.
#pragma once

#include "abi/abi.hpp"

namespace vmsim::abi {

/// Leaves the driver if a lock was not got: 0 returns; -EDEADLK (this task holds it) and -EINTR
/// (nobody can ever release it, reported; or the machine is switched off) do not.
void require_acquired(int error, const Caller& caller);
/// The same for a wait that has no other end than being woken.
void require_woken(sched::WaitResult result, const Caller& caller);

/// -ERESTARTSYS for a signal, -EINTR for a wait that nobody could ever end, 0, and -ETIME.
int restartable(sched::WaitResult result);

inline constexpr int kErestartsys = 512;
/// MAX_SCHEDULE_TIMEOUT.
inline constexpr long kForever = static_cast<long>(~0ul >> 1);

/// The point in time that is so many jiffies away.
sched::Deadline deadline_in_jiffies(long jiffies);

}  // namespace vmsim::abi
