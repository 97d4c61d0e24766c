// SPDX-License-Identifier: MIT
// What every function of this room is made of: the current kernel, the way into the core and back,
// and the care for pointers that come from drivers. Counterpart: none; in Linux a driver's call is
// a call. Leaves out every decision: those are the core's. Room abi only.

// A function of this room runs in the driver's context: a fault in it is the driver's oops, which
// leaves by a jump. So its own frame may own nothing that has a destructor, and it works in three
// steps: look at the driver's pointers (touch); run the core behind a CoreScope (core, finish),
// whose frame is gone when it returns plain data; return, or leave (finish does).
#pragma once

#include <type_traits>
#include <utility>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "abi/exports.hpp"
#include "kern/kernel.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::abi {

/// The kernel that the calling driver runs in.
inline kern::Kernel& kernel() {
  return *static_cast<kern::Kernel*>(sched::current_kernel());
}

inline kern::Memory& memory() {
  return *kernel().memory;
}

inline sched::Scheduler& scheduler() {
  return *kernel().scheduler;
}

/// Where a driver called us from. As a default argument it is evaluated in the exported function.
struct Caller {
  void* return_address;
  void* frame;
};

#define VMSIM_ABI_CALLER                                    \
  ::vmsim::abi::Caller {                                    \
    __builtin_return_address(0), __builtin_frame_address(0) \
  }

/// Who pays for memory in leak reports: the module around an address, 0 for none. See
/// kern/owner_tag.hpp.
u32 caller_tag(const void* return_address);

/// Reads one byte of a driver's object in the driver's context: a wild pointer is the driver's
/// oops, at the call that it made.
[[gnu::always_inline]] inline void touch(const volatile void* object,
                                         [[maybe_unused]] Caller caller = VMSIM_ABI_CALLER) {
#if defined(__x86_64__)
  // Not a C access: no sanitizer is to look at it first.
  char byte;
  asm volatile("movb %1, %0" : "=q"(byte) : "m"(*static_cast<const volatile char*>(object)));
#else
  static_cast<void>(*static_cast<const volatile char*>(object));
#endif
}

/// Reads a driver's text to its end, for the same reason. Returns its length, `max` at most.
std::size_t touch_text(const char* text, std::size_t max = 4096);

/// The same for a buffer: one byte of each page of it.
[[gnu::always_inline]] inline void touch_range(const volatile void* start, u64 bytes,
                                               Caller caller = VMSIM_ABI_CALLER) {
  const auto* const at = static_cast<const volatile char*>(start);
  for (u64 i = 0; i < bytes; i += kPageSize) touch(at + i, caller);
  if (bytes != 0) touch(at + (bytes - 1), caller);
}

/// Runs the core on behalf of a driver. `f` returns plain data and never an oops. `caller`: what the exported function
/// returns to, for findings.
template <class F>
[[gnu::noinline]] auto core(F&& f, const void* caller = __builtin_return_address(0)) -> std::invoke_result_t<F&> {
  static_assert(std::is_void_v<std::invoke_result_t<F&>> ||
                    std::is_trivially_destructible_v<std::invoke_result_t<F&>>,
                "what comes back lives in a frame that an oops may leave by a jump");
  const sched::CoreScope scope(caller);
  return f();
}

/// How a call of the core came out, as plain data.
struct Ended {
  enum Way : u8 { kReturned, kOopsed, kBug } way = kReturned;

  i64 value = 0;
};

/// The value of an errno; an oops to be made is kept for leave().
Ended ended_by(const Error& error);
/// The Error of a core call that could not touch the driver's memory, as try_copy() recorded it.
Failure driver_fault(const sched::OopsRecord& record);
/// Leaves the driver: by the oops that an inner call reported, or by the BUG that ended_by() kept.
[[noreturn]] void leave(Ended::Way way, const Caller& caller);
/// Leaves the driver by a BUG of the kernel.
[[noreturn]] void leave_by_bug(const char* text, const Caller& caller);

template <class T>
i64 plain_value(const T& value) {
  if constexpr (std::is_pointer_v<T>) {
    return static_cast<i64>(reinterpret_cast<std::uintptr_t>(value));
  } else {
    return static_cast<i64>(value);
  }
}

template <class F>
[[gnu::noinline]] Ended run_core(F& f, const void* caller) {
  const sched::CoreScope scope(caller);
  const auto result = f();
  if (!result) [[unlikely]]
    return ended_by(result.error());
  if constexpr (std::is_void_v<typename std::remove_cvref_t<decltype(result)>::value_type>) {
    return {};
  } else {
    return {Ended::kReturned, plain_value(*result)};
  }
}

/// Runs the core on behalf of a driver. `f` returns a Result: its value (0 for void) or -errno
/// comes back; an oops does not come back at all.
template <class F>
i64 finish(F&& f, Caller caller = VMSIM_ABI_CALLER) {
  const Ended ended = run_core(f, caller.return_address);
  if (ended.way != Ended::kReturned) [[unlikely]]
    leave(ended.way, caller);
  return ended.value;
}

/// finish() for functions that return an int.
template <class F>
int finish_int(F&& f, Caller caller = VMSIM_ABI_CALLER) {
  return static_cast<int>(finish(f, caller));
}

/// True for an element of mem_map. Anything else is a Finding "bad-struct-page", and the call does
/// nothing; in the driver's context, so that a wild pointer is an oops.
bool page_ok(const ::page* page, const char* call, Caller caller = VMSIM_ABI_CALLER);

}  // namespace vmsim::abi
