// SPDX-License-Identifier: MIT
// How many threads of the host process could still call into a machine. Counterpart: none.
// The counts cover all machines of the process. Any thread; used by the scheduler's idle path only.
#pragma once

#include <atomic>

namespace vmsim::sched::host_threads {

inline std::atomic<int> owned{0};    ///< threads that vmsim made for tasks
inline std::atomic<int> waiting{0};  ///< other threads, blocked inside some machine
inline constinit thread_local bool this_is_owned = false;

/// True if the process has threads besides those and the caller.
bool others_exist();

}  // namespace vmsim::sched::host_threads
