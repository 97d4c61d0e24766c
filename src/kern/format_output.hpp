// SPDX-License-Identifier: MIT
// What the parts of the formatter share: the bounded output and a conversion's specification.
// Counterpart: struct printf_spec. For format.cpp and format_pointer.cpp only. Plain data, see
// format.hpp.
#pragma once

#include "kern/format.hpp"
#include "kern/log.hpp"

namespace vmsim::kern::format_detail {

inline constexpr unsigned kZeroPad = 1, kSigned = 2, kPlus = 4, kSpace = 8, kLeft = 16, kSmall = 32,
                          kSpecial = 64;

/// Since 5.2 the kernel looks at pointers before it follows them.
inline constexpr unsigned kChecksPointers = kernel_version(5, 2, 0);
/// Since 4.15 %p is a hash.
inline constexpr unsigned kHashesPointers = kernel_version(4, 15, 0);
inline constexpr unsigned kNestedMax = 4;

struct Spec {
  unsigned flags = 0;
  int width = -1;
  int precision = -1;
  unsigned base = 10;
  char size = 0;  ///< h, H (hh), l, L (ll), z, Z, t
};

/// Counts what does not fit, as vsnprintf() does.
struct Output {
  char* to;
  std::size_t size;
  std::size_t length;

  void put(char c) {
    if (length < size) to[length] = c;
    ++length;
  }

  void finish() {
    if (size != 0) to[length < size ? length : size - 1] = '\0';
  }
};

inline bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void put_padding(Output& out, int count, char fill);
void put_number(Output& out, u64 value, bool negative, Spec spec);
/// A text of vmsim's own.
void put_text(Output& out, const char* text, Spec spec);
/// A text that a driver points to.
void put_string(Output& out, const char* text, Spec spec, const FormatSource& source);
/// `letters` follows the 'p'.
void put_pointer(Output& out, const char* letters, const void* pointer, Spec spec,
                 FormatSource& source);

}  // namespace vmsim::kern::format_detail
