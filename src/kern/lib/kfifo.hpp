// SPDX-License-Identifier: MIT
// Rings of elements, of bytes with a length before each record, and 2.6.10's rings of bytes.
// Counterpart: lib/kfifo.c. Runs in the driver's context: a fifo or buffer that cannot be touched
// is the driver's oops. Leaves out scatter lists. Called by abi.
#pragma once

#include <cstddef>

#include "vmsim/kapi/vmsim/container_types.h"

namespace vmsim::kern {

/// How a size that is no power of two becomes one.
enum class FifoRounding : unsigned char { kUp, kDown };

/// In elements; 0 if the fifo cannot be so small or large.
unsigned kfifo_capacity(unsigned wanted, FifoRounding rounding);
void kfifo_setup(::__kfifo& fifo, void* buffer, unsigned capacity, unsigned element_bytes);

inline unsigned kfifo_unused(const ::__kfifo& fifo) {
  return fifo.mask + 1 - (fifo.in - fifo.out);
}

/// A run of elements that lie side by side: what a position and a count have before the ring ends.
struct FifoRun {
  unsigned char* start;
  unsigned elements;
};

FifoRun kfifo_run(const ::__kfifo& fifo, unsigned position, unsigned count);

/// These return the number of elements that were moved.
unsigned kfifo_in(::__kfifo& fifo, const void* from, unsigned count);
unsigned kfifo_out(::__kfifo& fifo, void* to, unsigned count);
unsigned kfifo_out_peek(const ::__kfifo& fifo, void* to, unsigned count);

// Records: `prefix` bytes (1 or 2) of length, then the bytes. A record is put whole or not at all;
// what a reader does not take of it is lost.
unsigned kfifo_in_record(::__kfifo& fifo, const void* from, unsigned bytes, unsigned prefix);
unsigned kfifo_out_record(::__kfifo& fifo, void* to, unsigned bytes, unsigned prefix);
unsigned kfifo_out_peek_record(const ::__kfifo& fifo, void* to, unsigned bytes, unsigned prefix);
/// 0 in an empty fifo.
unsigned kfifo_record_bytes(const ::__kfifo& fifo, unsigned prefix);
/// Writes the length of a record of `bytes` at fifo.in.
void kfifo_put_prefix(::__kfifo& fifo, unsigned bytes, unsigned prefix);

}  // namespace vmsim::kern
