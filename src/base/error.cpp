// SPDX-License-Identifier: MIT
// Texts of errors, faults and event kinds: the bodies of the public headers error.hpp and event.hpp.
#include "vmsim/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "vmsim/event.hpp"

namespace vmsim {

std::string errno_name(int errno_value) {
  const char* name = ::strerrorname_np(errno_value);
  return name ? std::string(name) : fmt::format("errno {}", errno_value);
}

std::string Error::to_string() const {
  return message.empty() ? errno_name(errno_value) : fmt::format("{}: {}", errno_name(errno_value), message);
}

std::string UserFault::to_string() const {
  const char* signal = signo == sig::kSigSegv ? "SIGSEGV" : signo == sig::kSigBus ? "SIGBUS" : "SIGKILL";
  std::string detail = fmt::format("code {}", code);
  if (code == sig::kSiKernel) detail = "SI_KERNEL";
  if (code == sig::kNoProgress) detail = "no progress";
  if (signo == sig::kSigSegv && code == sig::kSegvMapErr) detail = "SEGV_MAPERR";
  if (signo == sig::kSigSegv && code == sig::kSegvAccErr) detail = "SEGV_ACCERR";
  if (signo == sig::kSigBus && code == sig::kBusAdrErr) detail = "BUS_ADRERR";
  if (signo == sig::kSigBus && code == sig::kBusMceErrAr) detail = "BUS_MCEERR_AR";
  return fmt::format("{} {} at {:#x}", signal, detail, addr);
}

void die_unchecked_fault(const UserFault& fault) {
  std::fprintf(stderr, "vmsim: value() of an access that ended in %s; check ok() first\n", fault.to_string().c_str());
  std::abort();
}

const char* event_kind_name(EventKind kind) {
  static constexpr const char* kNames[] = {
      "mmap",      "munmap",  "mprotect", "brk",        "fork",       "exit",  "fault",  "pte-set",
      "pte-range", "pte-clear", "tlb-flush", "vm-op",   "file-op",    "mmio-read", "mmio-write", "irq",
      "page-alloc", "page-free", "sched",  "timer",     "module",     "printk", "finding", "oops"};
  const auto index = static_cast<std::size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : "?";
}

}  // namespace vmsim
