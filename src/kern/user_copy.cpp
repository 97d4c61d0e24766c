// SPDX-License-Identifier: MIT
// Copies between programs and the kernel; see user_copy.hpp.
#include "kern/user_copy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "mm/mm.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

constexpr u64 kBounceBytes = kPageSize;
/// Between the areas of mmap and the stack; on x86-32 below the program.
constexpr u64 kLendBase64 = 0x7100'0000'0000, kLendBase32 = 0x0100'0000;
constexpr u64 kStackReach = u64{8} << 20;

using Bounce = std::array<std::byte, kBounceBytes>;

/// Page faults are off: an access that would need one ends.
class NoFaults final : public mmu::FaultHandler {
 public:
  mmu::FaultReply handle_fault(VirtAddr addr, mmu::AccessKind) override {
    return mmu::FaultReply::end(UserFault{sig::kSigSegv, sig::kSegvMapErr, addr.value});
  }
};

NoFaults no_faults;  // has no state

}  // namespace

/// Where a copy goes.
struct UserCopy::Target {
  const LentBuffer* lent = nullptr;
  mm::Mm* mm = nullptr;
  mmu::Space space;

  bool usable() const { return lent || mm; }
};

void UserCopy::pagefault_disable() {
  ++faults_off_[sched::current_task().pid];
}

void UserCopy::pagefault_enable() {
  const auto depth = faults_off_.find(sched::current_task().pid);
  if (depth == faults_off_.end()) {
    parts_.probe.finding("pagefault-enable-unbalanced",
                         "pagefault_enable() without pagefault_disable()");
    return;
  }
  if (--depth->second == 0) faults_off_.erase(depth);
}

const LentBuffer* UserCopy::lent(u64 addr) const {
  const int pid = sched::current_task().pid;
  for (const LentBuffer* buffer : lent_) {
    if (buffer->pid_ == pid && addr - buffer->addr_ < buffer->size_) return buffer;
  }
  return nullptr;
}

/// Checks the context and the range. The target is not usable where Linux copies nothing.
Result<UserCopy::Target> UserCopy::target(const char* what, u64 addr, u64 bytes) {
  sched::Task& task = sched::current_task();
  const bool off =
      faults_off_.contains(task.pid) || task.atomic_depth(sched::AtomicReason::kKmapAtomic) != 0;
  const bool may_fault = off ? false : parts_.scheduler.check_may_sleep(what);
  Target target;
  if (!access_ok(addr, bytes)) {
    report_pointer(what, addr);
    return target;
  }
  target.lent = lent(addr);
  if (target.lent) return target;
  if (!task.mm) {
    parts_.probe.finding(
        "user-copy-no-mm",
        fmt::format(
            "{} in {}, which has no address space: it is no program, and whatever is copied "
            "would come from the one that ran last",
            what, task.label()));
    return target;
  }
  target.mm = mm::Mm::of(task.mm);
  target.space = target.mm->space();
  if (!may_fault) target.space.faults = &no_faults;
  return target;
}

/// Tells a kernel pointer that was taken for a user pointer from one that is just wrong.
void UserCopy::report_pointer(const char* what, u64 addr) const {
  const void* const pointer = reinterpret_cast<const void*>(addr);
  const u64 here = reinterpret_cast<u64>(__builtin_frame_address(0));
  std::string described;
  switch (parts_.addresses.what_is(pointer).kind) {
    case AddressKind::kLogical:
    case AddressKind::kVmalloc:
    case AddressKind::kKmap:
    case AddressKind::kIoremap:
    case AddressKind::kImage:
    case AddressKind::kMemMap:
    case AddressKind::kStack:
      described = parts_.addresses.describe(pointer);
      break;
    case AddressKind::kNull:
    case AddressKind::kErrPtr:
    case AddressKind::kCore:  // a program's garbage may happen to be a host address
    case AddressKind::kUser:
    case AddressKind::kUnknown:
      if (addr - here >= kStackReach) return;
      described = "an address on the kernel stack";
      break;
  }
  parts_.probe.finding(
      "user-copy-kernel-pointer",
      fmt::format("{} got {} where a user pointer belongs; Linux copies nothing", what, described));
}

Result<void> UserCopy::kernel_copy(void* to, const void* from, u64 bytes) {
  if (sched::DriverCall::try_copy(to, from, bytes, &kernel_fault_)) return {};
  return fail(sched::kErrBug, "the kernel pointer of a user copy is bad");
}

Result<u64> UserCopy::move(const Target& target, Way way, u64 addr, std::byte* bytes, u64 count) {
  if (target.lent) {
    const u64 offset = addr - target.lent->addr_;
    if (offset >= target.lent->size_) return u64{0};
    const u64 fits = std::min(count, target.lent->size_ - offset);
    if (way == Way::kFromUser) {
      std::memcpy(bytes, target.lent->bytes_ + offset, fits);
    } else {
      if (!target.lent->writable_) return u64{0};
      std::memcpy(target.lent->bytes_ + offset, bytes, fits);
    }
    return fits;
  }
  using mmu::AccessKind;
  const auto done =
      way == Way::kToUser
          ? parts_.accessor.copy_to(target.space, VirtAddr(addr),
                                    std::span<const std::byte>(bytes, count),
                                    AccessKind::kWrite | AccessKind::kKernel)
          : parts_.accessor.copy_from(target.space, VirtAddr(addr), std::span(bytes, count),
                                      AccessKind::kRead | AccessKind::kKernel);
  if (done.ok()) return count;
  if (target.mm->dead()) return sched::oopsed();
  const u64 copied = done.fault().addr - addr;
  return copied <= count ? copied : u64{0};
}

Result<u64> UserCopy::to_user(u64 to, const void* from, u64 bytes) {
  if (bytes == 0) return u64{0};
  const Target target = VMSIM_TRY(this->target("copy_to_user", to, bytes));
  if (!target.usable()) return bytes;
  Bounce bounce;
  u64 done = 0;
  while (done < bytes) {
    const u64 chunk = std::min(bytes - done, kBounceBytes);
    VMSIM_CHECK(kernel_copy(bounce.data(), static_cast<const std::byte*>(from) + done, chunk));
    const u64 moved = VMSIM_TRY(move(target, Way::kToUser, to + done, bounce.data(), chunk));
    done += moved;
    if (moved < chunk) break;
  }
  if (done < bytes) report_pointer("copy_to_user", to + done);
  return bytes - done;
}

Result<u64> UserCopy::from_user(void* to, u64 from, u64 bytes) {
  if (bytes == 0) return u64{0};
  const Target target = VMSIM_TRY(this->target("copy_from_user", from, bytes));
  Bounce bounce;
  u64 done = 0;
  while (target.usable() && done < bytes) {
    const u64 chunk = std::min(bytes - done, kBounceBytes);
    const u64 moved = VMSIM_TRY(move(target, Way::kFromUser, from + done, bounce.data(), chunk));
    VMSIM_CHECK(kernel_copy(static_cast<std::byte*>(to) + done, bounce.data(), moved));
    done += moved;
    if (moved < chunk) break;
  }
  const u64 left = bytes - done;
  if (left == 0) return left;
  if (target.usable()) report_pointer("copy_from_user", from + done);
  bounce.fill(std::byte{0});
  for (u64 at = done; at < bytes; at += kBounceBytes) {
    const u64 chunk = std::min(bytes - at, kBounceBytes);
    VMSIM_CHECK(kernel_copy(static_cast<std::byte*>(to) + at, bounce.data(), chunk));
  }
  return left;
}

Result<u64> UserCopy::clear_user(u64 to, u64 bytes) {
  if (bytes == 0) return u64{0};
  const Target target = VMSIM_TRY(this->target("clear_user", to, bytes));
  if (!target.usable()) return bytes;
  Bounce zeros = {};
  u64 done = 0;
  while (done < bytes) {
    const u64 chunk = std::min(bytes - done, kBounceBytes);
    const u64 moved = VMSIM_TRY(move(target, Way::kToUser, to + done, zeros.data(), chunk));
    done += moved;
    if (moved < chunk) break;
  }
  if (done < bytes) report_pointer("clear_user", to + done);
  return bytes - done;
}

/// Up to the end of a page: what is readable of it. 0 means a fault.
Result<u64> UserCopy::load_some(const Target& target, u64 addr, std::byte* to, u64 count) {
  const u64 in_page = kPageSize - (addr & ~kPageMask);
  return move(target, Way::kFromUser, addr, to, std::min({count, in_page, kBounceBytes}));
}

Result<i64> UserCopy::strncpy_from_user(char* to, u64 from, i64 bytes) {
  if (bytes <= 0) return 0;
  const Target target = VMSIM_TRY(this->target("strncpy_from_user", from, 1));
  if (!target.usable()) return -EFAULT;
  Bounce bounce;
  u64 done = 0;
  const u64 wanted = std::min(static_cast<u64>(bytes), parts_.task_size - from);
  while (done < wanted) {
    const u64 got = VMSIM_TRY(load_some(target, from + done, bounce.data(), wanted - done));
    if (got == 0) {
      report_pointer("strncpy_from_user", from + done);
      return -EFAULT;
    }
    const void* const nul = std::memchr(bounce.data(), 0, got);
    const u64 length =
        nul ? static_cast<u64>(static_cast<const std::byte*>(nul) - bounce.data()) : got;
    VMSIM_CHECK(kernel_copy(to + done, bounce.data(), nul ? length + 1 : got));
    done += length;
    if (nul) return static_cast<i64>(done);
  }
  return done == static_cast<u64>(bytes) ? static_cast<i64>(done) : -EFAULT;
}

Result<i64> UserCopy::strnlen_user(u64 from, i64 bytes) {
  if (bytes <= 0) return 0;
  const Target target = VMSIM_TRY(this->target("strnlen_user", from, 1));
  if (!target.usable()) return 0;
  Bounce bounce;
  u64 done = 0;
  const u64 wanted = std::min(static_cast<u64>(bytes), parts_.task_size - from);
  while (done < wanted) {
    const u64 got = VMSIM_TRY(load_some(target, from + done, bounce.data(), wanted - done));
    if (got == 0) return 0;
    if (const void* const nul = std::memchr(bounce.data(), 0, got)) {
      return static_cast<i64>(done) + (static_cast<const std::byte*>(nul) - bounce.data()) + 1;
    }
    done += got;
  }
  return bytes + 1;
}

Result<int> UserCopy::get_user(u64& value, u64 from, unsigned width) {
  VMSIM_ASSERT(width == 1 || width == 2 || width == 4 || width == 8, "a scalar");
  value = 0;
  u64 bits = 0;
  if (VMSIM_TRY(from_user(&bits, from, width)) != 0) return -EFAULT;
  value = bits;
  return 0;
}

Result<int> UserCopy::put_user(u64 value, u64 to, unsigned width) {
  VMSIM_ASSERT(width == 1 || width == 2 || width == 4 || width == 8, "a scalar");
  return VMSIM_TRY(to_user(to, &value, width)) == 0 ? 0 : -EFAULT;
}

LentBuffer::LentBuffer(UserCopy& user, std::span<std::byte> bytes)
    : user_(user), bytes_(bytes.data()), size_(bytes.size()), writable_(true) {
  enlist();
}

LentBuffer::LentBuffer(UserCopy& user, std::span<const std::byte> bytes)
    : user_(user),
      bytes_(const_cast<std::byte*>(bytes.data())),
      size_(bytes.size()),
      writable_(false) {
  enlist();
}

void LentBuffer::enlist() {
  pid_ = sched::current_task().pid;
  addr_ = user_.task_size() > ~u32{0} ? kLendBase64 : kLendBase32;
  // Behind the others, with a page between: an overrun is a fault.
  for (const LentBuffer* other : user_.lent_) {
    const u64 end = (other->addr_ + other->size_ + kPageSize - 1) & kPageMask;
    addr_ = std::max(addr_, end + kPageSize);
  }
  user_.lent_.push_back(this);
}

LentBuffer::~LentBuffer() {
  std::erase(user_.lent_, this);
}

}  // namespace vmsim::kern
