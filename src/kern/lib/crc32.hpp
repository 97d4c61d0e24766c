// SPDX-License-Identifier: MIT
// CRC-32 of Ethernet in both bit orders, and Castagnoli's. Counterpart: lib/crc32.c: the remainder
// alone, without inversions. Runs in the driver's context. Called by abi.
#pragma once

#include <cstddef>

namespace vmsim::kern {

unsigned crc32_le(unsigned crc, const unsigned char* bytes, std::size_t count);
unsigned crc32_be(unsigned crc, const unsigned char* bytes, std::size_t count);
unsigned crc32c(unsigned crc, const unsigned char* bytes, std::size_t count);

}  // namespace vmsim::kern
