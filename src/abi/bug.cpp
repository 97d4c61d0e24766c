// SPDX-License-Identifier: MIT
// linux/bug.h: BUG and WARN of drivers. Counterpart: lib/bug.c, kernel/panic.c. Leaves out the
// register dump of a warning. Called by drivers through the export table.
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "abi/abi.hpp"
#include "abi/print.hpp"
#include "kern/log.hpp"

namespace vmsim::abi {

namespace {

[[noreturn]] void vmsim_bug(const char* file, int line) {
  char text[sizeof(sched::OopsRecord::text)];
  std::snprintf(text, sizeof(text), "kernel BUG at %s:%d!", file, line);
  leave_by_bug(text, VMSIM_ABI_CALLER);
}

void report_warning(const char* where, const char* text, const void* return_address) {
  kern::Kernel& k = kernel();
  const std::string symbol =
      k.oops ? k.oops->symbolize(reinterpret_cast<u64>(return_address)) : std::string();
  const sched::Task& task = sched::current_task();
  kern::Log& log = *k.log;
  log.print("------------[ cut here ]------------\n", kern::Log::kWarning);
  if (*text != '\0') log.print(std::string(text) + "\n", kern::Log::kWarning);
  log.print(fmt::format("WARNING: CPU: 0 PID: {} at {} {}\n", task.pid, where, symbol),
            kern::Log::kWarning);
  log.print("---[ end trace 0000000000000000 ]---\n", kern::Log::kWarning);
  k.probe.finding("warn", fmt::format("WARNING at {}{}{}", where, *text != '\0' ? ": " : "", text));
}

/// The text is formatted in the driver's context, where a bad argument is its oops.
void vmsim_warn(const char* file, int line, const char*, const char* format, ...) {
  char where[128];
  char text[512];
  std::snprintf(where, sizeof(where), "%s:%d", file, line);
  va_list arguments;
  va_start(arguments, format);
  format_args(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (char* const newline = std::strchr(text, '\0'); newline != text && newline[-1] == '\n')
    newline[-1] = '\0';
  const void* const return_address = __builtin_return_address(0);
  core([&] { report_warning(where, text, return_address); });
}

}  // namespace

std::span<const Export> bug_exports() {
  static const Export table[] = {
      exported("vmsim_bug", &vmsim_bug),
      exported("vmsim_warn", &vmsim_warn),
  };
  return table;
}

}  // namespace vmsim::abi
