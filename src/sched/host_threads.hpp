// SPDX-License-Identifier: MIT
// How many threads of the host process could still call into a machine. Counterpart: none.
// Leaves out threads that are outside now but never call in: they count as if they might. The
// counts cover all machines of the process. Any thread; used by the scheduler only.
#pragma once

#include <atomic>

namespace vmsim::sched::host_threads {

inline std::atomic<int> owned{0};    ///< threads that vmsim made for tasks and that have not ended
inline std::atomic<int> waiting{0};  ///< other threads, asleep inside some machine
inline constinit thread_local bool this_is_owned = false;

/// The calling thread was owned and is about to return. The host still lists it for a moment.
void note_ending();

/// True if the process has threads besides those. Pre: the caller is one of them.
bool others_exist();

}  // namespace vmsim::sched::host_threads
