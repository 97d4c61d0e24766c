// SPDX-License-Identifier: MIT
// Text to numbers, and sscanf. Counterpart: lib/vsprintf.c, lib/kstrtox.c, lib/cmdline.c. Leaves
// out %[ ranges beyond single characters and lo-hi pairs. Called by abi; it reads and writes
// through pointers that drivers supply, so it owns nothing (see format.hpp).
#pragma once

#include <cstdarg>

#include "vmsim/addr.hpp"

namespace vmsim::kern {

/// Digits of `base` (0: by prefix) up to the first other character, which `*end` gets. Overflow
/// wraps, as in simple_strtoull().
u64 scan_number(const char* text, const char** end, unsigned base);

/// kstrtoull(): the whole text but for one final newline. 0, -EINVAL or -ERANGE.
int parse_unsigned(const char* text, unsigned base, u64* value);
/// kstrtoll().
int parse_signed(const char* text, unsigned base, i64* value);
/// kstrtobool(): "y", "Y", "1", "on", … 0 or -EINVAL.
int parse_bool(const char* text, bool* value);

/// A number and its suffix K, M, G, T, P or E.
u64 scan_memory_size(const char* text, const char** end);

/// vsscanf(): the number of conversions that were stored.
int scan_text(const char* text, const char* format, va_list args);

}  // namespace vmsim::kern
