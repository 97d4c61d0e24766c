// SPDX-License-Identifier: MIT
// linux/kfifo.h: the rings of 2.6.10 and those that the typed macros use since 2.6.33. Counterpart:
// lib/kfifo.c (kernel/kfifo.c). kern/lib/kfifo moves the bytes, in the driver's context; the locks
// are the C face's. Called by drivers through the export table.
#include "kern/lib/kfifo.hpp"

#include <cerrno>

#include "abi/abi.hpp"
#include "kern/user_copy.hpp"

namespace vmsim::abi {

namespace {

using kern::FifoRounding;
using kern::FifoRun;
using Ulong = unsigned long;
using std::size_t;

/// Allocates the ring itself; `capacity` 0 is refused.
int allocate(::__kfifo* fifo, unsigned capacity, size_t element, vmsim_gfp_t gfp, u32 owner) {
  touch(fifo);
  kern::kfifo_setup(*fifo, nullptr, 0, static_cast<unsigned>(element));
  if (capacity < 2) return -EINVAL;
  void* const data = core([=] { return memory().slab->kmalloc(capacity * element, gfp, owner); });
  if (data == nullptr) return -ENOMEM;
  kern::kfifo_setup(*fifo, data, capacity, static_cast<unsigned>(element));
  return 0;
}

int kfifo_alloc(::__kfifo* fifo, unsigned size, size_t element, vmsim_gfp_t gfp) {
  const u32 owner = caller_tag(__builtin_return_address(0));
  const FifoRounding rounding = kernel().config.kernel < KernelVersion{3, 9, 0} &&
                                        !(kernel().config.kernel < KernelVersion{2, 6, 36})
                                    ? FifoRounding::kDown
                                    : FifoRounding::kUp;
  return allocate(fifo, kern::kfifo_capacity(size, rounding), element, gfp, owner);
}

void kfifo_free(::__kfifo* fifo) {
  touch(fifo);
  const void* const data = fifo->data;
  core([=] { memory().slab->kfree(data); });
  kern::kfifo_setup(*fifo, nullptr, 0, 0);
}

int kfifo_init(::__kfifo* fifo, void* buffer, unsigned bytes, size_t element) {
  touch(fifo);
  const unsigned size = static_cast<unsigned>(bytes / element);
  const unsigned capacity = kern::kfifo_capacity(size, FifoRounding::kDown);
  kern::kfifo_setup(*fifo, buffer, capacity < 2 ? 0 : capacity, static_cast<unsigned>(element));
  return capacity < 2 ? -EINVAL : 0;
}

unsigned kfifo_in(::__kfifo* fifo, const void* from, unsigned count) {
  return kern::kfifo_in(*fifo, from, count);
}

unsigned kfifo_out(::__kfifo* fifo, void* to, unsigned count) {
  return kern::kfifo_out(*fifo, to, count);
}

unsigned kfifo_out_peek(::__kfifo* fifo, void* to, unsigned count) {
  return kern::kfifo_out_peek(*fifo, to, count);
}

unsigned kfifo_in_r(::__kfifo* fifo, const void* from, unsigned bytes, size_t prefix) {
  return kern::kfifo_in_record(*fifo, from, bytes, static_cast<unsigned>(prefix));
}

unsigned kfifo_out_r(::__kfifo* fifo, void* to, unsigned bytes, size_t prefix) {
  return kern::kfifo_out_record(*fifo, to, bytes, static_cast<unsigned>(prefix));
}

unsigned kfifo_out_peek_r(::__kfifo* fifo, void* to, unsigned bytes, size_t prefix) {
  return kern::kfifo_out_peek_record(*fifo, to, bytes, static_cast<unsigned>(prefix));
}

unsigned kfifo_len_r(::__kfifo* fifo, size_t prefix) {
  return kern::kfifo_record_bytes(*fifo, static_cast<unsigned>(prefix));
}

// --- programs' memory ---

enum class Direction : u8 { kFromUser, kToUser };

/// Copies `count` elements at `position`. Returns the bytes that could not be copied.
u64 copy_user(::__kfifo* fifo, unsigned position, u64 user, unsigned count, Direction direction,
              const Caller& caller) {
  while (count > 0) {
    const FifoRun run = kern::kfifo_run(*fifo, position, count);
    const u64 bytes = u64{run.elements} * fifo->esize;
    touch_range(run.start, bytes, caller);
    const u64 left = static_cast<u64>(finish(
        [&] {
          return direction == Direction::kFromUser
                     ? kernel().user_copy->from_user(run.start, user, bytes)
                     : kernel().user_copy->to_user(user, run.start, bytes);
        },
        caller));
    if (left != 0) return left + u64{count - run.elements} * fifo->esize;
    user += bytes;
    position += run.elements;
    count -= run.elements;
  }
  return 0;
}

u64 user_address(const void* p) {
  return reinterpret_cast<u64>(p);
}

/// Whole elements only; *copied is in bytes.
int kfifo_from_user(::__kfifo* fifo, const void* from, Ulong bytes, unsigned* copied) {
  const unsigned element = fifo->esize;
  unsigned count = static_cast<unsigned>(bytes / element);
  if (count > kern::kfifo_unused(*fifo)) count = kern::kfifo_unused(*fifo);
  const u64 left =
      copy_user(fifo, fifo->in, user_address(from), count, Direction::kFromUser, VMSIM_ABI_CALLER);
  const unsigned done = count - static_cast<unsigned>((left + element - 1) / element);
  fifo->in += done;
  *copied = done * element;
  return left != 0 ? -EFAULT : 0;
}

int kfifo_to_user(::__kfifo* fifo, void* to, Ulong bytes, unsigned* copied) {
  const unsigned element = fifo->esize;
  unsigned count = static_cast<unsigned>(bytes / element);
  if (count > fifo->in - fifo->out) count = fifo->in - fifo->out;
  const u64 left =
      copy_user(fifo, fifo->out, user_address(to), count, Direction::kToUser, VMSIM_ABI_CALLER);
  const unsigned done = count - static_cast<unsigned>((left + element - 1) / element);
  fifo->out += done;
  *copied = done * element;
  return left != 0 ? -EFAULT : 0;
}

int kfifo_from_user_r(::__kfifo* fifo, const void* from, Ulong bytes, unsigned* copied,
                      size_t prefix) {
  const auto prefix_bytes = static_cast<unsigned>(prefix);
  const unsigned most = prefix_bytes > 1 ? 0xffff : 0xff;
  const auto count = static_cast<unsigned>(bytes > most ? most : bytes);
  *copied = 0;
  if (count + prefix_bytes > kern::kfifo_unused(*fifo)) return 0;
  if (copy_user(fifo, fifo->in + prefix_bytes, user_address(from), count, Direction::kFromUser,
                VMSIM_ABI_CALLER) != 0)
    return -EFAULT;
  kern::kfifo_put_prefix(*fifo, count, prefix_bytes);
  fifo->in += count + prefix_bytes;
  *copied = count;
  return 0;
}

int kfifo_to_user_r(::__kfifo* fifo, void* to, Ulong bytes, unsigned* copied, size_t prefix) {
  const auto prefix_bytes = static_cast<unsigned>(prefix);
  *copied = 0;
  if (fifo->in == fifo->out) return 0;
  const unsigned record = kern::kfifo_record_bytes(*fifo, prefix_bytes);
  const auto count = static_cast<unsigned>(bytes < record ? bytes : record);
  if (copy_user(fifo, fifo->out + prefix_bytes, user_address(to), count, Direction::kToUser,
                VMSIM_ABI_CALLER) != 0)
    return -EFAULT;
  fifo->out += record + prefix_bytes;
  *copied = count;
  return 0;
}

}  // namespace

std::span<const Export> kfifo_exports() {
  constexpr unsigned kTyped = kernel(2, 6, 33);
  static const Export table[] = {
      exported("__kfifo_alloc", &kfifo_alloc, kTyped),
      exported("__kfifo_free", &kfifo_free, kTyped),
      exported("__kfifo_init", &kfifo_init, kTyped),
      exported("__kfifo_in", &kfifo_in, kTyped),
      exported("__kfifo_out", &kfifo_out, kTyped),
      exported("__kfifo_out_peek", &kfifo_out_peek, kTyped),
      exported("__kfifo_in_r", &kfifo_in_r, kTyped),
      exported("__kfifo_out_r", &kfifo_out_r, kTyped),
      exported("__kfifo_out_peek_r", &kfifo_out_peek_r, kTyped),
      exported("__kfifo_len_r", &kfifo_len_r, kTyped),
      exported("__kfifo_from_user", &kfifo_from_user, kTyped),
      exported("__kfifo_to_user", &kfifo_to_user, kTyped),
      exported("__kfifo_from_user_r", &kfifo_from_user_r, kTyped),
      exported("__kfifo_to_user_r", &kfifo_to_user_r, kTyped),
  };
  return table;
}

}  // namespace vmsim::abi
