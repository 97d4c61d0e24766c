// SPDX-License-Identifier: MIT
// The two wake functions that drivers name in their wait queue entries. Counterpart:
// kernel/sched/wait.c. Room abi only.
#pragma once

#include "vmsim/kapi/vmsim/lock_types.h"

namespace vmsim::abi {

int autoremove_wake_function(::wait_queue_entry* entry, unsigned mode, int flags, void* key);
int default_wake_function(::wait_queue_entry* entry, unsigned mode, int flags, void* key);

}  // namespace vmsim::abi
