// SPDX-License-Identifier: MIT
// See kfifo.hpp.
#include "kern/lib/kfifo.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace vmsim::kern {

namespace {

void copy_in(const ::__kfifo& fifo, unsigned position, const void* from, unsigned count) {
  const auto* bytes = static_cast<const unsigned char*>(from);
  while (count > 0) {
    const FifoRun run = kfifo_run(fifo, position, count);
    std::memcpy(run.start, bytes, std::size_t{run.elements} * fifo.esize);
    bytes += std::size_t{run.elements} * fifo.esize;
    position += run.elements;
    count -= run.elements;
  }
}

void copy_out(const ::__kfifo& fifo, unsigned position, void* to, unsigned count) {
  auto* bytes = static_cast<unsigned char*>(to);
  while (count > 0) {
    const FifoRun run = kfifo_run(fifo, position, count);
    std::memcpy(bytes, run.start, std::size_t{run.elements} * fifo.esize);
    bytes += std::size_t{run.elements} * fifo.esize;
    position += run.elements;
    count -= run.elements;
  }
}

}  // namespace

unsigned kfifo_capacity(unsigned wanted, FifoRounding rounding) {
  if (wanted == 0 || wanted > 1u << 31) return 0;
  return rounding == FifoRounding::kUp ? std::bit_ceil(wanted) : std::bit_floor(wanted);
}

void kfifo_setup(::__kfifo& fifo, void* buffer, unsigned capacity, unsigned element_bytes) {
  fifo = ::__kfifo{0, 0, capacity == 0 ? 0 : capacity - 1, element_bytes, buffer};
}

FifoRun kfifo_run(const ::__kfifo& fifo, unsigned position, unsigned count) {
  const unsigned offset = position & fifo.mask;
  return {static_cast<unsigned char*>(fifo.data) + std::size_t{offset} * fifo.esize,
          std::min(count, fifo.mask + 1 - offset)};
}

unsigned kfifo_in(::__kfifo& fifo, const void* from, unsigned count) {
  count = std::min(count, kfifo_unused(fifo));
  copy_in(fifo, fifo.in, from, count);
  fifo.in += count;
  return count;
}

unsigned kfifo_out_peek(const ::__kfifo& fifo, void* to, unsigned count) {
  count = std::min(count, fifo.in - fifo.out);
  copy_out(fifo, fifo.out, to, count);
  return count;
}

unsigned kfifo_out(::__kfifo& fifo, void* to, unsigned count) {
  count = kfifo_out_peek(fifo, to, count);
  fifo.out += count;
  return count;
}

unsigned kfifo_record_bytes(const ::__kfifo& fifo, unsigned prefix) {
  if (fifo.in == fifo.out) return 0;
  unsigned char length[2] = {};
  copy_out(fifo, fifo.out, length, std::min(prefix, 2u));
  return length[0] | static_cast<unsigned>(length[1]) << 8;
}

void kfifo_put_prefix(::__kfifo& fifo, unsigned bytes, unsigned prefix) {
  const unsigned char length[2] = {static_cast<unsigned char>(bytes),
                                   static_cast<unsigned char>(bytes >> 8)};
  copy_in(fifo, fifo.in, length, std::min(prefix, 2u));
}

unsigned kfifo_in_record(::__kfifo& fifo, const void* from, unsigned bytes, unsigned prefix) {
  if (bytes > kfifo_unused(fifo) || bytes + prefix > kfifo_unused(fifo)) return 0;
  kfifo_put_prefix(fifo, bytes, prefix);
  copy_in(fifo, fifo.in + prefix, from, bytes);
  fifo.in += bytes + prefix;
  return bytes;
}

unsigned kfifo_out_peek_record(const ::__kfifo& fifo, void* to, unsigned bytes, unsigned prefix) {
  if (fifo.in == fifo.out) return 0;
  const unsigned got = std::min(bytes, kfifo_record_bytes(fifo, prefix));
  copy_out(fifo, fifo.out + prefix, to, got);
  return got;
}

unsigned kfifo_out_record(::__kfifo& fifo, void* to, unsigned bytes, unsigned prefix) {
  if (fifo.in == fifo.out) return 0;
  const unsigned got = kfifo_out_peek_record(fifo, to, bytes, prefix);
  fifo.out += kfifo_record_bytes(fifo, prefix) + prefix;
  return got;
}

}  // namespace vmsim::kern
