// SPDX-License-Identifier: MIT
// Memory and strings. Counterpart: lib/string.c, lib/string_helpers.c, linux/string.h. Runs in the
// driver's context on its pointers: a wild one is its oops. For drivers, through the table of
// exports; nobody here calls these.
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "abi/abi.hpp"
#include "abi/print.hpp"

namespace vmsim::abi {

// --- memory ---

void* memset(void* to, int value, size_t size) {
  return ::memset(to, value, size);
}

void* memcpy(void* to, const void* from, size_t size) {
  return ::memcpy(to, from, size);
}

void* memmove(void* to, const void* from, size_t size) {
  return ::memmove(to, from, size);
}

int memcmp(const void* a, const void* b, size_t size) {
  return ::memcmp(a, b, size);
}

void* memchr(const void* in, int value, size_t size) {
  const auto* const bytes = static_cast<const u8*>(in);
  for (size_t i = 0; i < size; ++i)
    if (bytes[i] == static_cast<u8>(value)) return const_cast<u8*>(bytes + i);
  return nullptr;
}

/// The first byte that differs.
void* memchr_inv(const void* in, int value, size_t size) {
  const auto* const bytes = static_cast<const u8*>(in);
  for (size_t i = 0; i < size; ++i)
    if (bytes[i] != static_cast<u8>(value)) return const_cast<u8*>(bytes + i);
  return nullptr;
}

/// Like memchr(), but the end where nothing is found.
void* memscan(void* in, int value, size_t size) {
  void* const found = vmsim::abi::memchr(in, value, size);
  return found != nullptr ? found : static_cast<u8*>(in) + size;
}

// --- length and comparison ---

size_t strlen(const char* text) {
  return ::strlen(text);
}

size_t strnlen(const char* text, size_t size) {
  return ::strnlen(text, size);
}

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

template <class Fold>
int compare(const char* a, const char* b, size_t size, Fold fold) {
  for (; size > 0; ++a, ++b, --size) {
    const int left = static_cast<u8>(fold(*a)), right = static_cast<u8>(fold(*b));
    if (left != right) return left < right ? -1 : 1;
    if (left == 0) break;
  }
  return 0;
}

char same(char c) {
  return c;
}

}  // namespace

int strcmp(const char* a, const char* b) {
  return compare(a, b, ~size_t{0}, same);
}

int strncmp(const char* a, const char* b, size_t size) {
  return compare(a, b, size, same);
}

int strcasecmp(const char* a, const char* b) {
  return compare(a, b, ~size_t{0}, lower);
}

int strncasecmp(const char* a, const char* b, size_t size) {
  return compare(a, b, size, lower);
}

// --- copies ---

char* strcpy(char* to, const char* from) {
  char* at = to;
  while ((*at++ = *from++) != '\0') {
  }
  return to;
}

char* strncpy(char* to, const char* from, size_t size) {
  for (char* at = to; size > 0; --size, ++at) {
    *at = *from;
    if (*from != '\0') ++from;
  }
  return to;
}

char* strcat(char* to, const char* from) {
  vmsim::abi::strcpy(to + ::strlen(to), from);
  return to;
}

char* strncat(char* to, const char* from, size_t size) {
  char* at = to + ::strlen(to);
  for (; size > 0 && *from != '\0'; --size) *at++ = *from++;
  *at = '\0';
  return to;
}

size_t strlcpy(char* to, const char* from, size_t size) {
  const size_t length = ::strlen(from);
  if (size != 0) {
    const size_t copied = length < size ? length : size - 1;
    ::memcpy(to, from, copied);
    to[copied] = '\0';
  }
  return length;
}

size_t strlcat(char* to, const char* from, size_t size) {
  const size_t before = ::strnlen(to, size);
  if (before == size) leave_by_bug("strlcat: the buffer holds no text", VMSIM_ABI_CALLER);
  return before + vmsim::abi::strlcpy(to + before, from, size - before);
}

long vmsim_strscpy(char* to, const char* from, size_t size) {
  if (size == 0) return -E2BIG;
  for (size_t i = 0; i < size; ++i) {
    to[i] = from[i];
    if (from[i] == '\0') return static_cast<long>(i);
  }
  to[size - 1] = '\0';
  return -E2BIG;
}

long strscpy_pad(char* to, const char* from, size_t size) {
  const long length = vmsim_strscpy(to, from, size);
  if (length >= 0) ::memset(to + length, 0, size - static_cast<size_t>(length));
  return length;
}

// --- searches ---

char* strchr(const char* text, int letter) {
  for (;; ++text) {
    if (*text == static_cast<char>(letter)) return const_cast<char*>(text);
    if (*text == '\0') return nullptr;
  }
}

char* strrchr(const char* text, int letter) {
  const char* found = nullptr;
  for (;; ++text) {
    if (*text == static_cast<char>(letter)) found = text;
    if (*text == '\0') return const_cast<char*>(found);
  }
}

char* strnchr(const char* text, size_t size, int letter) {
  for (; size > 0; ++text, --size) {
    if (*text == static_cast<char>(letter)) return const_cast<char*>(text);
    if (*text == '\0') break;
  }
  return nullptr;
}

char* strnstr(const char* text, const char* what, size_t size) {
  const size_t length = ::strlen(what);
  if (length == 0) return const_cast<char*>(text);
  for (; size >= length; ++text, --size)
    if (compare(text, what, length, same) == 0) return const_cast<char*>(text);
  return nullptr;
}

char* strstr(const char* text, const char* what) {
  return vmsim::abi::strnstr(text, what, ::strlen(text));
}

size_t strspn(const char* text, const char* accept) {
  size_t length = 0;
  while (text[length] != '\0' && vmsim::abi::strchr(accept, text[length]) != nullptr) ++length;
  return length;
}

size_t strcspn(const char* text, const char* reject) {
  size_t length = 0;
  while (text[length] != '\0' && vmsim::abi::strchr(reject, text[length]) == nullptr) ++length;
  return length;
}

char* strpbrk(const char* text, const char* accept) {
  text += vmsim::abi::strcspn(text, accept);
  return *text == '\0' ? nullptr : const_cast<char*>(text);
}

char* strsep(char** text, const char* delimiters) {
  char* const start = *text;
  if (start == nullptr) return nullptr;
  char* const end = vmsim::abi::strpbrk(start, delimiters);
  if (end != nullptr) *end = '\0';
  *text = end == nullptr ? nullptr : end + 1;
  return start;
}

char* skip_spaces(const char* text) {
  while (is_space(*text)) ++text;
  return const_cast<char*>(text);
}

char* strim(char* text) {
  size_t length = ::strlen(text);
  while (length > 0 && is_space(text[length - 1])) --length;
  if (text[length] != '\0') text[length] = '\0';
  return skip_spaces(text);
}

/// Equal but for a final newline.
int sysfs_streq(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  if (*a == *b) return 1;
  if (*a == '\0' && *b == '\n' && b[1] == '\0') return 1;
  return *a == '\n' && a[1] == '\0' && *b == '\0';
}

int match_string(const char* const* array, size_t size, const char* text) {
  for (size_t i = 0; i < size && array[i] != nullptr; ++i)
    if (compare(array[i], text, ~size_t{0}, same) == 0) return static_cast<int>(i);
  return -EINVAL;
}

int hex_to_bin(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(static_cast<char>(c));
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::span<const Export> string_exports() {
  static const Export table[] = {
      exported("hex_to_bin", &hex_to_bin),
      exported("match_string", &match_string),
      exported("memchr", &memchr),
      exported("memchr_inv", &memchr_inv),
      exported("memcmp", &memcmp),
      exported("memcpy", &memcpy),
      exported("memmove", &memmove),
      exported("memscan", &memscan),
      exported("memset", &memset),
      exported("skip_spaces", &skip_spaces),
      exported("strcasecmp", &strcasecmp),
      exported("strcat", &strcat),
      exported("strchr", &strchr),
      exported("strcmp", &strcmp),
      exported("strcpy", &strcpy),
      exported("strcspn", &strcspn),
      exported("strim", &strim),
      exported("strlcat", &strlcat),
      exported("strlcpy", &strlcpy, 0, kernel(6, 8)),
      exported("strlen", &strlen),
      exported("strncasecmp", &strncasecmp),
      exported("strncat", &strncat),
      exported("strnchr", &strnchr),
      exported("strncmp", &strncmp),
      exported("strncpy", &strncpy),
      exported("strnlen", &strnlen),
      exported("strnstr", &strnstr),
      exported("strpbrk", &strpbrk),
      exported("strrchr", &strrchr),
      exported("strscpy_pad", &strscpy_pad, kernel(5, 2)),
      exported("strsep", &strsep),
      exported("strspn", &strspn),
      exported("strstr", &strstr),
      exported("sysfs_streq", &sysfs_streq),
      exported("vmsim_strscpy", &vmsim_strscpy, kernel(4, 3)),
  };
  return table;
}

}  // namespace vmsim::abi
