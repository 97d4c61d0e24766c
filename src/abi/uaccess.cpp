// SPDX-License-Identifier: MIT
// linux/uaccess.h and linux/uio.h: bytes to and from the current program. Counterpart:
// lib/usercopy.c, lib/iov_iter.c. No logic: kern/user_copy has it; a bad kernel pointer is the
// driver's oops. Called by drivers through the export table.
#include <algorithm>
#include <cstring>

#include "abi/abi.hpp"
#include "kern/user_copy.hpp"
#include "mm/vm_flags.hpp"

namespace vmsim::abi {

namespace {

using kern::UserCopy;
using Ulong = unsigned long;
using std::size_t;

/// finish() of a call of UserCopy, which keeps the fault that a kernel pointer caused.
template <class F>
i64 finish_copy(F&& f, Caller caller = VMSIM_ABI_CALLER) {
  return finish(
      [&]() -> std::invoke_result_t<F&, UserCopy&> {
        UserCopy& user = *kernel().user_copy;
        auto done = f(user);
        if (!done && done.error().errno_value == sched::kErrBug)
          return driver_fault(user.kernel_fault());
        return done;
      },
      caller);
}

u64 value_of(const void* user) {
  return reinterpret_cast<u64>(user);
}

/// Differs: a copy to or from a slab object outside of its cache's usercopy region goes through; Linux with
/// CONFIG_HARDENED_USERCOPY stops the driver there (a cache by kmem_cache_create() has no such region).
Ulong copy_to_user(void* to, const void* from, Ulong n) {
  return static_cast<Ulong>(
      finish_copy([&](UserCopy& user) { return user.to_user(value_of(to), from, n); }));
}

Ulong copy_from_user(void* to, const void* from, Ulong n) {
  return static_cast<Ulong>(
      finish_copy([&](UserCopy& user) { return user.from_user(to, value_of(from), n); }));
}

Ulong clear_user(void* to, Ulong n) {
  return static_cast<Ulong>(
      finish_copy([&](UserCopy& user) { return user.clear_user(value_of(to), n); }));
}

long strncpy_from_user(char* to, const char* from, long n) {
  return finish_copy([&](UserCopy& user) { return user.strncpy_from_user(to, value_of(from), n); });
}

long strnlen_user(const char* s, long n) {
  return finish_copy([&](UserCopy& user) { return user.strnlen_user(value_of(s), n); });
}

int vmsim_access_ok(Ulong addr, Ulong size) {
  return kernel().user_copy->access_ok(addr, size);
}

int vmsim_get_user(unsigned long long* value, const void* ptr, Ulong size) {
  u64 got = 0;
  const int code = static_cast<int>(finish_copy([&](UserCopy& user) {
    return user.get_user(got, value_of(ptr), static_cast<unsigned>(size));
  }));
  *value = got;
  return code;
}

int vmsim_put_user(unsigned long long value, void* ptr, Ulong size) {
  return static_cast<int>(finish_copy([&](UserCopy& user) {
    return user.put_user(value, value_of(ptr), static_cast<unsigned>(size));
  }));
}

/// Bytes that the kernel's struct does not have must be zero. 0, -E2BIG, -EFAULT.
int check_rest_is_zero(u64 from, u64 bytes, Caller caller) {
  constexpr int kTooBig = 7;
  char bounce[256];
  while (bytes > 0) {
    const u64 some = std::min<u64>(bytes, sizeof(bounce));
    const i64 left =
        finish_copy([&](UserCopy& user) { return user.from_user(bounce, from, some); }, caller);
    if (left != 0) return -mm::err::kFault;
    for (u64 i = 0; i < some; ++i)
      if (bounce[i] != 0) return -kTooBig;
    from += some;
    bytes -= some;
  }
  return 0;
}

int copy_struct_from_user(void* to, size_t ksize, const void* from, size_t usize) {
  const size_t size = std::min(ksize, usize);
  if (usize > ksize) {
    const int code = check_rest_is_zero(value_of(from) + size, usize - size, VMSIM_ABI_CALLER);
    if (code != 0) return code;
  }
  std::memset(static_cast<char*>(to) + size, 0, ksize - size);
  const i64 left =
      finish_copy([&](UserCopy& user) { return user.from_user(to, value_of(from), size); });
  return left != 0 ? -mm::err::kFault : 0;
}

void vmsim_pagefault_disable() {
  core([] { kernel().user_copy->pagefault_disable(); });
}

void vmsim_pagefault_enable() {
  core([] { kernel().user_copy->pagefault_enable(); });
}

// linux/uio.h. The iterator is the kernel's, lent to the driver.

void iov_iter_advance(iov_iter* iter, size_t bytes) {
  bytes = std::min<size_t>(bytes, iter->count);
  iter->count -= bytes;
  iter->iov_offset += bytes;
  while (iter->nr_segs > 0 && iter->iov_offset >= iter->__iov->iov_len) {
    iter->iov_offset -= iter->__iov->iov_len;
    ++iter->__iov;
    --iter->nr_segs;
  }
}

/// Calls copy(user address, offset, bytes) -> bytes not copied for each piece.
template <class Copy>
size_t each_piece(iov_iter* iter, size_t bytes, Copy&& copy) {
  size_t done = 0;
  bytes = std::min<size_t>(bytes, iter->count);
  while (done < bytes && iter->nr_segs > 0) {
    const iovec& segment = *iter->__iov;
    const size_t some = std::min<size_t>(bytes - done, segment.iov_len - iter->iov_offset);
    const size_t left = copy(value_of(segment.iov_base) + iter->iov_offset, done, some);
    iov_iter_advance(iter, some - left);
    done += some - left;
    if (left != 0) break;
  }
  return done;
}

size_t copy_to_iter(const void* from, size_t bytes, iov_iter* to) {
  touch(to);
  const Caller caller = VMSIM_ABI_CALLER;
  return each_piece(to, bytes, [&](u64 user_addr, size_t offset, size_t some) {
    const auto* const at = static_cast<const char*>(from) + offset;
    return static_cast<size_t>(
        finish_copy([&](UserCopy& user) { return user.to_user(user_addr, at, some); }, caller));
  });
}

size_t copy_from_iter(void* to, size_t bytes, iov_iter* from) {
  touch(from);
  const Caller caller = VMSIM_ABI_CALLER;
  return each_piece(from, bytes, [&](u64 user_addr, size_t offset, size_t some) {
    auto* const at = static_cast<char*>(to) + offset;
    return static_cast<size_t>(
        finish_copy([&](UserCopy& user) { return user.from_user(at, user_addr, some); }, caller));
  });
}

}  // namespace

std::span<const Export> uaccess_exports() {
  static const Export table[] = {
      exported("copy_to_user", &copy_to_user),
      exported("copy_from_user", &copy_from_user),
      exported("clear_user", &clear_user),
      exported("strncpy_from_user", &strncpy_from_user),
      exported("strnlen_user", &strnlen_user),
      exported("copy_struct_from_user", &copy_struct_from_user, kernel(5, 4)),
      exported("vmsim_access_ok", &vmsim_access_ok),
      exported("vmsim_get_user", &vmsim_get_user),
      exported("vmsim_put_user", &vmsim_put_user),
      exported("vmsim_pagefault_disable", &vmsim_pagefault_disable),
      exported("vmsim_pagefault_enable", &vmsim_pagefault_enable),
      exported("copy_to_iter", &copy_to_iter),
      exported("copy_from_iter", &copy_from_iter),
      exported("iov_iter_advance", &iov_iter_advance),
  };
  return table;
}

}  // namespace vmsim::abi
