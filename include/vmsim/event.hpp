// SPDX-License-Identifier: MIT
// The one vocabulary of what happens inside a Machine. Counterpart: the kernel's tracepoints.
// Trace formats events, check judges them, tests read them. Values are simulated addresses and ids,
// never host pointers.
#pragma once

#include <string>
#include <vector>

#include "vmsim/addr.hpp"

namespace vmsim {

namespace base {
class Probe;
}

/// What happened. The comment gives the meaning of Event::a, b, c, d and name.
enum class EventKind : u8 {
  kMmap,       ///< a=start b=end c=vm_flags d=pgoff, name=file or ""
  kMunmap,     ///< a=start b=end
  kMprotect,   ///< a=start b=end c=new vm_flags
  kBrk,        ///< a=old b=new
  kFork,       ///< a=child pid
  kExit,       ///< a=status
  kFault,      ///< a=address b=fault flags c=result (VM_FAULT_*) d=si_code or 0
  kPteSet,     ///< a=address b=pfn c=pte bits
  kPteRange,   ///< a=start b=pages c=first pfn d=pte bits of the first
  kPteClear,   ///< a=address b=pages
  kTlbFlush,   ///< a=start b=end (0, ~0 = all), c=cpus reached
  kVmOp,       ///< a=vm_start b=vm_end c=result d=extra, name=operation ("open", "fault", …)
  kFileOp,     ///< a=result b,c=arguments, name=operation ("mmap", "ioctl", …)
  kMmioRead,   ///< a=physical address b=width c=value, name=device
  kMmioWrite,  ///< a=physical address b=width c=value, name=device
  kIrq,        ///< a=line b=1 handled / 0 not
  kPageAlloc,  ///< a=pfn b=order
  kPageFree,   ///< a=pfn b=order
  kSched,      ///< a=pid that got the CPU, name=why
  kTimer,      ///< a=expiry ns
  kModule,     ///< a=1 load 0 unload, name=module
  kPrintk,     ///< a=level, name=text (valid during the callback only)
  kFinding,    ///< name=text (valid during the callback only)
  kOops,       ///< name=text (valid during the callback only)
};

/// "mmap", "fault", …
const char* event_kind_name(EventKind kind);

/// One event. `name` points to text that lives as long as the callback.
struct Event {
  EventKind kind;
  u32 pid = 0;      ///< current task, 0 outside of one
  u64 time_ns = 0;  ///< simulated time
  u64 a = 0, b = 0, c = 0, d = 0;
  const char* name = "";
};

/// Receives every event of a Machine, on the thread that caused it, with simulated locks held: it
/// must not call back into the Machine and should be quick.
class Observer {
 public:
  Observer() = default;
  /// Takes itself out of the machines that it still observes.
  virtual ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual void on_event(const Event& event) = 0;

 private:
  friend class base::Probe;
  std::vector<base::Probe*> sources_;
};

/// A rule that a driver or program broke, or a place where vmsim stopped what a kernel would have
/// done for ever.
struct Finding {
  std::string rule;  ///< short stable name: "remap-twice", "deadlock", "no-progress"
  std::string text;  ///< what happened, to which address, and what Linux does
  u32 pid = 0;       ///< of the first one, as time_ns
  u64 time_ns = 0;
  std::string place = {};  ///< the driver's line and function: "status.c:109 in do_bug [status]"; empty without driver
  u64 count = 1;           ///< how often: the same rule, text and place are kept once

  /// "double-free: kfree of … (status.c:109 in do_bug [status]) [3 times]"
  std::string to_string() const;
};

}  // namespace vmsim
