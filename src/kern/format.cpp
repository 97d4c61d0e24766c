// SPDX-License-Identifier: MIT
// The kernel's printf: flags, numbers, strings, and the walk over the format. Pointers are in
// format_pointer.cpp.
#include "kern/format.hpp"

#include "kern/format_output.hpp"

namespace vmsim::kern {

using format_detail::Output;
using format_detail::Spec;

namespace format_detail {

void put_padding(Output& out, int count, char fill) {
  for (; count > 0; --count) out.put(fill);
}

void put_number(Output& out, u64 value, bool negative, Spec spec) {
  char digits[24];
  int count = 0;
  const char* const letters = (spec.flags & kSmall) != 0 ? "0123456789abcdef" : "0123456789ABCDEF";
  do {
    digits[count++] = letters[value % spec.base];
    value /= spec.base;
  } while (value != 0);
  char sign = 0;
  if ((spec.flags & kSigned) != 0) {
    if (negative)
      sign = '-';
    else if ((spec.flags & kPlus) != 0)
      sign = '+';
    else if ((spec.flags & kSpace) != 0)
      sign = ' ';
  }
  const bool prefix = (spec.flags & kSpecial) != 0 && spec.base != 10;
  const int prefix_length = !prefix ? 0 : spec.base == 16 ? 2 : 1;
  const int precision = spec.precision > count ? spec.precision : count;
  int pad = spec.width - precision - prefix_length - (sign != 0 ? 1 : 0);
  if ((spec.flags & (kZeroPad | kLeft)) == 0) {
    put_padding(out, pad, ' ');
    pad = 0;
  }
  if (sign != 0) out.put(sign);
  if (prefix) out.put('0');
  if (prefix && spec.base == 16) out.put((spec.flags & kSmall) != 0 ? 'x' : 'X');
  if ((spec.flags & kLeft) == 0) {
    put_padding(out, pad, '0');
    pad = 0;
  }
  put_padding(out, precision - count, '0');
  while (count > 0) out.put(digits[--count]);
  put_padding(out, pad, ' ');
}

void put_text(Output& out, const char* text, Spec spec) {
  int length = 0;
  while (length != spec.precision && text[length] != '\0') ++length;
  const int pad = spec.width - length;
  if ((spec.flags & kLeft) == 0) put_padding(out, pad, ' ');
  for (int i = 0; i < length; ++i) out.put(text[i]);
  if ((spec.flags & kLeft) != 0) put_padding(out, pad, ' ');
}

void put_string(Output& out, const char* text, Spec spec, const FormatSource& source) {
  const u64 address = reinterpret_cast<u64>(text);
  constexpr u64 kErrPtrs = 4095;
  if (source.version >= kChecksPointers) {
    if (address == 0)
      text = "(null)";
    else if (address < kPageSize || address >= ~u64{0} - kErrPtrs + 1)
      text = "(efault)";
  } else if (address < kPageSize) {
    text = "(null)";
  }
  put_text(out, text, spec);
}

}  // namespace format_detail

namespace {

using namespace format_detail;

/// va_list as an object that can be passed by reference; the owner ends it.
struct Arguments {
  va_list list;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int read_decimal(const char*& at) {
  int value = 0;
  for (; is_digit(*at); ++at) value = value > 100000 ? value : value * 10 + (*at - '0');
  return value;
}

Spec read_flags(const char*& at) {
  Spec spec;
  for (;; ++at) {
    if (*at == '-')
      spec.flags |= kLeft;
    else if (*at == '+')
      spec.flags |= kPlus;
    else if (*at == ' ')
      spec.flags |= kSpace;
    else if (*at == '#')
      spec.flags |= kSpecial;
    else if (*at == '0')
      spec.flags |= kZeroPad;
    else
      return spec;
  }
}

void read_width(const char*& at, Spec& spec, Arguments& args) {
  if (*at == '*') {
    ++at;
    spec.width = va_arg(args.list, int);
    if (spec.width < 0) {
      spec.width = -spec.width;
      spec.flags |= kLeft;
    }
  } else if (is_digit(*at)) {
    spec.width = read_decimal(at);
  }
  if (*at != '.') return;
  ++at;
  if (*at == '*') {
    ++at;
    spec.precision = va_arg(args.list, int);
  } else {
    spec.precision = read_decimal(at);
  }
  if (spec.precision < 0) spec.precision = 0;
}

void read_size(const char*& at, Spec& spec) {
  if (*at == 'h' || *at == 'l') {
    spec.size = *at++;
    if (*at == spec.size) {
      spec.size = spec.size == 'l' ? 'L' : 'H';
      ++at;
    }
  } else if (*at == 'L' || *at == 'z' || *at == 'Z' || *at == 't') {
    spec.size = *at++;
  }
}

void put_integer(Output& out, Spec spec, Arguments& args) {
  const bool is_signed = (spec.flags & kSigned) != 0;
  i64 value = 0;
  if (spec.size == 'l' || spec.size == 'L' || spec.size == 'z' || spec.size == 'Z' ||
      spec.size == 't') {
    value = va_arg(args.list, i64);
    if (!is_signed) return put_number(out, static_cast<u64>(value), false, spec);
  } else {
    const int small = va_arg(args.list, int);
    const auto bits = static_cast<u32>(small);
    if (spec.size == 'H')
      value = is_signed ? i64{static_cast<signed char>(small)} : i64{bits & 0xff};
    else if (spec.size == 'h')
      value = is_signed ? i64{static_cast<short>(small)} : i64{bits & 0xffff};
    else
      value = is_signed ? i64{small} : i64{bits};
  }
  const bool negative = value < 0;
  put_number(out, negative ? u64{0} - static_cast<u64>(value) : static_cast<u64>(value), negative,
             spec);
}

void put_char(Output& out, Spec spec, Arguments& args) {
  if ((spec.flags & kLeft) == 0) put_padding(out, spec.width - 1, ' ');
  out.put(static_cast<char>(va_arg(args.list, int)));
  if ((spec.flags & kLeft) != 0) put_padding(out, spec.width - 1, ' ');
}

/// Base and flags of an integer conversion; false if the letter is none.
bool integer_conversion(char letter, Spec& spec) {
  switch (letter) {
    case 'd':
    case 'i':
      spec.flags |= kSigned;
      return true;
    case 'u':
      return true;
    case 'o':
      spec.base = 8;
      return true;
    case 'x':
      spec.flags |= kSmall;
      spec.base = 16;
      return true;
    case 'X':
      spec.base = 16;
      return true;
    default:
      return false;
  }
}

void put_all(Output& out, const char* at, Arguments& args, FormatSource& source, unsigned depth);

/// One conversion, `at` behind its '%'; nullptr where the output ends.
const char* put_conversion(Output& out, const char* at, Arguments& args, FormatSource& source,
                           unsigned depth) {
  Spec spec = read_flags(at);
  read_width(at, spec, args);
  read_size(at, spec);
  const char letter = *at;
  if (integer_conversion(letter, spec)) {
    put_integer(out, spec, args);
  } else if (letter == '%') {
    out.put('%');
  } else if (letter == 'c') {
    put_char(out, spec, args);
  } else if (letter == 's') {
    put_string(out, va_arg(args.list, const char*), spec, source);
  } else if (letter == 'p') {
    const void* const pointer = va_arg(args.list, const void*);
    if (at[1] == 'V' && depth < kNestedMax) {
      const auto* const nested = static_cast<const NestedFormat*>(pointer);
      Arguments inner;
      va_copy(inner.list, *nested->args);
      put_all(out, nested->fmt, inner, source, depth + 1);
      va_end(inner.list);
    } else {
      put_pointer(out, at + 1, pointer, spec, source);
    }
    ++at;
    while (is_alnum(*at)) ++at;
    return at;
  } else {
    source.bad_conversion(letter);
    return nullptr;
  }
  return at + 1;
}

void put_all(Output& out, const char* at, Arguments& args, FormatSource& source, unsigned depth) {
  while (at != nullptr && *at != '\0') {
    if (*at == '%')
      at = put_conversion(out, at + 1, args, source, depth);
    else
      out.put(*at++);
  }
}

}  // namespace

std::size_t format_text(char* to, std::size_t size, const char* format, va_list args,
                        FormatSource& source) {
  Output out{to, size, 0};
  Arguments own;
  va_copy(own.list, args);
  put_all(out, format, own, source, 0);
  va_end(own.list);
  out.finish();
  return out.length;
}

}  // namespace vmsim::kern
