// SPDX-License-Identifier: MIT
// The report of an oops: the text a kernel prints, the Finding, the taint. Counterpart:
// arch/x86/kernel/dumpstack.c, mm/fault.c. Leaves out: the Code: line and general registers beyond
// RIP, RSP and RBP. Machine-owned; called by the DriverCall boundary.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/probe.hpp"
#include "kern/log.hpp"
#include "kern/module.hpp"
#include "kern/places.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

/// What the boundary asks about locks, in terms of sched's current task. The reporter installs it.
sched::LockHooks task_lock_hooks();

/// Turns records into reports. Thread-safety: on_oops is called by the task that holds the CPU.
class OopsReporter final : public sched::OopsSink {
 public:
  struct Current {
    u32 pid = 0;
    unsigned cpu = 0;
    std::string comm;
  };

  struct Sources {
    std::function<Current()> current;          ///< the task that dies
    std::function<bool(u64)> is_user_address;  ///< in the simulated user range of this machine
    std::function<std::string(u64)>
        kernel_symbol;  ///< name of an exported kernel function, empty when none; may be null
    std::function<u64(u64)> printed;  ///< an address as the simulated kernel prints it; may be null
    /// Whose address it is, in words; may be null.
    std::function<std::string(u64)> describe;
  };

  OopsReporter(Log& log, base::Probe& probe, const Modules& modules, const DriverPlaces& places,
               Sources sources);

  void on_oops(const sched::OopsRecord& record) override;

  unsigned oops_count() const { return oops_count_; }

  /// The last one, with its kind refined (kUserPointer, kFreedModule).
  const std::optional<sched::OopsRecord>& last() const { return last_; }

  const std::string& last_text() const { return last_text_; }

  /// "my_fault+0x24/0x60 [driver]", "memset+0x0" for a kernel function, "(vmsim)" for other code of
  /// the host.
  std::string symbolize(u64 ip) const;

 private:
  sched::OopsKind refined_kind(const sched::OopsRecord& record) const;
  std::string place_of(const sched::OopsRecord& record) const;
  std::string instruction_pointer(const sched::OopsRecord& record) const;
  std::string traced(u64 return_address) const;
  u64 printed(u64 address) const;
  std::string first_lines(const sched::OopsRecord& record) const;
  std::string missing_text(const sched::OopsRecord& record) const;
  std::string bug_lines(const sched::OopsRecord& record) const;
  std::string die_line(const sched::OopsRecord& record) const;
  std::string task_line() const;
  std::string body(const sched::OopsRecord& record) const;
  Log& log_;
  base::Probe& probe_;
  const Modules& modules_;
  const DriverPlaces& places_;
  const Sources sources_;
  unsigned oops_count_ = 0;
  std::optional<sched::OopsRecord> last_;
  std::string last_text_;
};

}  // namespace vmsim::kern
