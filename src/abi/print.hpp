// SPDX-License-Identifier: MIT
// The kernel's format for the files of this room: drivers pass a format and arguments where the
// core wants a text. Counterpart: lib/vsprintf.c. Room abi only. Runs in the driver's context: a
// wild pointer among the arguments is the driver's oops, so callers own nothing that has a
// destructor.
#pragma once

#include <cstdarg>
#include <cstddef>

namespace vmsim::abi {

/// As vsnprintf(): the length that the whole text has; at most `size` bytes are written, with the
/// NUL.
std::size_t format_args(char* to, std::size_t size, const char* format, va_list args);

/// Texts that the kernel keeps in a buffer of its own: names, log lines.
inline constexpr std::size_t kTextMax = 1024;

/// printk() for this room's own lines.
void log_line(const char* text);

}  // namespace vmsim::abi

/// Declares `char name[]`, the text of a function's format and variable arguments.
#define VMSIM_ABI_TEXT(name, format, last)                             \
  char name[::vmsim::abi::kTextMax];                                   \
  do {                                                                 \
    va_list vmsim_args;                                                \
    va_start(vmsim_args, last);                                        \
    ::vmsim::abi::format_args(name, sizeof(name), format, vmsim_args); \
    va_end(vmsim_args);                                                \
  } while (0)
