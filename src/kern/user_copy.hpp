// SPDX-License-Identifier: MIT
// Copies between a program's memory and the kernel. Counterpart: arch/x86/lib/usercopy,
// lib/strncpy_from_user.c, access_ok(). Leaves out SMAP, set_fs() and hardened usercopy. Called by
// abi and by file calls for the current task; returns bytes *not* copied where Linux does. Errors:
// kErrOops (a fault handler of a driver died), kErrBug (the kernel pointer was bad: kernel_fault()
// has the record, and the caller reports it).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "kern/kernel_memory.hpp"
#include "mmu/access.hpp"
#include "sched/driver_call.hpp"
#include "sched/scheduler.hpp"

namespace vmsim::kern {

class LentBuffer;

/// The kernel's copying half. One per machine.
class UserCopy {
 public:
  struct Parts {
    mmu::Accessor& accessor;
    sched::Scheduler& scheduler;
    base::Probe& probe;
    const KernelMemory& addresses;  ///< tells a kernel pointer from a bad user pointer
    u64 task_size = 0x7ffffffff000;
  };

  explicit UserCopy(const Parts& parts) : parts_(parts) {}

  UserCopy(const UserCopy&) = delete;
  UserCopy& operator=(const UserCopy&) = delete;

  /// The range lies below TASK_SIZE. Says nothing about what is mapped.
  bool access_ok(u64 addr, u64 bytes) const {
    return bytes <= parts_.task_size && addr <= parts_.task_size - bytes;
  }

  /// copy_to_user: bytes not copied.
  Result<u64> to_user(u64 to, const void* from, u64 bytes);
  /// copy_from_user: bytes not copied; the rest of `to` is zeroed, as Linux does.
  Result<u64> from_user(void* to, u64 from, u64 bytes);
  /// clear_user: bytes not cleared.
  Result<u64> clear_user(u64 to, u64 bytes);
  /// Length without the NUL, `bytes` if there is none, -EFAULT.
  Result<i64> strncpy_from_user(char* to, u64 from, i64 bytes);
  /// Length with the NUL, 0 for a bad address, more than `bytes` if too long.
  Result<i64> strnlen_user(u64 from, i64 bytes);
  /// 0 or -EFAULT; width 1, 2, 4 or 8. On failure the value read is 0.
  Result<int> get_user(u64& value, u64 from, unsigned width);
  Result<int> put_user(u64 value, u64 to, unsigned width);

  /// Copies of the current task fail instead of faulting pages in.
  void pagefault_disable();
  void pagefault_enable();

  /// After an Error of kErrBug.
  const sched::OopsRecord& kernel_fault() const { return kernel_fault_; }

  u64 task_size() const { return parts_.task_size; }

 private:
  friend class LentBuffer;

  enum class Way : u8 { kToUser, kFromUser };
  struct Target;

  Result<Target> target(const char* what, u64 addr, u64 bytes);
  void report_pointer(const char* what, u64 addr) const;
  /// Up to one bounce buffer; bytes done.
  Result<u64> move(const Target& target, Way way, u64 addr, std::byte* bytes, u64 count);
  Result<u64> load_some(const Target& target, u64 addr, std::byte* to, u64 count);
  Result<void> kernel_copy(void* to, const void* from, u64 bytes);
  const LentBuffer* lent(u64 addr) const;

  Parts parts_;
  std::vector<LentBuffer*> lent_;
  std::unordered_map<int, unsigned> faults_off_;  ///< pid → depth of pagefault_disable()
  sched::OopsRecord kernel_fault_;
};

/// Host memory that stands for a buffer of the current program while this object lives: drivers see
/// a user address in a range that no program maps, and copies reach the host's bytes. Differs: such
/// a buffer cannot be pinned or looked up page by page, because no page is behind it. Stack
/// objects, on a task inside the kernel.
class LentBuffer {
 public:
  LentBuffer(UserCopy& user, std::span<std::byte> bytes);
  /// The program may only read it; copy_to_user() fails.
  LentBuffer(UserCopy& user, std::span<const std::byte> bytes);
  ~LentBuffer();
  LentBuffer(const LentBuffer&) = delete;
  LentBuffer& operator=(const LentBuffer&) = delete;

  /// What the driver is told.
  u64 addr() const { return addr_; }

 private:
  friend class UserCopy;
  void enlist();

  UserCopy& user_;
  std::byte* bytes_;
  u64 size_;
  bool writable_;
  int pid_ = 0;
  u64 addr_ = 0;
};

}  // namespace vmsim::kern
