// SPDX-License-Identifier: MIT
// The text of an oops, in the wording of the machine's kernel version. Counterpart:
// arch/x86/mm/fault.c and arch/x86/kernel/dumpstack.c. Called by the DriverCall boundary when the
// driver's frames are gone.
#include "kern/oops.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <utility>
#include <vector>

#include "sched/kernel_entry.hpp"
#include "sched/lock.hpp"
#include "sched/rcu.hpp"
#include "sched/task.hpp"

namespace vmsim::kern {

using sched::OopsKind;
using sched::OopsRecord;

namespace {

constexpr u64 kErrorPresent = 1, kErrorWrite = 2, kErrorFetch = 16;

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char text[512];
  va_list args;
  va_start(args, pattern);
  std::vsnprintf(text, sizeof(text), pattern, args);
  va_end(args);
  return text;
}

using Wide = unsigned long long;

bool page_fault(OopsKind kind) {
  switch (kind) {
    case OopsKind::kNonCanonical:
    case OopsKind::kBug:
    case OopsKind::kInvalidOpcode:
    case OopsKind::kDivideError:
      return false;
    default:
      return true;
  }
}

const char* advice(OopsKind kind) {
  switch (kind) {
    case OopsKind::kUserPointer:
      return "; a user pointer was used directly, copy_from_user or get_user was needed";
    case OopsKind::kFreedModule:
      return "; the code or data belonged to a module that is unloaded";
    case OopsKind::kReadOnly:
      return "; the memory is mapped read-only";
    default:
      return "";
  }
}

using sched::AtomicReason;

// A snapshot is the number of held locks in the low 16 bits, then 8 bits for each kind of atomic
// section.
constexpr unsigned kLockBits = 16, kSectionBits = 8;
constexpr AtomicReason kSections[] = {AtomicReason::kPreemptOff, AtomicReason::kSpinlock,
                                      AtomicReason::kIrqOff,     AtomicReason::kBottomHalfOff,
                                      AtomicReason::kKmapAtomic, AtomicReason::kRcuRead};

u64 held_now() {
  if (!sched::in_kernel()) return 0;
  const sched::Task& task = sched::current_task();
  u64 snapshot = task.held_locks().size();
  if (task.atomic_depth() == 0) [[likely]]
    return snapshot;
  unsigned shift = kLockBits;
  for (const AtomicReason reason : kSections) {
    snapshot |= u64{task.atomic_depth(reason)} << shift;
    shift += kSectionBits;
  }
  return snapshot;
}

void release_down_to(u64 snapshot) {
  if (!sched::in_kernel()) return;
  sched::Task& task = sched::current_task();
  sched::Scheduler& scheduler = sched::current_scheduler();
  const u64 locks = snapshot & ((u64{1} << kLockBits) - 1);
  while (task.held_locks().size() > locks) {
    const sched::HeldLock held = task.held_locks().back();
    scheduler.finding("lock-held-at-oops",
                      task.label() + " held " +
                          sched::LockLedger::label(held.kind, sched::LockLedger::name_of(held)) +
                          scheduler.taken_at(held) +
                          " when it oopsed. It is released; in Linux it stays locked.");
    sched::LockLedger::force_release(scheduler, task, held);
  }
  unsigned shift = kLockBits;
  for (const AtomicReason reason : kSections) {
    const unsigned before = static_cast<unsigned>(snapshot >> shift) & ((1U << kSectionBits) - 1);
    shift += kSectionBits;
    for (; task.atomic_depth(reason) > before; task.leave_atomic(reason))
      if (reason == AtomicReason::kRcuRead) scheduler.rcu().forget_reader(1);
  }
}

const char* rule(OopsKind kind) {
  switch (kind) {
    case OopsKind::kUserPointer:
      return "user-pointer";
    case OopsKind::kFreedModule:
      return "freed-module";
    default:
      return "oops";
  }
}

}  // namespace

sched::LockHooks task_lock_hooks() {
  return {&held_now, &release_down_to};
}

OopsReporter::OopsReporter(Log& log, base::Probe& probe, const Modules& modules,
                           const DriverPlaces& places, Sources sources)
    : log_(log), probe_(probe), modules_(modules), places_(places), sources_(std::move(sources)) {
  sched::DriverCall::set_lock_hooks(task_lock_hooks());
}

void OopsReporter::on_oops(const OopsRecord& raw) {
  OopsRecord record = raw;
  record.kind = refined_kind(raw);
  // The simulated page is there as a rule; what stops the kernel is SMAP, and that reads as a
  // violation.
  if (record.kind == OopsKind::kUserPointer) record.error_code |= kErrorPresent;
  const std::string first = first_lines(record), died = die_line(record);
  const std::string text = first + died + task_line() + body(record);
  ++oops_count_;
  last_ = record;
  last_text_ = text;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    log_.print(std::string_view(text).substr(start, end + 1 - start),
               start < first.size() ? Log::kAlert : Log::kEmerg);
  std::string summary = record.kind == OopsKind::kBug ? std::string(record.text)
                        : first.empty()               ? died
                                                      : first;
  summary.resize(std::min(summary.find('\n'), summary.size()));
  summary += advice(record.kind);
  const bool owned = page_fault(record.kind) && record.address >= kPageSize &&
                     record.kind != OopsKind::kUserPointer;
  if (owned && sources_.describe) summary += "; that is " + sources_.describe(record.address);
  const std::string place = place_of(record);
  if (place.empty()) summary += " at " + symbolize(record.ip);
  probe_.finding_at(place, rule(record.kind), summary);
  if (!place.empty()) summary += " (" + place + ")";
  probe_.emit(EventKind::kOops, record.address, static_cast<u64>(record.kind), 0, 0,
              summary.c_str());
}

/// The driver's innermost line: where it faulted, or where it called what did.
std::string OopsReporter::place_of(const OopsRecord& record) const {
  if (record.handler != nullptr) return places_.of_function(record.handler);
  if (std::string place = places_.place_at(record.ip - (record.after_call ? 1 : 0)); !place.empty())
    return place;
  if (modules_.returns_into(record.stack_top)) return places_.place_at(record.stack_top - 1);
  for (unsigned i = 0; i < record.trace_count; ++i)
    if (std::string place = places_.place_at(record.trace[i] - 1); !place.empty()) return place;
  return {};
}

OopsKind OopsReporter::refined_kind(const OopsRecord& record) const {
  if (!page_fault(record.kind) || record.kind == OopsKind::kNullDereference) return record.kind;
  if (!modules_.unloaded_at(record.address).empty()) return OopsKind::kFreedModule;
  const bool data = record.kind == OopsKind::kBadAddress || record.kind == OopsKind::kReadOnly;
  if (data && sources_.is_user_address && sources_.is_user_address(record.address))
    return OopsKind::kUserPointer;
  return record.kind;
}

std::string OopsReporter::symbolize(u64 ip) const {
  if (std::string text = modules_.symbolize(ip); !text.empty()) return text;
  if (sources_.kernel_symbol)
    if (std::string text = sources_.kernel_symbol(ip); !text.empty()) return text;
  return "(vmsim)";
}

u64 OopsReporter::printed(u64 address) const {
  return sources_.printed ? sources_.printed(address) : address;
}

/// A jump to nowhere has no name; what ran and is no driver's is vmsim's or its libraries'.
std::string OopsReporter::instruction_pointer(const OopsRecord& record) const {
  if (!record.after_call && record.ip == record.address && page_fault(record.kind))
    return format("0x%llx", static_cast<Wide>(printed(record.ip)));
  const std::string line = places_.line_at(record.ip - (record.after_call ? 1 : 0));
  return symbolize(record.ip) + (line.empty() ? "" : " " + line);
}

/// A line of the trace; empty outside of drivers.
std::string OopsReporter::traced(u64 return_address) const {
  const std::string symbol = modules_.symbolize(return_address);
  const std::string line = places_.line_at(return_address - 1);
  return symbol + (line.empty() ? "" : " " + line);
}

std::string OopsReporter::first_lines(const OopsRecord& record) const {
  if (record.kind == OopsKind::kBug) return bug_lines(record);
  if (!page_fault(record.kind)) return {};
  const unsigned version = modules_.version();
  const bool null = record.address < kPageSize;
  const auto address = static_cast<Wide>(printed(record.address));
  if (version < kernel_version(5, 1, 0)) {
    // 2.6.21 put "BUG:" in front of a small letter.
    const std::string unable = version < kernel_version(2, 6, 21) ? "Unable" : "BUG: unable";
    return unable +
           (null ? format(" to handle kernel NULL pointer dereference at %016llx\n", address)
                 : format(" to handle kernel paging request at %016llx\n", address));
  }
  std::string text;
  const bool fetch = (record.error_code & kErrorFetch) != 0 || record.kind == OopsKind::kBadJump;
  if (fetch && (record.error_code & kErrorPresent) != 0)
    text += "kernel tried to execute NX-protected page - exploit attempt? (uid: 0)\n";
  text += null ? format("BUG: kernel NULL pointer dereference, address: %016llx\n", address)
               : format("BUG: unable to handle page fault for address: %016llx\n", address);
  text += format("#PF: supervisor %s in kernel mode\n", fetch ? "instruction fetch"
                                                        : (record.error_code & kErrorWrite) != 0
                                                            ? "write access"
                                                            : "read access");
  text += format(
      "#PF: error_code(0x%04llx) - %s\n", static_cast<Wide>(record.error_code),
      (record.error_code & kErrorPresent) != 0 ? "permissions violation" : "not-present page");
  return text;
}

/// Differs: a BUG that vmsim finds for a driver names the driver's line behind "kernel BUG at", where
/// Linux names its own source.
std::string OopsReporter::bug_lines(const OopsRecord& record) const {
  std::string text = "------------[ cut here ]------------\n" + std::string(record.text) + "\n";
  if (std::string_view(record.text).starts_with("kernel BUG at ")) return text;
  const std::string place = place_of(record);
  const std::size_t line_end = place.find(" in ");
  if (line_end != std::string::npos) return text + "kernel BUG at " + place.substr(0, line_end) + "!\n";
  return place.empty() ? text : text + "kernel BUG in " + place + "!\n";
}

std::string OopsReporter::die_line(const OopsRecord& record) const {
  const unsigned version = modules_.version();
  std::string what;
  switch (record.kind) {
    case OopsKind::kBug:
    case OopsKind::kInvalidOpcode:
      what = "invalid opcode";
      break;
    case OopsKind::kDivideError:
      what = "divide error";
      break;
    case OopsKind::kNonCanonical:
      what = "general protection fault";
      if (version >= kernel_version(5, 6, 0) && record.address != 0)
        what += format(", probably for non-canonical address 0x%llx",
                       static_cast<Wide>(record.address));
      break;
    default:
      what = "Oops";
      break;
  }
  const char* lead = version >= kernel_version(6, 10, 0) ? "Oops: " : "";
  const bool hash = version >= kernel_version(2, 6, 30);
  const char* flavour = version >= kernel_version(4, 15, 0) ? " PREEMPT SMP NOPTI" : " SMP";
  return format("%s%s: %04llx [%s%u]%s\n", lead, what.c_str(),
                page_fault(record.kind) ? static_cast<Wide>(record.error_code) : 0, hash ? "#" : "",
                oops_count_ + 1, flavour);
}

/// "CPU: 0 UID: 0 PID: 7 Comm: app Tainted: G      D    O        6.12.0", in its versions.
std::string OopsReporter::task_line() const {
  const unsigned version = modules_.version();
  const Current current = sources_.current ? sources_.current() : Current{};
  const bool died_before = oops_count_ > 0, out_of_tree = modules_.tainted_out_of_tree();
  const bool proprietary = modules_.tainted_proprietary();
  // One letter or blank per taint flag of the kernel: P/G first, D is the eighth, O the thirteenth.
  std::string flags(version >= kernel_version(6, 0, 0)   ? 19
                    : version >= kernel_version(3, 2, 0) ? 18
                                                         : 11,
                    ' ');
  flags[0] = proprietary ? 'P' : 'G';
  if (died_before) flags[7] = 'D';
  if (out_of_tree && flags.size() > 12) flags[12] = 'O';
  const bool tainted = died_before || out_of_tree || proprietary;
  const std::string taint = tainted ? "Tainted: " + flags : "Not tainted";
  const std::string release =
      format("%u.%u.%u", version >> 16, (version >> 8) & 255, version & 255);
  if (version < kernel_version(3, 9, 0))
    return format("Pid: %u, comm: %s %s %s\n", current.pid, current.comm.c_str(), taint.c_str(),
                  release.c_str());
  const bool names = version >= kernel_version(6, 11, 0);
  std::string text =
      format("CPU: %u %sPID: %u Comm: %s %s %s\n", current.cpu, names ? "UID: 0 " : "", current.pid,
             current.comm.c_str(), taint.c_str(), release.c_str());
  if (!names || !tainted) return text;
  std::string list;
  if (proprietary) list += ", [P]=PROPRIETARY_MODULE";
  if (died_before) list += ", [D]=DIE";
  if (out_of_tree) list += ", [O]=OOT_MODULE";
  return text + "Tainted: " + list.substr(2) + "\n";
}

/// Differs: an oops prints no RSP, no general registers and no Code: line; they are host values
/// that differ from run to run.
std::string OopsReporter::body(const OopsRecord& record) const {
  const unsigned version = modules_.version();
  std::string text = "RIP: 0010:" + instruction_pointer(record) + "\n";
  const bool marks = version >= kernel_version(3, 3, 0);
  // The frames between the driver and the boundary are vmsim's and mean nothing to a driver's
  // author.
  std::vector<std::string> trace;
  // Compilers leave the frame pointer out of leaf functions; then only the word at the stack's top
  // names the caller. It is believed if a call instruction stands before it.
  const bool frameless = record.trace_count == 0 || record.trace[0] != record.stack_top;
  if (frameless && modules_.returns_into(record.stack_top))
    trace.push_back(traced(record.stack_top));
  for (unsigned i = 0; i < record.trace_count; ++i)
    if (std::string line = traced(record.trace[i]); !line.empty()) trace.push_back(std::move(line));
  text += "Call Trace:\n";
  if (marks) text += " <TASK>\n";
  for (const std::string& line : trace) text += " " + line + "\n";
  if (marks) text += " </TASK>\n";
  text += "Modules linked in:" + modules_.linked_in_text() + "\n";
  if (page_fault(record.kind))
    text += format("CR2: %016llx\n", static_cast<Wide>(printed(record.address)));
  return text + "---[ end trace 0000000000000000 ]---\n";
}

}  // namespace vmsim::kern
