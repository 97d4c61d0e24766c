// SPDX-License-Identifier: MIT
// The kernel's printf: C's conversions without floating point, and the %p extensions. Counterpart:
// lib/vsprintf.c. Leaves out %n, %lc, %pI6, %pU, %pt, %pC, %pO and netdev and clock names. Called
// by abi, and by core rooms for texts that follow a driver's format. It reads through pointers that
// drivers supply and may be left by an oops at any of them, so it owns nothing while it does: plain
// buffers, no object with a destructor.
#pragma once

#include <cstdarg>
#include <cstddef>

#include "vmsim/addr.hpp"

namespace vmsim::kern {

/// What the formatter asks of the machine about pointers.
class FormatSource {
 public:
  /// The value that the simulated kernel has for a host pointer.
  virtual u64 printed(const void* pointer) = 0;
  /// "name+0x10/0x40 [module]" into `to`, NUL-terminated; false where no symbol is known.
  virtual bool symbol(u64 address, char* to, std::size_t size) = 0;
  /// A conversion that the kernel does not know; the output ends there.
  virtual void bad_conversion(char letter) = 0;

  unsigned version = 0;          ///< KERNEL_VERSION code: how pointers are shown
  unsigned pointer_digits = 16;  ///< 8 on a 32-bit machine
  u64 hash_key = 0;              ///< %p since 4.15

 protected:
  /// Not virtual: a derived object may be left by a jump.
  ~FormatSource() = default;
};

/// struct va_format, the argument of %pV.
struct NestedFormat {
  const char* fmt;
  va_list* args;
};

/// vsnprintf(): writes at most `size` bytes with the NUL, and returns the length that the whole
/// text has.
std::size_t format_text(char* to, std::size_t size, const char* format, va_list args,
                        FormatSource& source);

}  // namespace vmsim::kern
