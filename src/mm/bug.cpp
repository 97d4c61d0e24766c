// SPDX-License-Identifier: MIT
// Oopses that the mm finds; see bug.hpp.
#include "mm/bug.hpp"

namespace vmsim::mm {

Failure kernel_bug(Env& env, std::string rule, std::string text) {
  env.probe.finding(std::move(rule), text);
  return fail(sched::kErrBug, std::move(text));
}

void oops_after_return(Env& env, const void* function, std::string rule, std::string text) {
  env.probe.finding_at(env.probe.places().of_function(function), std::move(rule), text);
  const char* const words = text.c_str();
  static_cast<void>(sched::DriverCall::run([words, function] {
    // No driver frame is left to be traced.
    sched::OopsRecord record = sched::DriverCall::bug_record(words, nullptr, __builtin_frame_address(0));
    record.handler = function;
    sched::DriverCall::oops(record);
  }));
}

}  // namespace vmsim::mm
