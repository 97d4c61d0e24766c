// SPDX-License-Identifier: MIT
// The kernel's printf and scanf: every conversion against the text that a kernel prints.
#include "kern/format.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "vmsim/kapi/vmsim/fs_types.h"

#include "kern/log.hpp"
#include "kern/scan.hpp"

namespace vmsim::kern {
namespace {

constexpr u64 kShift = 0x1000;

class FakeSource final : public FormatSource {
 public:
  explicit FakeSource(unsigned kernel = kernel_version(6, 12, 0)) { version = kernel; }

  u64 printed(const void* pointer) override { return reinterpret_cast<u64>(pointer) + kShift; }

  bool symbol(u64 address, char* to, std::size_t size) override {
    if (address != 0x1234000) return false;
    std::snprintf(to, size, "my_fault+0x10/0x40 [probe]");
    return true;
  }

  void bad_conversion(char letter) override { bad += letter; }

  std::string bad;
};

std::string format_with(FakeSource& source, const char* format, ...) {
  char text[300];
  va_list args;
  va_start(args, format);
  const std::size_t length = format_text(text, sizeof(text), format, args, source);
  va_end(args);
  EXPECT_EQ(length, std::string(text).size());
  return text;
}

#define SHOWN(...)                           \
  [&] {                                      \
    FakeSource source;                       \
    return format_with(source, __VA_ARGS__); \
  }()

#define SHOWN_BY(a, b, c, ...)                  \
  [&] {                                         \
    FakeSource source(kernel_version(a, b, c)); \
    return format_with(source, __VA_ARGS__);    \
  }()

void* pointer(u64 value) {
  return reinterpret_cast<void*>(value);
}

TEST(Format, numbers) {
  EXPECT_EQ(SHOWN("%d|%i|%u", -5, 7, 4000000000u), "-5|7|4000000000");
  EXPECT_EQ(SHOWN("%x|%X|%o|%#x|%#o", 255, 255, 8, 255, 8), "ff|FF|10|0xff|010");
  EXPECT_EQ(SHOWN("%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42), "   42|42   |00042|+42| 42");
  EXPECT_EQ(SHOWN("%*d|%-*d|%.3d", 4, 7, 4, 7, 7), "   7|7   |007");
  EXPECT_EQ(SHOWN("%ld|%lu|%llx|%zu", -1l, ~0ul, ~0ull, std::size_t{9}),
            "-1|18446744073709551615|ffffffffffffffff|9");
  EXPECT_EQ(SHOWN("%hhd|%hd|%hhu|%hx", 0x1ff, 0x18000, 0x1ff, 0x12345), "-1|-32768|255|2345");
  EXPECT_EQ(SHOWN("%lld", -9223372036854775807ll - 1), "-9223372036854775808");
}

TEST(Format, agrees_with_libc_on_numbers) {
  const char* const given = std::getenv("VMSIM_SEED");
  const unsigned long seed = given != nullptr ? std::strtoul(given, nullptr, 0) : 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const char* const formats[] = {"%ld", "%5ld", "%-9ld|", "%+ld",  "% ld",    "%lu",    "%lx",
                                 "%lX", "%lo",  "%020lx", "%.7ld", "%12.5lu", "%-12lx|"};
  for (int i = 0; i < 2000; ++i) {
    const char* const format = formats[random() % std::size(formats)];
    const long value = static_cast<long>(random() >> (random() % 64));
    char expected[100];
    std::snprintf(expected, sizeof(expected), format, value);
    EXPECT_EQ(SHOWN(format, value), expected) << format << " of " << value;
  }
}

TEST(Format, strings_and_characters) {
  EXPECT_EQ(SHOWN("[%s|%5s|%-5s|%.2s|%c%3c]", "abc", "ab", "ab", "abc", 'x', 'y'),
            "[abc|   ab|ab   |ab|x  y]");
  EXPECT_EQ(SHOWN("100%%"), "100%");
  const char unterminated[2] = {'a', 'b'};
  EXPECT_EQ(SHOWN("%.2s", unterminated), "ab");
}

TEST(Format, bad_strings_are_named_since_5_2) {
  EXPECT_EQ(SHOWN("%s", static_cast<char*>(nullptr)), "(null)");
  EXPECT_EQ(SHOWN("%s", pointer(100)), "(efault)");
  EXPECT_EQ(SHOWN("%s", pointer(~u64{0} - 11)), "(efault)");
  EXPECT_EQ(SHOWN_BY(2, 6, 10, "%s", pointer(100)), "(null)");
}

TEST(Format, length_counts_what_does_not_fit) {
  FakeSource source;
  char text[4] = "zzz";
  const auto shorten = [&](std::size_t size, const char* format, ...) {
    va_list args;
    va_start(args, format);
    const std::size_t length = format_text(text, size, format, args, source);
    va_end(args);
    return length;
  };
  EXPECT_EQ(shorten(4, "%s", "abcdef"), 6u);
  EXPECT_STREQ(text, "abc");
  EXPECT_EQ(shorten(1, "%d", 12), 2u);
  EXPECT_STREQ(text, "");
  text[0] = 'q';
  EXPECT_EQ(shorten(0, "%d", 12), 2u);
  EXPECT_EQ(text[0], 'q');
}

TEST(Format, pointers_are_hashed_since_4_15) {
  EXPECT_EQ(SHOWN_BY(2, 6, 10, "%p", pointer(0xabc0)), "000000000000bbc0");
  EXPECT_EQ(SHOWN_BY(2, 6, 10, "%p", pointer(0)), "          (null)");
  const std::string hashed = SHOWN("%p", pointer(0xabc0));
  EXPECT_EQ(hashed.size(), 16u);
  EXPECT_EQ(hashed.substr(0, 8), "00000000");
  EXPECT_NE(hashed, "000000000000bbc0");
  EXPECT_EQ(hashed, SHOWN("%p", pointer(0xabc0)));
  EXPECT_NE(hashed, SHOWN("%p", pointer(0xabc8)));
  EXPECT_EQ(hashed, SHOWN("%pK", pointer(0xabc0)));
  EXPECT_EQ(SHOWN("%p", pointer(0)), "0000000000000000");
  EXPECT_EQ(SHOWN("%px", pointer(0xabc0)), "000000000000bbc0");
}

TEST(Format, pointers_of_a_32_bit_machine) {
  FakeSource source(kernel_version(2, 6, 10));
  source.pointer_digits = 8;
  EXPECT_EQ(format_with(source, "%p", pointer(0xc0000000)), "c0001000");
}

TEST(Format, symbols) {
  EXPECT_EQ(SHOWN("%pS", pointer(0x1234000)), "my_fault+0x10/0x40 [probe]");
  EXPECT_EQ(SHOWN("%ps at", pointer(0x1234000)), "my_fault [probe] at");
  EXPECT_EQ(SHOWN("%pS", pointer(0x2000)), "0x3000");
}

TEST(Format, pointees) {
  const u8 bytes[] = {0, 1, 0xab, 0xff, 4, 5};
  EXPECT_EQ(SHOWN("%*ph", 4, bytes), "00 01 ab ff");
  EXPECT_EQ(SHOWN("%*phC|%2phD|%3phN.", 3, bytes, bytes, bytes), "00:01:ab|00-01|0001ab.");
  EXPECT_EQ(SHOWN("%pM", bytes), "00:01:ab:ff:04:05");
  EXPECT_EQ(SHOWN("%pI4", bytes), "0.1.171.255");
  const u64 address = 0xfe000000;
  EXPECT_EQ(SHOWN("%pa", &address), "0x00000000fe000000");
  const u64 bits = 0x10f;
  EXPECT_EQ(SHOWN("%*pbl|%*pb", 16, &bits, 16, &bits), "0-3,8|010f");
  ::resource res = {};
  res.start = 0xfe000000;
  res.end = 0xfe000fff;
  res.flags = 0x200;
  EXPECT_EQ(SHOWN("%pR", &res), "[mem 0xfe000000-0xfe000fff]");
  EXPECT_EQ(SHOWN("%pr", &res), "[mem 0xfe000000-0xfe000fff flags 0x200]");
  EXPECT_EQ(SHOWN("%pR", pointer(0)), "(null)");
  EXPECT_EQ(SHOWN("%pR", pointer(16)), "(efault)");
}

TEST(Format, error_pointers_have_names) {
  EXPECT_EQ(SHOWN("%pe", pointer(u64{0} - ENOMEM)), "-ENOMEM");
  EXPECT_EQ(SHOWN("%pe!", pointer(u64{0} - 3000)), "-3000!");
}

std::string nested(FakeSource& source, const char* outer, const char* inner, ...) {
  va_list args;
  va_start(args, inner);
  NestedFormat both{inner, &args};
  std::string text = format_with(source, outer, &both);
  va_end(args);
  return text;
}

TEST(Format, formats_nest) {
  FakeSource source;
  EXPECT_EQ(nested(source, "[%pV]", "%d %s", 5, "x"), "[5 x]");
}

TEST(Format, an_unknown_conversion_ends_the_text) {
  FakeSource source;
  EXPECT_EQ(format_with(source, "a%yb"), "a");
  EXPECT_EQ(source.bad, "y");
  EXPECT_EQ(format_with(source, "%f", 1.0), "");
}

// --- texts to numbers ---

TEST(Scan, number_stops_at_the_first_stranger) {
  const char* end = nullptr;
  EXPECT_EQ(scan_number("123abc", &end, 10), 123u);
  EXPECT_STREQ(end, "abc");
  EXPECT_EQ(scan_number("0x1fg", &end, 0), 0x1fu);
  EXPECT_STREQ(end, "g");
  EXPECT_EQ(scan_number("0755", &end, 0), 0755u);
  EXPECT_EQ(scan_number("0xg", &end, 16), 0u);
  EXPECT_STREQ(end, "xg");
}

TEST(Scan, whole_texts) {
  u64 value = 1;
  EXPECT_EQ(parse_unsigned("42\n", 0, &value), 0);
  EXPECT_EQ(value, 42u);
  EXPECT_EQ(parse_unsigned("+7", 10, &value), 0);
  EXPECT_EQ(value, 7u);
  for (const char* bad : {"", "\n", "4 2", "42\n\n", "-1", "0x", "abc"})
    EXPECT_EQ(parse_unsigned(bad, 0, &value), -EINVAL) << bad;
  EXPECT_EQ(parse_unsigned("18446744073709551616", 10, &value), -ERANGE);
  i64 number = 0;
  EXPECT_EQ(parse_signed("-9223372036854775808", 10, &number), 0);
  EXPECT_EQ(number, -9223372036854775807ll - 1);
  EXPECT_EQ(parse_signed("9223372036854775808", 10, &number), -ERANGE);
  EXPECT_EQ(parse_signed("--1", 10, &number), -EINVAL);
}

TEST(Scan, booleans_and_sizes) {
  bool value = false;
  for (const char* yes : {"y", "Y", "1", "on", "On", "yes"}) {
    value = false;
    EXPECT_EQ(parse_bool(yes, &value), 0) << yes;
    EXPECT_TRUE(value) << yes;
  }
  for (const char* no : {"n", "N", "0", "off"}) {
    value = true;
    EXPECT_EQ(parse_bool(no, &value), 0) << no;
    EXPECT_FALSE(value) << no;
  }
  EXPECT_EQ(parse_bool("perhaps", &value), -EINVAL);
  EXPECT_EQ(parse_bool("o", &value), -EINVAL);
  const char* end = nullptr;
  EXPECT_EQ(scan_memory_size("64K,", &end), u64{64} << 10);
  EXPECT_STREQ(end, ",");
  EXPECT_EQ(scan_memory_size("0x2g", &end), u64{2} << 30);
}

int scan(const char* text, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int stored = scan_text(text, format, args);
  va_end(args);
  return stored;
}

TEST(Scan, formats) {
  int number = 0;
  unsigned hex = 0;
  char word[16] = {};
  EXPECT_EQ(scan("set 12 ff name", "set %d %x %s", &number, &hex, word), 3);
  EXPECT_EQ(number, 12);
  EXPECT_EQ(hex, 0xffu);
  EXPECT_STREQ(word, "name");
  EXPECT_EQ(scan("12", "%d %d", &number, &hex), 1);
  EXPECT_EQ(scan("x12", "%d", &number), 0);
  u8 small = 0;
  u64 large = 0;
  EXPECT_EQ(scan("-3,0x10", "%d,%li", &number, &large), 2);
  EXPECT_EQ(number, -3);
  EXPECT_EQ(large, 16u);
  EXPECT_EQ(scan("300", "%hhu", &small), 1);
  EXPECT_EQ(small, 300 % 256);
  int consumed = 0;
  EXPECT_EQ(scan("abc=5", "%[a-c]=%*d%n", word, &consumed), 1);
  EXPECT_STREQ(word, "abc");
  EXPECT_EQ(consumed, 5);
  EXPECT_EQ(scan("1234", "%2d%d", &number, &hex), 2);
  EXPECT_EQ(number, 12);
  EXPECT_EQ(hex, 34u);
}

}  // namespace
}  // namespace vmsim::kern
