// SPDX-License-Identifier: MIT
// The boundary around every call into driver code: a kernel oops below it ends here and nowhere
// else. Counterpart: the exception tables, die() and make_task_dead() of arch/x86; here the dying
// part is a jump back to the call. Leaves out: the report's text (kern/oops) and killing the task,
// which the caller does when the outcome is empty. Callers: every room that calls a driver's
// function (run, call), abi (CoreScope, oops, leave_by_oops), machine (sinks).
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#if defined(__SANITIZE_THREAD__)
#  define VMSIM_DRIVER_CALL_LIBC_JUMP 1
#elif defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define VMSIM_DRIVER_CALL_LIBC_JUMP 1
#  endif
#endif
#if !defined(__x86_64__) && !defined(VMSIM_DRIVER_CALL_LIBC_JUMP)
#  define VMSIM_DRIVER_CALL_LIBC_JUMP 1
#endif
#if defined(VMSIM_DRIVER_CALL_LIBC_JUMP)
// ThreadSanitizer follows only libc's jumps, and the builtin pair exists on x86-64 for both
// compilers.
#  include <csetjmp>
#endif

namespace vmsim::sched {

/// errno_value of an Error that means: the kernel would oops here. abi turns it into
/// leave_by_oops().
inline constexpr int kErrOops = 100000;
/// errno_value of an Error that means: the core found a BUG which is not reported yet. abi reports
/// it with oops().
inline constexpr int kErrBug = 100001;

inline bool is_oops(const Error& error) {
  return error.errno_value == kErrOops;
}

/// The Error that a core function returns after a DriverCall came back empty.
inline Failure oopsed() {
  return fail(kErrOops, "kernel oops in driver code");
}

enum class OopsKind : u8 {
  kNullDereference,  ///< data access below one page
  kUserPointer,   ///< a simulated user address used without copy_from_user (told apart by the sink)
  kBadAddress,    ///< nothing mapped there
  kReadOnly,      ///< a write to memory that is mapped without the right
  kNonCanonical,  ///< general protection fault
  kBadJump,       ///< an instruction fetch from an address without code
  kBug,           ///< BUG() or a rule for which the kernel has a BUG_ON; `text` says which
  kInvalidOpcode,
  kDivideError,
  kFreedModule,  ///< code or data of an unloaded module (told apart by the sink)
};

/// What is known about one oops. Plain data: a signal handler fills it.
struct OopsRecord {
  static constexpr unsigned kTraceMax = 24;

  OopsKind kind = OopsKind::kBadAddress;
  u64 address = 0;     ///< the address that faulted, 0 for kBug and the like
  u64 error_code = 0;  ///< x86 page fault bits: 1 present, 2 write, 16 fetch
  u64 ip = 0, sp = 0, fp = 0;
  bool after_call = false;  ///< ip is what the driver's call returns to, not where the fault was
  u64 stack_top = 0;  ///< the word at sp: the return address if the function has no frame
  unsigned trace_count = 0;
  u64 trace[kTraceMax] =
      {};  ///< return addresses, innermost first, from the frame pointers below the boundary
  const void* handler = nullptr;  ///< kBug: the driver's function that has returned; ip is 0 then
  char text[200] = {};  ///< kBug: "kernel BUG at file:line!" without the newline

  void set_text(std::string_view why);
};

/// Receives each oops once, on the task that caused it, after the driver's frames are gone. It must
/// not call drivers.
class OopsSink {
 public:
  virtual ~OopsSink() = default;
  virtual void on_oops(const OopsRecord& record) = 0;
};

/// How the boundary learns what the current task holds. Set once per process; both run on the
/// task's thread.
struct LockHooks {
  u64 (*held)() = nullptr;                 ///< a snapshot of the locks and atomic sections held now
  void (*release_down_to)(u64) = nullptr;  ///< releases and reports those taken since the snapshot
};

/// The value a driver returned, or nothing because it oopsed.
template <class R>
class [[nodiscard]] Outcome {
  static_assert(std::is_trivially_copyable_v<R>, "drivers return plain C values");

 public:
  constexpr Outcome() = default;

  constexpr explicit Outcome(R value) : value_(value), returned_(true) {}

  constexpr explicit operator bool() const { return returned_; }

  constexpr bool has_value() const { return returned_; }

  constexpr R operator*() const { return value_; }

  constexpr R value_or(R other) const { return returned_ ? value_ : other; }

 private:
  R value_{};
  bool returned_ = false;
};

template <>
class [[nodiscard]] Outcome<void> {
 public:
  constexpr explicit Outcome(bool returned = false) : returned_(returned) {}

  constexpr explicit operator bool() const { return returned_; }

  constexpr bool has_value() const { return returned_; }

 private:
  bool returned_;
};

class CoreScope;

/// Calls into drivers. Calls nest (driver, abi, core, another driver); each has its own boundary,
/// and an oops ends at the innermost one. Thread-safety: state is per host thread, and a task stays
/// on its thread during a call.
class DriverCall {
 public:
  /// Runs `f`, which calls into a driver. The C++ frames between here and the driver must own
  /// nothing: an oops leaves them by a jump. Empty outcome: the driver oopsed, it is reported, its
  /// locks are released, and the caller returns oopsed() upwards. Differs: the task that oopses
  /// releases the locks and atomic sections it took inside the driver call, so that the rest of the
  /// simulation goes on; Linux leaves them locked for ever.
  template <class F>
  static auto run(F&& f) -> Outcome<std::invoke_result_t<F&>> {
    return run_in_frame(Report::kLoud, f);
  }

  /// run() of one function pointer with its arguments.
  template <class R, class... Params, class... Args>
  static Outcome<R> call(R (*function)(Params...), Args... args) {
    return run([&]() -> R { return function(static_cast<Params>(args)...); });
  }

  /// Reports `record` and leaves the driver's frames. Pre: driver_running(), and no C++ object of
  /// the caller needs its destructor. `trace` is filled here, from record.fp.
  [[noreturn]] static void oops(OopsRecord record);
  /// Leaves without a report, because an inner boundary has made it. Same preconditions.
  [[noreturn]] static void leave_by_oops();

  /// A record of kind kBug for an abi function: `return_address` and `frame` are its
  /// __builtin_return_address(0) and
  /// __builtin_frame_address(0).
  static OopsRecord bug_record(std::string_view text, void* return_address, void* frame);

  /// Copies `size_bytes` between host addresses that a driver supplied. False when one of them
  /// cannot be touched; the record, which is not reported, is then in `*record` (may be null).
  static bool try_copy(void* to, const void* from, std::size_t size_bytes,
                       OopsRecord* record = nullptr);

  /// True while driver code runs on this thread: inside run() and not inside a CoreScope.
  static bool driver_running();
  /// Calls that are open on this thread.
  static unsigned depth();
  static void set_lock_hooks(LockHooks hooks);

  /// The address that the driver's innermost call into the core returns to; nullptr outside of one. It may lie in vmsim
  /// where an exported function reaches the core through others; then words_above_core() has the driver's.
  static const void* caller();
  /// Copies the stack from the innermost CoreScope up to the boundary, `max` words at most. Returns how many.
  static unsigned words_above_core(u64* words, unsigned max);
  /// The address lies on the stack of a call that is open on this thread, driver's frames or vmsim's.
  static bool on_stack(const void* address);

 private:
  friend class CoreScope;
  friend class OopsSinkScope;
  friend class FaultSignals;

  enum class Report : u8 { kLoud, kQuiet };

  /// One open call, on the stack of run(). Its constructor makes it the innermost one, its
  /// destructor ends that.
  class Frame {
   public:
    /// `stack_limit` is the frame address of the function that owns this object: driver frames are
    /// below it.
    explicit Frame(Report report, void* stack_limit = __builtin_frame_address(0));
    ~Frame();
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    /// After the jump: reports and releases locks.
    void land();

#if defined(VMSIM_DRIVER_CALL_LIBC_JUMP)
    jmp_buf jump_;
#else
    void* jump_[5];
#endif
    Frame* const outer_;
    void* const stack_limit_;
    const Report report_;
    const bool outer_in_driver_;
    const CoreScope* const outer_scope_;
    u64 locks_before_ = 0;
  };

  struct Thread {
    Frame* top = nullptr;
    bool in_driver = false;
    bool report_pending = false;
    const CoreScope* scope = nullptr;  // the innermost one inside of `top`
    OopsSink* sink = nullptr;
    OopsRecord record;
  };

  static constinit thread_local Thread thread_ __attribute__((tls_model("initial-exec")));
  static std::atomic<u64 (*)()> locks_held_;
  static std::atomic<void (*)(u64)> locks_release_;

  template <class F>
  [[gnu::noinline]] static auto run_in_frame(Report report, F& f)
      -> Outcome<std::invoke_result_t<F&>>;
  [[noreturn]] static void jump_to_top();
  static void fill_trace(OopsRecord& record, const Frame& boundary);
  /// The handler's half: false when the fault is none of a driver's.
  static bool take_signal(int signo, void* siginfo, void* ucontext);
};

inline DriverCall::Frame::Frame(Report report, void* stack_limit)
    : outer_(thread_.top),
      stack_limit_(stack_limit),
      report_(report),
      outer_in_driver_(thread_.in_driver),
      outer_scope_(std::exchange(thread_.scope, nullptr)) {
  if (auto* held = locks_held_.load(std::memory_order_relaxed)) locks_before_ = held();
  thread_.top = this;
  thread_.in_driver = true;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

inline DriverCall::Frame::~Frame() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  thread_.in_driver = outer_in_driver_;
  thread_.scope = outer_scope_;
  thread_.top = outer_;
}

/// vmsim's own code is running on behalf of a driver: a fault here is vmsim's bug, not the
/// driver's. Every abi function that calls the core opens one, and closes it before it leaves by an
/// oops.
class CoreScope {
 public:
  /// `caller`: the address that the function called by the driver returns to; by default that function is the one which
  /// opens the scope.
  explicit CoreScope(const void* caller = __builtin_return_address(0))
      : was_in_driver_(DriverCall::thread_.in_driver), outer_(DriverCall::thread_.scope), caller_(caller) {
    set(false, this);
  }

  ~CoreScope() { set(was_in_driver_, outer_); }

  CoreScope(const CoreScope&) = delete;
  CoreScope& operator=(const CoreScope&) = delete;

 private:
  friend class DriverCall;

  static void set(bool in_driver, const CoreScope* scope) {
    DriverCall::thread_.scope = scope;
    DriverCall::thread_.in_driver = in_driver;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

  bool was_in_driver_;
  const CoreScope* outer_;
  const void* caller_;
};

inline const void* DriverCall::caller() {
  return thread_.scope != nullptr ? thread_.scope->caller_ : nullptr;
}

/// Names the sink of oopses on this thread while a machine's kernel is entered.
class OopsSinkScope {
 public:
  explicit OopsSinkScope(OopsSink* sink) : before_(std::exchange(DriverCall::thread_.sink, sink)) {}

  ~OopsSinkScope() { DriverCall::thread_.sink = before_; }

  OopsSinkScope(const OopsSinkScope&) = delete;
  OopsSinkScope& operator=(const OopsSinkScope&) = delete;

 private:
  OopsSink* before_;
};

/// Keeps the handlers of SIGSEGV, SIGBUS, SIGILL and SIGFPE installed while one exists; every
/// Machine has one. The first saves the previous handlers, which get each signal that is not a
/// driver's; the last puts them back.
class FaultSignals {
 public:
  FaultSignals();
  ~FaultSignals();
  FaultSignals(const FaultSignals&) = delete;
  FaultSignals& operator=(const FaultSignals&) = delete;

 private:
  static void on_signal(int signo, void* siginfo, void* ucontext);
};

#if defined(VMSIM_DRIVER_CALL_LIBC_JUMP)
#  define VMSIM_DRIVER_SETJMP(frame) _setjmp((frame).jump_)
#else
#  define VMSIM_DRIVER_SETJMP(frame) __builtin_setjmp((frame).jump_)
#endif

template <class F>
auto DriverCall::run_in_frame(Report report, F& f) -> Outcome<std::invoke_result_t<F&>> {
  using R = std::invoke_result_t<F&>;
  Frame frame(report);
  if (VMSIM_DRIVER_SETJMP(frame) == 0) [[likely]] {
    if constexpr (std::is_void_v<R>) {
      f();
      return Outcome<void>(true);
    } else {
      return Outcome<R>(f());
    }
  }
  frame.land();
  return Outcome<R>();
}

#undef VMSIM_DRIVER_SETJMP

}  // namespace vmsim::sched
