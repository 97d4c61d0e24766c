// SPDX-License-Identifier: MIT
// Who wants SIGIO for a file. Counterpart: fasync_helper() and kill_fasync() of fs/fcntl.c. Leaves
// out F_SETOWN to another process, F_SETSIG and the band that siginfo carries. Called by abi.
#pragma once

#include <memory>
#include <vector>

#include "vmsim/kapi/vmsim/fs_types.h"

#include "base/probe.hpp"
#include "kern/nodes.hpp"
#include "sched/scheduler.hpp"

/// Drivers hold pointers to the first of a list and never look inside.
struct fasync_struct {
  fasync_struct* next;
  const file* for_file;
  int fd;
  int pid;
};

namespace vmsim::kern {

class Fasync {
 public:
  Fasync(sched::Scheduler& scheduler, base::Probe& probe) : scheduler_(scheduler), probe_(probe) {}

  Fasync(const Fasync&) = delete;
  Fasync& operator=(const Fasync&) = delete;

  /// Adds the file to the driver's list, or takes it out. 1 if the list has changed, else 0.
  int change(int fd, const ::file* file, bool on, ::fasync_struct** list);
  /// Signals every task on the list.
  void kill(::fasync_struct* const* list);

  std::size_t entries() const { return entries_.size(); }

 private:
  bool known(const ::fasync_struct* entry) const;

  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  std::vector<std::unique_ptr<::fasync_struct>> entries_;
};

}  // namespace vmsim::kern
