// SPDX-License-Identifier: MIT
// Scopes over mmap_lock. Counterpart: mmap_write_lock() and friends. Tasks inside the kernel only.
// A lock that cannot be had (a deadlock, already reported) leaves the scope empty; the call then fails with EINTR.
#pragma once

#include "mm/mm.hpp"
#include "sched/lock.hpp"

namespace vmsim::mm {

class [[nodiscard]] MmapWriteLock {
 public:
  explicit MmapWriteLock(Mm& mm) : mm_(mm), held_(sched::down_write(mm.mmap_lock) == 0) {}
  ~MmapWriteLock() {
    if (!held_) return;
    if (read_) {
      sched::up_read(mm_.mmap_lock);
    } else {
      sched::up_write(mm_.mmap_lock);
    }
  }
  MmapWriteLock(const MmapWriteLock&) = delete;
  MmapWriteLock& operator=(const MmapWriteLock&) = delete;

  bool held() const { return held_; }
  /// Lets readers in; the scope goes on as a reader.
  void downgrade() {
    sched::downgrade_write(mm_.mmap_lock);
    read_ = true;
  }

 private:
  Mm& mm_;
  bool held_;
  bool read_ = false;
};

class [[nodiscard]] MmapReadLock {
 public:
  explicit MmapReadLock(Mm& mm) : mm_(mm), held_(sched::down_read(mm.mmap_lock) == 0) {}
  ~MmapReadLock() { unlock(); }
  MmapReadLock(const MmapReadLock&) = delete;
  MmapReadLock& operator=(const MmapReadLock&) = delete;

  bool held() const { return held_; }
  void unlock() {
    if (held_) sched::up_read(mm_.mmap_lock);
    held_ = false;
  }
  /// The driver released the lock (VM_FAULT_RETRY).
  void forget() { held_ = false; }

 private:
  Mm& mm_;
  bool held_;
};

inline Failure lock_failed() { return fail(err::kIntr, "mmap_lock could not be had: the machine would hang here"); }

}  // namespace vmsim::mm
