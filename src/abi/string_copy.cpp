// SPDX-License-Identifier: MIT
// Copies of strings and buffers in memory of their own, and text to numbers. Counterpart:
// mm/util.c, lib/kstrtox.c, linux/kstrtox.h, linux/sprintf.h (sscanf). For drivers, through the
// table of exports.
#include <cerrno>
#include <climits>
#include <cstring>

#include "abi/abi.hpp"
#include "kern/scan.hpp"
#include "kern/user_copy.hpp"

namespace vmsim::abi {

namespace {

void* allocate(u64 bytes, vmsim_gfp_t gfp, u32 tag, const void* caller) {
  return core([=] { return memory().slab->kmalloc(bytes, gfp, tag); }, caller);
}

void release(const void* object, const void* caller) {
  core([=] { memory().slab->kfree(object); }, caller);
}

/// `size` bytes and, if `terminated`, a NUL.
void* duplicate(const void* from, size_t size, bool terminated, vmsim_gfp_t gfp, u32 tag,
                const void* caller = __builtin_return_address(0)) {
  if (size != 0) touch(from);
  auto* const to = static_cast<char*>(allocate(size + (terminated ? 1 : 0), gfp, tag, caller));
  if (to == nullptr || size + (terminated ? 1 : 0) == 0) return to;
  std::memcpy(to, from, size);
  if (terminated) to[size] = '\0';
  return to;
}

template <class T = void>
T* error_pointer(int error) {
  return reinterpret_cast<T*>(static_cast<std::intptr_t>(error));
}

}  // namespace

#define VMSIM_ABI_TAG caller_tag(__builtin_return_address(0))

char* kstrdup(const char* text, vmsim_gfp_t gfp) {
  if (text == nullptr) return nullptr;
  return static_cast<char*>(duplicate(text, std::strlen(text), true, gfp, VMSIM_ABI_TAG));
}

char* kstrndup(const char* text, size_t max, vmsim_gfp_t gfp) {
  if (text == nullptr) return nullptr;
  return static_cast<char*>(duplicate(text, ::strnlen(text, max), true, gfp, VMSIM_ABI_TAG));
}

void* kmemdup(const void* from, size_t size, vmsim_gfp_t gfp) {
  return duplicate(from, size, false, gfp, VMSIM_ABI_TAG);
}

char* kmemdup_nul(const char* from, size_t size, vmsim_gfp_t gfp) {
  if (from == nullptr) return nullptr;
  return static_cast<char*>(duplicate(from, size, true, gfp, VMSIM_ABI_TAG));
}

/// Text in a driver's image lives as long as the driver: no copy.
const char* kstrdup_const(const char* text, vmsim_gfp_t gfp) {
  const u32 tag = VMSIM_ABI_TAG;
  const auto in_image = [](const void* p) {
    return kernel().modules->owner_of(reinterpret_cast<u64>(p)) != nullptr;
  };
  if (text == nullptr || core([&] { return in_image(text); })) return text;
  return static_cast<char*>(duplicate(text, std::strlen(text), true, gfp, tag));
}

void kfree_const(const void* text) {
  if (!core([=] { return kernel().modules->owner_of(reinterpret_cast<u64>(text)) != nullptr; }))
    release(text, __builtin_return_address(0));
}

namespace {

/// Memory with `size` bytes of a program; an error pointer if there is none, or they cannot be
/// read.
void* duplicate_user(const void* from, size_t size, bool terminated, u32 tag,
                     const Caller& caller) {
  auto* const to = static_cast<char*>(
      allocate(size + (terminated ? 1 : 0), VMSIM_GFP_USER, tag, caller.return_address));
  if (to == nullptr) return error_pointer(-ENOMEM);
  if (size == 0 && !terminated) return to;
  const i64 left = finish(
      [&] {
        Result<u64> copied = kernel().user_copy->from_user(to, reinterpret_cast<u64>(from), size);
        if (!copied) memory().slab->kfree(to);
        return copied;
      },
      caller);
  if (left != 0) {
    release(to, caller.return_address);
    return error_pointer(-EFAULT);
  }
  if (terminated) to[size] = '\0';
  return to;
}

}  // namespace

void* memdup_user(const void* from, size_t size) {
  return duplicate_user(from, size, false, VMSIM_ABI_TAG, VMSIM_ABI_CALLER);
}

void* memdup_user_nul(const void* from, size_t size) {
  return duplicate_user(from, size, true, VMSIM_ABI_TAG, VMSIM_ABI_CALLER);
}

/// `max` counts the NUL.
char* strndup_user(const char* from, long max) {
  const Caller caller = VMSIM_ABI_CALLER;
  const u32 tag = VMSIM_ABI_TAG;
  const i64 length = finish(
      [&] { return kernel().user_copy->strnlen_user(reinterpret_cast<u64>(from), max); }, caller);
  if (length == 0) return error_pointer<char>(-EFAULT);
  if (length < 0 || length > max) return error_pointer<char>(-EINVAL);
  auto* const text =
      static_cast<char*>(duplicate_user(from, static_cast<size_t>(length), false, tag, caller));
  if (reinterpret_cast<u64>(text) < ~u64{4094}) text[length - 1] = '\0';
  return text;
}

// --- numbers ---

unsigned long long simple_strtoull(const char* text, char** end, unsigned base) {
  const char* stopped = nullptr;
  const u64 value = kern::scan_number(text, &stopped, base);
  if (end != nullptr) *end = const_cast<char*>(stopped);
  return value;
}

long long simple_strtoll(const char* text, char** end, unsigned base) {
  if (*text == '-') return -static_cast<long long>(simple_strtoull(text + 1, end, base));
  return static_cast<long long>(simple_strtoull(text, end, base));
}

unsigned long simple_strtoul(const char* text, char** end, unsigned base) {
  return static_cast<unsigned long>(simple_strtoull(text, end, base));
}

long simple_strtol(const char* text, char** end, unsigned base) {
  return static_cast<long>(simple_strtoll(text, end, base));
}

unsigned long long memparse(const char* text, char** end) {
  const char* stopped = nullptr;
  const u64 value = kern::scan_memory_size(text, &stopped);
  if (end != nullptr) *end = const_cast<char*>(stopped);
  return value;
}

namespace {

template <class T>
int parse_into(const char* text, unsigned base, T* result) {
  if constexpr (std::is_signed_v<T>) {
    i64 value = 0;
    if (const int error = kern::parse_signed(text, base, &value); error != 0) return error;
    if (static_cast<i64>(static_cast<T>(value)) != value) return -ERANGE;
    *result = static_cast<T>(value);
  } else {
    u64 value = 0;
    if (const int error = kern::parse_unsigned(text, base, &value); error != 0) return error;
    if (static_cast<u64>(static_cast<T>(value)) != value) return -ERANGE;
    *result = static_cast<T>(value);
  }
  return 0;
}

/// As the kernel has it: sign, 64 binary digits, newline, NUL.
template <class T>
int parse_user(const char* from, size_t size, unsigned base, T* result, const Caller& caller) {
  char text[1 + 64 + 1 + 1];
  const size_t length = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
  const i64 left = finish(
      [&] { return kernel().user_copy->from_user(text, reinterpret_cast<u64>(from), length); },
      caller);
  if (left != 0) return -EFAULT;
  text[length] = '\0';
  return parse_into(text, base, result);
}

}  // namespace

int kstrtoull(const char* text, unsigned base, unsigned long long* result) {
  return parse_into(text, base, result);
}

int kstrtoll(const char* text, unsigned base, long long* result) {
  return parse_into(text, base, result);
}

int kstrtoul(const char* text, unsigned base, unsigned long* result) {
  return parse_into(text, base, result);
}

int kstrtol(const char* text, unsigned base, long* result) {
  return parse_into(text, base, result);
}

int kstrtouint(const char* text, unsigned base, unsigned* result) {
  return parse_into(text, base, result);
}

int kstrtoint(const char* text, unsigned base, int* result) {
  return parse_into(text, base, result);
}

int kstrtou16(const char* text, unsigned base, u16* result) {
  return parse_into(text, base, result);
}

int kstrtou8(const char* text, unsigned base, u8* result) {
  return parse_into(text, base, result);
}

int kstrtobool(const char* text, bool* result) {
  return kern::parse_bool(text, result);
}

int kstrtoul_from_user(const char* from, size_t size, unsigned base, unsigned long* result) {
  return parse_user(from, size, base, result, VMSIM_ABI_CALLER);
}

int kstrtoint_from_user(const char* from, size_t size, unsigned base, int* result) {
  return parse_user(from, size, base, result, VMSIM_ABI_CALLER);
}

int kstrtouint_from_user(const char* from, size_t size, unsigned base, unsigned* result) {
  return parse_user(from, size, base, result, VMSIM_ABI_CALLER);
}

/// Rounded down, bit by bit.
unsigned long int_sqrt(unsigned long x) {
  unsigned long root = 0;
  for (unsigned long bit = 1ul << 62; bit != 0; bit >>= 2) {
    const unsigned long trial = root + bit;
    root >>= 1;
    if (x < trial) continue;
    x -= trial;
    root += bit;
  }
  return root;
}

int vsscanf(const char* text, const char* format, va_list args) {
  return kern::scan_text(text, format, args);
}

int sscanf(const char* text, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int stored = kern::scan_text(text, format, args);
  va_end(args);
  return stored;
}

std::span<const Export> string_copy_exports() {
  static const Export table[] = {
      exported("int_sqrt", &int_sqrt),
      exported("kfree_const", &kfree_const),
      exported("kmemdup", &kmemdup),
      exported("kmemdup_nul", &kmemdup_nul),
      exported("kstrdup", &kstrdup),
      exported("kstrdup_const", &kstrdup_const),
      exported("kstrndup", &kstrndup),
      exported("kstrtobool", &kstrtobool, kernel(4, 6)),
      exported("kstrtoint", &kstrtoint, kernel(2, 6, 38)),
      exported("kstrtoint_from_user", &kstrtoint_from_user, kernel(2, 6, 38)),
      exported("kstrtol", &kstrtol, kernel(2, 6, 38)),
      exported("kstrtoll", &kstrtoll, kernel(2, 6, 38)),
      exported("kstrtou16", &kstrtou16, kernel(2, 6, 38)),
      exported("kstrtou8", &kstrtou8, kernel(2, 6, 38)),
      exported("kstrtouint", &kstrtouint, kernel(2, 6, 38)),
      exported("kstrtouint_from_user", &kstrtouint_from_user, kernel(2, 6, 38)),
      exported("kstrtoul", &kstrtoul, kernel(2, 6, 38)),
      exported("kstrtoul_from_user", &kstrtoul_from_user, kernel(2, 6, 38)),
      exported("kstrtoull", &kstrtoull, kernel(2, 6, 38)),
      exported("memdup_user", &memdup_user, kernel(2, 6, 30)),
      exported("memdup_user_nul", &memdup_user_nul, kernel(4, 5)),
      exported("memparse", &memparse),
      exported("simple_strtol", &simple_strtol),
      exported("simple_strtoll", &simple_strtoll),
      exported("simple_strtoul", &simple_strtoul),
      exported("simple_strtoull", &simple_strtoull),
      exported("sscanf", &sscanf),
      exported("strndup_user", &strndup_user, kernel(2, 6, 18)),
      exported("vmemdup_user", &memdup_user, kernel(4, 16)),
      exported("vsscanf", &vsscanf),
  };
  return table;
}

}  // namespace vmsim::abi
