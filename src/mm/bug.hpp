// SPDX-License-Identifier: MIT
// Where Linux has a BUG_ON that a driver can trip: the driver gets the oops, the log a Finding, the machine goes on.
// Counterpart: BUG(). Called by the mm on behalf of a driver that is further up the stack.
#pragma once

#include <string>

#include "mm/env.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::mm {

/// Records the Finding and returns the Error that makes abi oops the calling driver.
Failure kernel_bug(Env& env, std::string rule, std::string text);

/// The same after the driver's `function` has returned: reports the oops on behalf of the current task.
void oops_after_return(Env& env, const void* function, std::string rule, std::string text);

}  // namespace vmsim::mm
