// SPDX-License-Identifier: MIT
// Errors as values: Result<T> carries an errno, Access<T> a simulated program's signal.
// Counterpart: the kernel's -errno returns and the siginfo_t of force_sig_fault(). Any thread may
// use them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

#include "vmsim/addr.hpp"

namespace vmsim {

/// A Linux errno, positive (ENOMEM is 12). The message names the rule that refused, empty where the
/// errno says it all.
struct Error {
  int errno_value = 0;
  std::string message;

  Error() = default;

  explicit Error(int e) : errno_value(e) {}

  Error(int e, std::string why) : errno_value(e), message(std::move(why)) {}

  bool operator==(const Error& other) const { return errno_value == other.errno_value; }

  /// "ENOMEM: why".
  std::string to_string() const;
};

/// "ENOMEM" for 12; "errno 4242" for numbers that Linux does not name.
std::string errno_name(int errno_value);

template <class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

/// What must() throws: what() is the Error or UserFault in words.
class Failed : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The value of a Result; throws Failed where there is none. For programs and tests in which an
/// error is the end: `const int fd = must(app.open("/dev/x"));`.
template <class T>
T must(Result<T> result) {
  if (!result) throw Failed(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline Failure fail(int errno_value) {
  return Failure(Error(errno_value));
}

inline Failure fail(int errno_value, std::string why) {
  return Failure(Error(errno_value, std::move(why)));
}

/// Why an access of a simulated program ended in a signal. Units: `addr` is the exact byte
/// (si_addr).
struct UserFault {
  i32 signo = 0;  ///< SIGSEGV 11, SIGBUS 7, SIGKILL 9
  i32 code =
      0;  ///< si_code: SEGV_MAPERR 1, SEGV_ACCERR 2, BUS_ADRERR 2, BUS_MCEERR_AR 4, SI_KERNEL 128
  u64 addr = 0;

  bool operator==(const UserFault&) const = default;
  /// "SIGSEGV SEGV_MAPERR at 0x1000".
  std::string to_string() const;
};

namespace sig {
inline constexpr i32 kSigKill = 9, kSigBus = 7, kSigSegv = 11;
inline constexpr i32 kSegvMapErr = 1, kSegvAccErr = 2, kBusAdrErr = 2, kBusMceErrAr = 4,
                     kSiKernel = 128;
/// si_code of the SIGKILL that ends an access which made no progress (vmsim's own, the kernel would
/// loop).
inline constexpr i32 kNoProgress = 0x766d;
}  // namespace sig

/// The outcome of one load or store: a value or a UserFault, in 16 bytes. T is trivially copyable,
/// 8 bytes at most.
template <class T>
class [[nodiscard]] Access {
  static_assert(sizeof(T) <= 8 && __is_trivially_copyable(T));

 public:
  constexpr Access(T value) : payload_(0) {
    __builtin_memcpy(&payload_, &value, sizeof(T));
  }  // NOLINT: implicit by design

  constexpr Access(UserFault f)
      : payload_(f.addr), signo_(f.signo), code_(f.code) {}  // NOLINT: implicit by design

  constexpr bool ok() const { return signo_ == 0; }

  constexpr explicit operator bool() const { return ok(); }

  /// Pre: ok(). Aborts with the fault's text otherwise.
  T value() const {
    if (!ok()) [[unlikely]]
      die();
    T v;
    __builtin_memcpy(&v, &payload_, sizeof(T));
    return v;
  }

  T operator*() const { return value(); }

  T value_or(T other) const { return ok() ? value() : other; }

  /// Pre: !ok().
  constexpr UserFault fault() const { return UserFault{signo_, code_, payload_}; }

 private:
  [[noreturn]] void die() const;

  u64 payload_;
  i32 signo_ = 0;
  i32 code_ = 0;
};

/// Outcome of a store or of a span copy: nothing, or a UserFault.
struct Done {};

[[noreturn]] void die_unchecked_fault(const UserFault& fault);

/// The value of a load, or Failed.
template <class T>
T must(const Access<T>& access) {
  if (!access.ok()) throw Failed(access.fault().to_string());
  return access.value();
}

template <class T>
void Access<T>::die() const {
  die_unchecked_fault(fault());
}

}  // namespace vmsim

/// Evaluates to the value of a Result, or returns its error from the enclosing function.
#define VMSIM_TRY(expr) VMSIM_TRY_AS(expr, VMSIM_TRY_NAME(__COUNTER__))
#define VMSIM_TRY_NAME(number) VMSIM_TRY_PASTE(number)
#define VMSIM_TRY_PASTE(number) vmsim_try_result_##number
#define VMSIM_TRY_AS(expr, result)                        \
  ({                                                      \
    auto result = (expr);                                 \
    if (!result) [[unlikely]]                             \
      return ::vmsim::Failure(std::move(result.error())); \
    std::move(*result);                                   \
  })

/// Like VMSIM_TRY for Result<void>.
#define VMSIM_CHECK(expr)                                            \
  do {                                                               \
    auto vmsim_try_result_ = (expr);                                 \
    if (!vmsim_try_result_) [[unlikely]]                             \
      return ::vmsim::Failure(std::move(vmsim_try_result_.error())); \
  } while (0)
