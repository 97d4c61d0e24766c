// SPDX-License-Identifier: MIT
// See crc32.hpp. One table of 256 remainders for each polynomial.
#include "kern/lib/crc32.hpp"

#include <array>

namespace vmsim::kern {

namespace {

using Table = std::array<unsigned, 256>;

/// The polynomial with its bits reversed: the lowest bit of a byte comes first.
constexpr Table low_first(unsigned polynomial) {
  Table table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    unsigned crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
    table[i] = crc;
  }
  return table;
}

constexpr Table high_first(unsigned polynomial) {
  Table table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    unsigned crc = i << 24;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ ((crc >> 31) != 0 ? polynomial : 0);
    table[i] = crc;
  }
  return table;
}

unsigned run_low_first(const Table& table, unsigned crc, const unsigned char* bytes,
                       std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 255];
  return crc;
}

constexpr Table kEthernet = low_first(0xedb88320);
constexpr Table kEthernetHighFirst = high_first(0x04c11db7);
constexpr Table kCastagnoli = low_first(0x82f63b78);

}  // namespace

unsigned crc32_le(unsigned crc, const unsigned char* bytes, std::size_t count) {
  return run_low_first(kEthernet, crc, bytes, count);
}

unsigned crc32c(unsigned crc, const unsigned char* bytes, std::size_t count) {
  return run_low_first(kCastagnoli, crc, bytes, count);
}

unsigned crc32_be(unsigned crc, const unsigned char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    crc = crc << 8 ^ kEthernetHighFirst[(crc >> 24 ^ bytes[i]) & 255];
  return crc;
}

}  // namespace vmsim::kern
