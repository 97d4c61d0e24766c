// SPDX-License-Identifier: MIT
// How code that touches the bytes of simulated RAM steps aside for ThreadSanitizer. Counterpart:
// the kernel's data_race(). Programs race on their own memory as they like; that is no bug of
// vmsim. For rooms that read or write simulated RAM.
#pragma once

#define VMSIM_NO_TSAN __attribute__((no_sanitize("thread")))

#if defined(__SANITIZE_THREAD__)
#  define VMSIM_TSAN 1
#elif defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define VMSIM_TSAN 1
#  endif
#endif
