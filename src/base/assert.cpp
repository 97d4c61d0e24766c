// SPDX-License-Identifier: MIT
// The end of the line for bugs in vmsim itself; see assert.hpp.
#include "base/assert.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace vmsim::base {

namespace {
std::atomic<void (*)()> crash_dump{nullptr};
}

void assert_failed(const char* file, int line, const char* function, const char* expr, const char* why) {
  std::fprintf(stderr, "vmsim: bug in vmsim: %s:%d: %s: %s\n  failed: %s\n", file, line, function, why, expr);
  if (auto hook = crash_dump.exchange(nullptr)) hook();
  std::fflush(stderr);
  std::abort();
}

void set_crash_dump(void (*hook)()) { crash_dump.store(hook); }

}  // namespace vmsim::base
