// SPDX-License-Identifier: MIT
// %p and its extensions: plain and hashed addresses, symbols, resources, hex strings, bitmaps,
// error names. Counterpart: pointer() of lib/vsprintf.c.
#include "vmsim/error.hpp"

#include "vmsim/kapi/vmsim/fs_types.h"

#include "kern/format_output.hpp"

namespace vmsim::kern::format_detail {

namespace {

constexpr u64 kErrPtrs = 4095;

u64 value_of(const void* pointer) {
  return reinterpret_cast<u64>(pointer);
}

bool is_err_ptr(const void* pointer) {
  return value_of(pointer) > ~kErrPtrs;
}

void put_hex(Output& out, u64 value, int digits) {
  Spec spec;
  spec.base = 16;
  spec.flags = kSmall | kZeroPad;
  spec.width = digits;
  put_number(out, value, false, spec);
}

void put_special_hex(Output& out, u64 value, int width) {
  Spec spec;
  spec.base = 16;
  spec.flags = kSmall | kZeroPad | kSpecial;
  spec.width = width;
  put_number(out, value, false, spec);
}

void put_plain(Output& out, u64 value, Spec spec, const FormatSource& source) {
  spec.base = 16;
  spec.flags |= kSmall;
  if (spec.width < 0) {
    spec.width = static_cast<int>(source.pointer_digits) + ((spec.flags & kSpecial) != 0 ? 2 : 0);
    spec.flags |= kZeroPad;
  }
  put_number(out, value, false, spec);
}

/// One-way enough for a simulator: equal pointers stay equal, and the order is lost.
u64 hash_of(u64 value, u64 key) {
  u64 x = value ^ key;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return (x ^ (x >> 31)) & 0xffffffff;
}

void put_address(Output& out, const void* pointer, Spec spec, FormatSource& source) {
  if (source.version < kHashesPointers)
    return put_plain(out, source.printed(pointer), spec, source);
  if (pointer == nullptr || is_err_ptr(pointer))
    return put_plain(out, value_of(pointer), spec, source);
  put_plain(out, hash_of(source.printed(pointer), source.hash_key), spec, source);
}

void put_null(Output& out, Spec spec, const FormatSource& source) {
  if (spec.width < 0) spec.width = static_cast<int>(source.pointer_digits);
  put_text(out, "(null)", spec);
}

/// Without the offset for %ps and %pf: "name [module]".
void put_symbol(Output& out, const void* pointer, char letter, Spec spec, FormatSource& source) {
  char name[160];
  if (!source.symbol(value_of(pointer), name, sizeof(name))) {
    if (source.version < kHashesPointers)
      return put_plain(out, source.printed(pointer), spec, source);
    return put_special_hex(out, source.printed(pointer), -1);
  }
  if (letter == 's' || letter == 'f') {
    char* to = name;
    while (*to != '\0' && *to != '+') ++to;
    const char* from = to;
    while (*from != '\0' && *from != ' ') ++from;
    while ((*to++ = *from) != '\0') ++from;
  }
  put_text(out, name, spec);
}

/// %*ph: the width is the number of bytes.
void put_bytes(Output& out, const u8* bytes, char separator, Spec spec) {
  constexpr int kBytesMax = 64;
  const int count = spec.width < 0 ? 1 : spec.width > kBytesMax ? kBytesMax : spec.width;
  const char between = separator == 'C'   ? ':'
                       : separator == 'D' ? '-'
                       : separator == 'N' ? '\0'
                                          : ' ';
  for (int i = 0; i < count; ++i) {
    if (i != 0 && between != '\0') out.put(between);
    put_hex(out, bytes[i], 2);
  }
}

void put_mac(Output& out, const u8* bytes, char letter, char order) {
  constexpr int kBytes = 6;
  for (int i = 0; i < kBytes; ++i) {
    if (i != 0 && letter == 'M') out.put(order == 'F' ? '-' : ':');
    put_hex(out, bytes[order == 'R' ? kBytes - 1 - i : i], 2);
  }
}

void put_ipv4(Output& out, const u8* bytes, char letter) {
  for (int i = 0; i < 4; ++i) {
    if (i != 0) out.put('.');
    Spec spec;
    if (letter == 'i') {
      spec.flags = kZeroPad;
      spec.width = 3;
    }
    put_number(out, bytes[i], false, spec);
  }
}

/// %*pb in words of 32 bits, most significant first.
void put_bitmap(Output& out, const u64* words, Spec spec) {
  constexpr int kWordBits = 32;
  const int bits = spec.width < 0 ? 0 : spec.width;
  int chunk = bits % kWordBits == 0 ? kWordBits : bits % kWordBits;
  bool first = true;
  for (int at = (bits + kWordBits - 1) / kWordBits - 1; at >= 0; --at) {
    u64 word = words[at / 2] >> (at % 2 * kWordBits) & 0xffffffff;
    if (chunk < kWordBits) word &= (u64{1} << chunk) - 1;
    if (!first) out.put(',');
    first = false;
    put_hex(out, word, (chunk + 3) / 4);
    chunk = kWordBits;
  }
}

/// %*pbl: "0-3,7".
void put_bit_list(Output& out, const u64* words, Spec spec) {
  const auto set = [words](int bit) { return (words[bit / 64] >> (bit % 64) & 1) != 0; };
  const int bits = spec.width < 0 ? 0 : spec.width;
  bool first = true;
  for (int bit = 0; bit < bits; ++bit) {
    if (!set(bit)) continue;
    int last = bit;
    while (last + 1 < bits && set(last + 1)) ++last;
    if (!first) out.put(',');
    first = false;
    put_number(out, static_cast<u64>(bit), false, Spec{});
    if (last > bit) {
      out.put('-');
      put_number(out, static_cast<u64>(last), false, Spec{});
    }
    bit = last;
  }
}

void put_resource(Output& out, const ::resource& res, bool raw) {
  constexpr unsigned long kTypes = 0x1f00, kIo = 0x100, kMem = 0x200, kIrq = 0x400, kDma = 0x800;
  constexpr unsigned long kMem64 = 0x100000, kPrefetch = 0x2000, kWindow = 0x200000,
                          kDisabled = 0x10000000;
  const unsigned long type = res.flags & kTypes;
  const bool decimal = type == kIrq || type == kDma;
  const char* const name = type == kIo    ? "[io  "
                           : type == kMem ? "[mem "
                           : type == kIrq ? "[irq "
                           : type == kDma ? "[dma "
                                          : "[??? ";
  const auto put_one = [&](u64 value) {
    if (decimal) return put_number(out, value, false, Spec{});
    put_special_hex(out, value, type == kIo ? 6 : type == kMem ? 10 : -1);
  };
  put_text(out, name, Spec{});
  put_one(res.start);
  if (res.start != res.end) {
    out.put('-');
    put_one(res.end);
  }
  if (raw || name[1] == '?') {
    put_text(out, " flags ", Spec{});
    put_special_hex(out, res.flags, -1);
  } else {
    if ((res.flags & kMem64) != 0) put_text(out, " 64bit", Spec{});
    if ((res.flags & kPrefetch) != 0) put_text(out, " pref", Spec{});
    if ((res.flags & kWindow) != 0) put_text(out, " window", Spec{});
    if ((res.flags & kDisabled) != 0) put_text(out, " disabled", Spec{});
  }
  out.put(']');
}

void put_error(Output& out, const void* pointer, Spec spec, FormatSource& source) {
  if (!is_err_ptr(pointer)) return put_address(out, pointer, spec, source);
  char name[40] = "-";
  {
    const std::string text = errno_name(static_cast<int>(u64{0} - value_of(pointer)));
    const std::size_t length = text.copy(name + 1, sizeof(name) - 2);
    name[length + 1] = '\0';
  }
  if (name[1] == 'e') {  // a number without a name
    Spec number;
    number.flags = kSigned;
    return put_number(out, u64{0} - value_of(pointer), true, number);
  }
  put_text(out, name, spec);
}

/// Since 5.2 an extension that would follow a bad pointer says so instead.
bool refused(Output& out, const void* pointer, Spec spec, const FormatSource& source) {
  if (source.version < kChecksPointers) {
    if (pointer != nullptr) return false;
    put_null(out, spec, source);
    return true;
  }
  spec.width = -1;
  if (pointer == nullptr)
    put_text(out, "(null)", spec);
  else if (value_of(pointer) < kPageSize || is_err_ptr(pointer))
    put_text(out, "(efault)", spec);
  else
    return false;
  return true;
}

void put_name(Output& out, const ::dentry* entry, Spec spec, const FormatSource& source) {
  put_string(out, reinterpret_cast<const char*>(entry->d_name.name), spec, source);
}

/// Extensions that follow the pointer; false if the letter is none.
bool put_pointee(Output& out, const char* letters, const void* pointer, Spec spec,
                 FormatSource& source) {
  const auto* const bytes = static_cast<const u8*>(pointer);
  const char letter = *letters;
  const bool four = (letter == 'I' || letter == 'i') && letters[1] == '4';
  const bool known = letter == 'R' || letter == 'r' || letter == 'h' || letter == 'M' ||
                     letter == 'm' || four || letter == 'b' || letter == 'a' || letter == 'd' ||
                     letter == 'D';
  if (!known) return false;
  if (refused(out, pointer, spec, source)) return true;
  if (letter == 'R' || letter == 'r') {
    put_resource(out, *static_cast<const ::resource*>(pointer), letter == 'r');
  } else if (letter == 'h') {
    put_bytes(out, bytes, letters[1], spec);
  } else if (letter == 'M' || letter == 'm') {
    put_mac(out, bytes, letter, letters[1]);
  } else if (four) {
    put_ipv4(out, bytes, letter);
  } else if (letter == 'b') {
    const auto* const words = static_cast<const u64*>(pointer);
    letters[1] == 'l' ? put_bit_list(out, words, spec) : put_bitmap(out, words, spec);
  } else if (letter == 'a') {
    put_special_hex(out, *static_cast<const u64*>(pointer), 18);
  } else if (letter == 'd') {
    put_name(out, static_cast<const ::dentry*>(pointer), spec, source);
  } else {
    put_name(out, static_cast<const ::file*>(pointer)->f_path.dentry, spec, source);
  }
  return true;
}

}  // namespace

void put_pointer(Output& out, const char* letters, const void* pointer, Spec spec,
                 FormatSource& source) {
  const char letter = *letters;
  const bool address = letter == 'K' || letter == 'x';
  if (pointer == nullptr && !address && letter != 'e' && source.version < kChecksPointers)
    return put_null(out, spec, source);
  if (put_pointee(out, letters, pointer, spec, source)) return;
  switch (letter) {
    case 'F':
    case 'f':
    case 'S':
    case 's':
    case 'B':
      return put_symbol(out, pointer, letter, spec, source);
    case 'x':
      if (source.version >= kHashesPointers)
        return put_plain(out, source.printed(pointer), spec, source);
      break;
    case 'e':
      if (source.version >= kernel_version(5, 5, 0)) return put_error(out, pointer, spec, source);
      break;
    default:
      break;
  }
  put_address(out, pointer, spec, source);
}

}  // namespace vmsim::kern::format_detail
