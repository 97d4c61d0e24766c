// SPDX-License-Identifier: MIT
// Assertions of vmsim itself: a failed one is a bug in vmsim, prints function and reason, runs the dump hook, aborts.
// Counterpart: BUG_ON/VM_BUG_ON. Driver misuse is never asserted on; it becomes an errno and a Finding.
#pragma once

namespace vmsim::base {

[[noreturn]] void assert_failed(const char* file, int line, const char* function, const char* expr, const char* why);

/// Called once, before abort, on the failing thread; prints whatever helps (VMAs, a walk). nullptr removes it.
void set_crash_dump(void (*hook)());

}  // namespace vmsim::base

/// Always checked.
#define VMSIM_ASSERT(expr, why)                                                             \
  do {                                                                                      \
    if (!(expr)) [[unlikely]]                                                               \
      ::vmsim::base::assert_failed(__FILE__, __LINE__, __func__, #expr, why);               \
  } while (0)

#if defined(NDEBUG) && !defined(VMSIM_CHECKED)
#define VMSIM_DEBUG_ASSERT(expr, why) ((void)sizeof(!(expr)))
#else
/// Checked in Debug and sanitizer builds; for hot paths.
#define VMSIM_DEBUG_ASSERT(expr, why) VMSIM_ASSERT(expr, why)
#endif

#if defined(VMSIM_EXPENSIVE_CHECKS)
#define VMSIM_EXPENSIVE_ASSERT(expr, why) VMSIM_ASSERT(expr, why)
#else
/// Checked only where VMSIM_EXPENSIVE_CHECKS is defined; may walk whole structures.
#define VMSIM_EXPENSIVE_ASSERT(expr, why) ((void)sizeof(!(expr)))
#endif
