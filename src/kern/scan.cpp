// SPDX-License-Identifier: MIT
// Numbers out of texts, and the walk over a scanf format.
#include "kern/scan.hpp"

#include <cerrno>
#include <climits>

namespace vmsim::kern {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The value of a digit, 99 for none.
unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char l = lower(c);
  return l >= 'a' && l <= 'z' ? static_cast<unsigned>(l - 'a') + 10 : 99;
}

const char* skip_prefix(const char* text, unsigned& base) {
  const bool hex = text[0] == '0' && lower(text[1]) == 'x' && digit_value(text[2]) < 16;
  if (base == 0) base = hex ? 16 : text[0] == '0' ? 8 : 10;
  return base == 16 && text[0] == '0' && lower(text[1]) == 'x' && (hex || digit_value(text[2]) < 16)
             ? text + 2
             : text;
}

struct Digits {
  u64 value = 0;
  bool overflow = false;
  const char* end = nullptr;
};

Digits read_digits(const char* text, unsigned base, unsigned max) {
  Digits digits;
  for (; max > 0 && digit_value(*text) < base; ++text, --max) {
    u64 scaled = 0;
    digits.overflow |= __builtin_mul_overflow(digits.value, u64{base}, &scaled);
    digits.overflow |= __builtin_add_overflow(scaled, u64{digit_value(*text)}, &digits.value);
  }
  digits.end = text;
  return digits;
}

}  // namespace

u64 scan_number(const char* text, const char** end, unsigned base) {
  const char* const start = skip_prefix(text, base);
  const Digits digits = read_digits(start, base, UINT_MAX);
  if (end != nullptr) *end = digits.end;
  return digits.value;
}

int parse_unsigned(const char* text, unsigned base, u64* value) {
  if (*text == '+') ++text;
  const char* const start = skip_prefix(text, base);
  const Digits digits = read_digits(start, base, UINT_MAX);
  if (digits.end == start) return -EINVAL;
  if (digits.overflow) return -ERANGE;
  const char* end = digits.end;
  if (*end == '\n') ++end;
  if (*end != '\0') return -EINVAL;
  *value = digits.value;
  return 0;
}

int parse_signed(const char* text, unsigned base, i64* value) {
  u64 magnitude = 0;
  const bool negative = *text == '-';
  const int error = parse_unsigned(negative ? text + 1 : text, base, &magnitude);
  if (error != 0) return error;
  const u64 limit = u64{LLONG_MAX} + (negative ? 1 : 0);
  if (magnitude > limit) return -ERANGE;
  *value = static_cast<i64>(negative ? u64{0} - magnitude : magnitude);
  return 0;
}

int parse_bool(const char* text, bool* value) {
  if (text == nullptr) return -EINVAL;
  switch (lower(text[0])) {
    case 'y':
    case 't':
    case '1':
      *value = true;
      return 0;
    case 'n':
    case 'f':
    case '0':
      *value = false;
      return 0;
    case 'o':
      if (lower(text[1]) != 'n' && lower(text[1]) != 'f') return -EINVAL;
      *value = lower(text[1]) == 'n';
      return 0;
    default:
      return -EINVAL;
  }
}

u64 scan_memory_size(const char* text, const char** end) {
  const char* at = nullptr;
  u64 value = scan_number(text, &at, 0);
  static constexpr char kSuffixes[] = "kmgtpe";
  for (unsigned i = 0; kSuffixes[i] != '\0'; ++i) {
    if (lower(*at) != kSuffixes[i]) continue;
    value <<= 10 * (i + 1);
    ++at;
    break;
  }
  if (end != nullptr) *end = at;
  return value;
}

namespace {

struct Conversion {
  bool discard = false;
  int width = -1;
  char size = 0;  ///< h, H (hh), l, L (ll), z
  char letter = 0;
};

struct Arguments {
  va_list list;
};

const char* read_conversion(const char* at, Conversion& conversion) {
  if (*at == '*') {
    conversion.discard = true;
    ++at;
  }
  if (is_digit(*at)) {
    conversion.width = 0;
    for (; is_digit(*at); ++at)
      conversion.width = conversion.width > 10000 ? 10000 : conversion.width * 10 + (*at - '0');
  }
  if (*at == 'h' || *at == 'l') {
    conversion.size = *at++;
    if (*at == conversion.size) {
      conversion.size = conversion.size == 'l' ? 'L' : 'H';
      ++at;
    }
  } else if (*at == 'L' || *at == 'z' || *at == 'Z') {
    conversion.size = *at++ == 'L' ? 'L' : 'z';
  }
  conversion.letter = *at;
  return *at == '\0' ? at : at + 1;
}

void store_integer(const Conversion& conversion, u64 value, Arguments& args) {
  if (conversion.discard) return;
  void* const to = va_arg(args.list, void*);
  switch (conversion.size) {
    case 'H':
      *static_cast<u8*>(to) = static_cast<u8>(value);
      break;
    case 'h':
      *static_cast<u16*>(to) = static_cast<u16>(value);
      break;
    case 'l':
    case 'L':
    case 'z':
      *static_cast<u64*>(to) = value;
      break;
    default:
      *static_cast<u32*>(to) = static_cast<u32>(value);
  }
}

/// Behind the number, nullptr if there is none.
const char* scan_integer(const char* text, const Conversion& conversion, Arguments& args) {
  while (is_space(*text)) ++text;
  const bool is_signed = conversion.letter == 'd' || conversion.letter == 'i';
  unsigned base = conversion.letter == 'o' ? 8 : conversion.letter == 'i' ? 0 : 10;
  if (conversion.letter == 'x' || conversion.letter == 'X') base = 16;
  const char* start = text;
  const bool negative = is_signed && *start == '-';
  if (negative) ++start;
  const char* const digits = skip_prefix(start, base);
  unsigned max = UINT_MAX;
  if (conversion.width >= 0) {
    const auto used = static_cast<int>(digits - text);
    max = conversion.width > used ? static_cast<unsigned>(conversion.width - used) : 0;
  }
  const Digits read = read_digits(digits, base, max);
  if (read.end == digits) return nullptr;
  store_integer(conversion, negative ? u64{0} - read.value : read.value, args);
  return read.end;
}

const char* scan_word(const char* text, const Conversion& conversion, Arguments& args) {
  while (is_space(*text)) ++text;
  char* to = conversion.discard ? nullptr : va_arg(args.list, char*);
  int left = conversion.width < 0 ? INT_MAX : conversion.width;
  for (; *text != '\0' && !is_space(*text) && left > 0; ++text, --left)
    if (to != nullptr) *to++ = *text;
  if (to != nullptr) *to = '\0';
  return text;
}

const char* scan_chars(const char* text, const Conversion& conversion, Arguments& args) {
  char* to = conversion.discard ? nullptr : va_arg(args.list, char*);
  int left = conversion.width < 0 ? 1 : conversion.width;
  for (; left > 0 && *text != '\0'; ++text, --left)
    if (to != nullptr) *to++ = *text;
  return left > 0 ? nullptr : text;
}

/// %[set]; `at` is behind the '['.
const char* scan_set(const char* text, const char*& at, const Conversion& conversion,
                     Arguments& args) {
  const bool inverted = *at == '^';
  if (inverted) ++at;
  const char* const set = at;
  if (*at == ']') ++at;
  while (*at != '\0' && *at != ']') ++at;
  const char* const set_end = at;
  if (*at == ']') ++at;
  const auto in_set = [&](char c) {
    for (const char* s = set; s < set_end; ++s) {
      if (s + 2 < set_end && s[1] == '-') {
        if (c >= s[0] && c <= s[2]) return true;
        s += 2;
      } else if (*s == c) {
        return true;
      }
    }
    return false;
  };
  char* to = conversion.discard ? nullptr : va_arg(args.list, char*);
  const char* const start = text;
  int left = conversion.width < 0 ? INT_MAX : conversion.width;
  for (; *text != '\0' && left > 0 && in_set(*text) != inverted; ++text, --left)
    if (to != nullptr) *to++ = *text;
  if (text == start) return nullptr;
  if (to != nullptr) *to = '\0';
  return text;
}

/// Behind what the conversion took, nullptr where scanning ends.
const char* scan_one(const char* text, const char*& at, const Conversion& conversion,
                     Arguments& args) {
  switch (conversion.letter) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return scan_integer(text, conversion, args);
    case 's':
      return scan_word(text, conversion, args);
    case 'c':
      return scan_chars(text, conversion, args);
    case '[':
      return scan_set(text, at, conversion, args);
    default:
      return nullptr;
  }
}

}  // namespace

int scan_text(const char* text, const char* format, va_list list) {
  Arguments args;
  va_copy(args.list, list);
  const char* const start = text;
  int stored = 0;
  while (*format != '\0') {
    if (is_space(*format)) {
      while (is_space(*format)) ++format;
      while (is_space(*text)) ++text;
      continue;
    }
    if (*format != '%' || format[1] == '%') {
      if (*format == '%') ++format;
      if (*text == '\0' || *text != *format) break;
      ++text;
      ++format;
      continue;
    }
    Conversion conversion;
    format = read_conversion(format + 1, conversion);
    if (conversion.letter == 'n') {
      *va_arg(args.list, int*) = static_cast<int>(text - start);
      continue;
    }
    if (*text == '\0') break;
    text = scan_one(text, format, conversion, args);
    if (text == nullptr) break;
    if (!conversion.discard) ++stored;
  }
  va_end(args.list);
  return stored;
}

}  // namespace vmsim::kern
