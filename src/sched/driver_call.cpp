// SPDX-License-Identifier: MIT
// The boundary's cold half: the fault handlers, the walk over the driver's stack, the jump.
// Counterpart: exc_page_fault, die and make_task_dead of arch/x86. What runs inside a signal
// handler touches only this thread's state and stack. The hot half is inline in the header.
#include "sched/driver_call.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <ucontext.h>

#include "base/assert.hpp"

#if defined(__SANITIZE_ADDRESS__)
#  define VMSIM_DRIVER_CALL_ASAN 1
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer)
#    define VMSIM_DRIVER_CALL_ASAN 1
#  endif
#endif
#if defined(VMSIM_DRIVER_CALL_ASAN)
#  include <sanitizer/asan_interface.h>
#endif

#define VMSIM_NO_SANITIZE __attribute__((no_sanitize("address", "thread", "undefined")))

namespace vmsim::sched {

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
constexpr unsigned kSignalCount = 4;
constexpr u64 kErrorPresent = 1, kErrorWrite = 2, kErrorFetch = 16;

/// What was installed before us, per entry of kSignals.
struct SavedHandlers {
  std::mutex mutex;
  unsigned users = 0;
  struct sigaction before[kSignalCount] = {};
  bool installed[kSignalCount] = {};
};

SavedHandlers& saved() {
  static SavedHandlers handlers;
  return handlers;
}

/// The handlers must reach `before` without the guard of a function-local static.
SavedHandlers* saved_for_handler = nullptr;

unsigned signal_index(int signo) {
  return static_cast<unsigned>(std::find(kSignals, kSignals + kSignalCount, signo) - kSignals);
}

/// Lets the fault happen again under the default action, which ends the process with the usual
/// core.
void fall_back_to_default(int signo, bool faulted) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(signo, &standard, nullptr);
  if (!faulted) ::raise(signo);
}

void pass_on(int signo, siginfo_t* signal, void* context) {
  const struct sigaction& before = saved_for_handler->before[signal_index(signo)];
  const bool faulted = signal->si_code > 0;
  if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
    before.sa_sigaction(signo, signal, context);
  } else if (before.sa_handler == SIG_DFL || (before.sa_handler == SIG_IGN && faulted)) {
    fall_back_to_default(signo, faulted);
  } else if (before.sa_handler != SIG_IGN) {
    before.sa_handler(signo);
  }
}

[[maybe_unused]] constexpr bool canonical(u64 address) {
  const u64 top = address >> 47;
  return top == 0 || top == 0x1ffff;
}

#if defined(__x86_64__)

/// The memory operand of the instruction at `ip`, 0 if it has none or is of a rarer form. The
/// processor does not tell the address of a general protection fault; the kernel decodes it too.
VMSIM_NO_SANITIZE u64 memory_operand(u64 ip, const greg_t* regs) {
  static constexpr int kRegisters[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                       REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                       REG_R12, REG_R13, REG_R14, REG_R15};
  auto value = [&](unsigned number) { return static_cast<u64>(regs[kRegisters[number]]); };
  const u8* at = reinterpret_cast<const u8*>(ip);
  while (*at == 0x66 || *at == 0xf0 || *at == 0xf2 || *at == 0xf3) ++at;
  const unsigned rex = (*at & 0xf0) == 0x40 ? *at++ : 0;
  if (*at == 0x0f) ++at;
  ++at;  // the opcode
  const unsigned modrm = *at++, mod = modrm >> 6, rm = modrm & 7;
  if (mod == 3 || (mod == 0 && rm == 5)) return 0;
  u64 address = 0;
  bool wide = mod == 2;
  if (rm == 4) {
    const unsigned sib = *at++, index = ((sib >> 3) & 7) | ((rex & 2) << 2), base = sib & 7;
    if (index != 4) address += value(index) << (sib >> 6);
    if (mod == 0 && base == 5)
      wide = true;
    else
      address += value(base | ((rex & 1) << 3));
  } else {
    address = value(rm | ((rex & 1) << 3));
  }
  i32 displacement = 0;
  if (wide) {
    u32 raw = 0;
    for (unsigned i = 0; i < 4; ++i) raw |= u32{at[i]} << (8 * i);
    displacement = static_cast<i32>(raw);
  } else if (mod == 1) {
    displacement = static_cast<signed char>(*at);
  }
  return address + static_cast<u64>(i64{displacement});
}

#endif

struct FaultRegisters {
  u64 ip = 0, sp = 0, fp = 0, error_code = 0;
  bool protection_fault = false;  // #GP
  u64 operand = 0;                // the address that a #GP is about, 0 if unknown
};

FaultRegisters fault_registers(const siginfo_t& signal, const ucontext_t& context) {
  FaultRegisters r;
#if defined(__x86_64__)
  const auto& regs = context.uc_mcontext.gregs;
  r.ip = static_cast<u64>(regs[REG_RIP]);
  r.sp = static_cast<u64>(regs[REG_RSP]);
  r.fp = static_cast<u64>(regs[REG_RBP]);
  // The host ran this in user mode; a kernel's code has no user bit.
  r.error_code = static_cast<u64>(regs[REG_ERR]) & (kErrorPresent | kErrorWrite | kErrorFetch);
  constexpr int kTrapGeneralProtection = 13;
  r.protection_fault = regs[REG_TRAPNO] == kTrapGeneralProtection;
  if (r.protection_fault) r.operand = memory_operand(r.ip, regs);
  if (canonical(r.operand)) r.operand = 0;
#elif defined(__aarch64__)
  r.ip = context.uc_mcontext.pc;
  r.sp = context.uc_mcontext.sp;
  r.fp = context.uc_mcontext.regs[29];
  if (signal.si_code == SEGV_ACCERR) r.error_code |= kErrorPresent;
#endif
  if (signal.si_signo == SIGSEGV && signal.si_code == SI_KERNEL) r.protection_fault = true;
  return r;
}

OopsKind kind_of(const siginfo_t& signal, const FaultRegisters& regs, u64 address) {
  if (signal.si_signo == SIGILL) return OopsKind::kInvalidOpcode;
  if (signal.si_signo == SIGFPE) return OopsKind::kDivideError;
  if (regs.protection_fault) return OopsKind::kNonCanonical;
  if ((regs.error_code & kErrorFetch) != 0 || address == regs.ip) return OopsKind::kBadJump;
  if (address < kPageSize) return OopsKind::kNullDereference;
  constexpr u64 kDenied = kErrorPresent | kErrorWrite;
  return (regs.error_code & kDenied) == kDenied ? OopsKind::kReadOnly : OopsKind::kBadAddress;
}

/// A copy whose faulting address is exact, and which no sanitizer replaces.
VMSIM_NO_SANITIZE void copy_bytes(void* to, const void* from, std::size_t size_bytes) {
#if defined(__x86_64__)
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size_bytes) : : "memory");
#else
  auto* out = static_cast<volatile char*>(to);
  const auto* in = static_cast<const volatile char*>(from);
  while (size_bytes-- > 0) *out++ = *in++;
#endif
}

}  // namespace

constinit thread_local DriverCall::Thread DriverCall::thread_
    __attribute__((tls_model("initial-exec")));
constinit std::atomic<u64 (*)()> DriverCall::locks_held_{nullptr};
constinit std::atomic<void (*)(u64)> DriverCall::locks_release_{nullptr};

void OopsRecord::set_text(std::string_view why) {
  const std::size_t length = std::min(why.size(), sizeof(text) - 1);
  if (length != 0) std::memcpy(text, why.data(), length);
  text[length] = '\0';
}

void DriverCall::Frame::land() {
  if (report_ == Report::kQuiet) return;
  if (std::exchange(thread_.report_pending, false)) {
    // The sink may itself guard copies, which overwrites the thread's record.
    const OopsRecord record = thread_.record;
    if (thread_.sink != nullptr) {
      thread_.sink->on_oops(record);
    } else {
      std::fprintf(
          stderr,
          "vmsim: oops of kind %d at address 0x%llx, ip 0x%llx, and no machine to report it %s\n",
          static_cast<int>(record.kind), static_cast<unsigned long long>(record.address),
          static_cast<unsigned long long>(record.ip), record.text);
    }
  }
  if (auto* release = locks_release_.load(std::memory_order_relaxed)) release(locks_before_);
}

void DriverCall::oops(OopsRecord record) {
  VMSIM_ASSERT(thread_.top != nullptr, "an oops outside of any DriverCall has nowhere to end");
  VMSIM_ASSERT(thread_.in_driver,
               "leaving by an oops inside of a CoreScope would skip destructors of the core");
  fill_trace(record, *thread_.top);
  thread_.record = record;
  thread_.report_pending = true;
  jump_to_top();
}

void DriverCall::leave_by_oops() {
  VMSIM_ASSERT(thread_.top != nullptr, "an oops outside of any DriverCall has nowhere to end");
  VMSIM_ASSERT(thread_.in_driver,
               "leaving by an oops inside of a CoreScope would skip destructors of the core");
  thread_.report_pending = false;
  jump_to_top();
}

OopsRecord DriverCall::bug_record(std::string_view text, void* return_address, void* frame) {
  OopsRecord record;
  record.kind = OopsKind::kBug;
  record.ip = reinterpret_cast<u64>(return_address);
  record.after_call = true;
  // Two words above an abi function's frame address is the driver's stack; its frame pointer was
  // saved at the address.
  record.sp = reinterpret_cast<u64>(frame) + 2 * sizeof(u64);
  copy_bytes(&record.fp, frame, sizeof(record.fp));
  record.set_text(text);
  return record;
}

bool DriverCall::try_copy(void* to, const void* from, std::size_t size_bytes, OopsRecord* record) {
  auto copy = [&] { copy_bytes(to, from, size_bytes); };
  if (run_in_frame(Report::kQuiet, copy)) return true;
  thread_.report_pending = false;
  if (record != nullptr) *record = thread_.record;
  return false;
}

bool DriverCall::driver_running() {
  return thread_.in_driver;
}

unsigned DriverCall::depth() {
  unsigned count = 0;
  for (const Frame* frame = thread_.top; frame != nullptr; frame = frame->outer_) ++count;
  return count;
}

void DriverCall::set_lock_hooks(LockHooks hooks) {
  locks_held_.store(hooks.held);
  locks_release_.store(hooks.release_down_to);
}

VMSIM_NO_SANITIZE unsigned DriverCall::words_above_core(u64* words, unsigned max) {
  if (thread_.scope == nullptr || thread_.top == nullptr) return 0;
  const volatile u64* at = reinterpret_cast<const u64*>(thread_.scope);
  const auto* const limit = static_cast<const u64*>(thread_.top->stack_limit_);
  unsigned count = 0;
  // Volatile: a compiler makes a memcpy of the loop else, and a sanitizer looks at what that reads.
  for (; at < limit && count < max; ++at) words[count++] = *at;
  return count;
}

bool DriverCall::on_stack(const void* address) {
  const Frame* outermost = thread_.top;
  if (outermost == nullptr) return false;
  while (outermost->outer_ != nullptr) outermost = outermost->outer_;
  return address >= __builtin_frame_address(0) && address < outermost->stack_limit_;
}

VMSIM_NO_SANITIZE void DriverCall::jump_to_top() {
  Frame& top = *thread_.top;
  thread_.in_driver = false;
  std::atomic_signal_fence(std::memory_order_seq_cst);
#if defined(VMSIM_DRIVER_CALL_ASAN)
  // The frames that are left keep poisoned redzones otherwise. From a signal stack the driver's sp
  // says where they begin.
  constexpr u64 kStackMax = u64{64} << 20;
  const u64 limit = reinterpret_cast<u64>(top.stack_limit_);
  u64 low = reinterpret_cast<u64>(__builtin_frame_address(0)) - kPageSize / 4;
  if (low >= limit || limit - low > kStackMax) low = thread_.record.sp;
  if (low < limit && limit - low <= kStackMax)
    __asan_unpoison_memory_region(reinterpret_cast<void*>(low), limit - low);
#endif
#if defined(VMSIM_DRIVER_CALL_LIBC_JUMP)
  ::longjmp(top.jump_, 1);
#else
  __builtin_longjmp(top.jump_, 1);
#endif
}

/// Follows saved frame pointers upwards, never outside of the stack between the fault and the
/// boundary.
VMSIM_NO_SANITIZE void DriverCall::fill_trace(OopsRecord& record, const Frame& boundary) {
  record.trace_count = 0;
  const u64 limit = reinterpret_cast<u64>(boundary.stack_limit_);
  // A driver that lost its stack pointer has no trace.
  constexpr u64 kStackMax = u64{64} << 20;
  if (record.sp >= limit || limit - record.sp > kStackMax) {
    record.stack_top = 0;
    return;
  }
  auto on_stack = [&](u64 at, u64 low) {
    return at % sizeof(u64) == 0 && at >= low && at + 2 * sizeof(u64) <= limit;
  };
  record.stack_top = on_stack(record.sp, record.sp) ? *reinterpret_cast<const u64*>(record.sp) : 0;
  // A call through a bad pointer has pushed the caller's address and nothing else.
  if (record.kind == OopsKind::kBadJump && record.stack_top != 0)
    record.trace[record.trace_count++] = record.stack_top;
  u64 low = record.sp;
  for (u64 fp = record.fp; record.trace_count < OopsRecord::kTraceMax && on_stack(fp, low);) {
    const u64* words = reinterpret_cast<const u64*>(fp);
    record.trace[record.trace_count++] = words[1];
    low = fp + sizeof(u64);
    fp = words[0];
  }
}

bool DriverCall::take_signal(int signo, void* siginfo, void* ucontext) {
  const auto& signal = *static_cast<const siginfo_t*>(siginfo);
  // A signal that somebody sent is not an oops, and a fault of the core is vmsim's own bug.
  if (thread_.top == nullptr || !thread_.in_driver || signal.si_code <= 0) return false;
  const FaultRegisters regs = fault_registers(signal, *static_cast<const ucontext_t*>(ucontext));
  OopsRecord& record = thread_.record;
  const bool has_address = signo == SIGSEGV || signo == SIGBUS;
  record.address = has_address ? reinterpret_cast<u64>(signal.si_addr) : 0;
  record.error_code = has_address ? regs.error_code : 0;
  record.ip = regs.ip;
  record.sp = regs.sp;
  record.fp = regs.fp;
  record.after_call = false;
  record.handler = nullptr;
  record.text[0] = '\0';
  record.kind = kind_of(signal, regs, record.address);
  if (record.kind == OopsKind::kNonCanonical) record.address = regs.operand;
  fill_trace(record, *thread_.top);
  thread_.report_pending = true;
  // The jump skips the return from the handler that would restore it; ThreadSanitizer blocks
  // everything meanwhile.
  ::pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(ucontext)->uc_sigmask, nullptr);
  jump_to_top();
}

/// Reaches DriverCall's private half for the handler, whose type <csignal> dictates.
void FaultSignals::on_signal(int signo, void* siginfo, void* ucontext) {
  if (!DriverCall::take_signal(signo, siginfo, ucontext))
    pass_on(signo, static_cast<siginfo_t*>(siginfo), ucontext);
}

namespace {

// Set by the first FaultSignals, so that the handler is a plain function of libc's type.
void (*forward)(int, void*, void*) = nullptr;

void handler(int signo, siginfo_t* signal, void* context) {
  forward(signo, signal, context);
}

}  // namespace

FaultSignals::FaultSignals() {
  SavedHandlers& handlers = saved();
  const std::lock_guard lock(handlers.mutex);
  if (handlers.users++ > 0) return;
  saved_for_handler = &handlers;
  forward = &FaultSignals::on_signal;
  for (unsigned i = 0; i < kSignalCount; ++i) {
    // Still ours below a handler that came later: installing again would make the two call each
    // other for ever.
    if (handlers.installed[i]) continue;
    struct sigaction action = {};
    action.sa_sigaction = &handler;
    // NODEFER: a fault of the core inside a sink must reach us too. ONSTACK has no effect without
    // a signal stack.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    const int status = ::sigaction(kSignals[i], &action, &handlers.before[i]);
    VMSIM_ASSERT(status == 0, "sigaction refused a fault signal");
    handlers.installed[i] = true;
  }
}

FaultSignals::~FaultSignals() {
  SavedHandlers& handlers = saved();
  const std::lock_guard lock(handlers.mutex);
  if (--handlers.users > 0) return;
  for (unsigned i = 0; i < kSignalCount; ++i) {
    struct sigaction now = {};
    ::sigaction(kSignals[i], nullptr, &now);
    if ((now.sa_flags & SA_SIGINFO) == 0 || now.sa_sigaction != &handler) continue;
    ::sigaction(kSignals[i], &handlers.before[i], nullptr);
    handlers.installed[i] = false;
  }
}

}  // namespace vmsim::sched
