// SPDX-License-Identifier: MIT
// The CPU's loads and stores through page tables: TLB, walk, permission check, fault, retry; the
// only retry loop of vmsim. Counterpart: the processor, and copy_to_user()/copy_from_user() where
// kKernel is asked for. Leaves out protection keys, alignment checks and segment limits. Called by
// Process and by the user-copy functions of abi.
//
// Threads: one Accessor per CPU, used by the task that holds the CPU. Simulated RAM is shared
// between CPUs as it is between real ones, so its bytes are exempt from TSan.
#pragma once

#include <atomic>
#include <cstring>
#include <span>
#include <string>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "mmu/page_table.hpp"
#include "mmu/tlb.hpp"
#include "mmu/tsan.hpp"
#include "phys/bus.hpp"
#include "phys/ram.hpp"

namespace vmsim::mmu {

/// What an access asks for; flags.
enum class AccessKind : u8 {
  kRead = 0,
  kWrite = 1,
  kFetch = 2,
  kKernel =
      4,  ///< by the kernel on a program's behalf (copy_*_user); absent: by the program itself
};

constexpr AccessKind operator|(AccessKind a, AccessKind b) {
  return static_cast<AccessKind>(static_cast<u8>(a) | static_cast<u8>(b));
}

constexpr bool has(AccessKind kind, AccessKind flag) {
  return (static_cast<u8>(kind) & static_cast<u8>(flag)) != 0;
}

/// A fault handler's verdict: try the access again, or end it with a signal.
struct FaultReply {
  bool retry = false;
  UserFault fault{};

  static FaultReply again() { return {true, {}}; }

  static FaultReply end(UserFault f) { return {false, f}; }
};

/// The upward door to mm. Called with the exact address; on the task that made the access.
class FaultHandler {
 public:
  virtual ~FaultHandler() = default;
  virtual FaultReply handle_fault(VirtAddr addr, AccessKind kind) = 0;

  /// A device was read or written. Interrupts that it raised are taken here, after the instruction,
  /// where these are a program's own accesses.
  virtual void device_accessed() {}

  /// Who answers faults at `addr`, for the text of a "no-progress" finding: "vm_ops->fault of
  /// scull".
  virtual std::string handler_name(VirtAddr) { return "the fault handler"; }
  /// Its line, as Finding::place has it.
  virtual std::string handler_place(VirtAddr) { return {}; }
};

/// What a CPU needs to run in an address space. `asid` is current: AsidAllocator::acquire() at each
/// switch.
struct Space {
  PageTable* table = nullptr;
  u32 asid = 0;
  FaultHandler* faults = nullptr;
};

struct AccessConfig {
  unsigned max_retries = 64;  ///< faults of one page in one access, before the program is killed
};

/// Where one page of an access goes.
struct Translation {
  std::byte* host = nullptr;  ///< the exact byte in RAM, nullptr for a device or hole
  PhysAddr pa;
  UserFault fault{};
  bool faulted = false;  ///< the handler was asked on the way

  bool ok() const { return fault.signo == 0; }
};

class Accessor {
 public:
  Accessor(phys::Ram& ram, phys::Bus& bus, Tlb& tlb, base::Probe& probe, AccessConfig config = {})
      : ram_(ram), bus_(bus), tlb_(tlb), probe_(probe), config_(config) {}

  // One access of 1, 2, 4 or 8 bytes at any address. An access that crosses into a second page
  // checks both, in address order, before a byte is stored; si_addr is then the exact address, or
  // the start of the second page.

  template <class T>
  VMSIM_NO_TSAN Access<T> load(const Space& space, VirtAddr va,
                               AccessKind kind = AccessKind::kRead) {
    static_assert(sizeof(T) <= 8 && std::has_single_bit(sizeof(T)));
    const TlbEntry& entry = tlb_.entry(va.value);
    if (entry.tag_read == Tlb::tag(va.value, space.asid, sizeof(T))) [[likely]] {
      T value;
      __builtin_memcpy(&value, host_of(entry, va), sizeof(T));
      return value;
    }
    const Access<u64> slow = load_slow(space, va, sizeof(T), kind);
    if (!slow.ok()) return slow.fault();
    return from_bits<T>(slow.value());
  }

  template <class T>
  VMSIM_NO_TSAN Access<Done> store(const Space& space, VirtAddr va, T value,
                                   AccessKind kind = AccessKind::kWrite) {
    static_assert(sizeof(T) <= 8 && std::has_single_bit(sizeof(T)));
    const TlbEntry& entry = tlb_.entry(va.value);
    if (entry.tag_write == Tlb::tag(va.value, space.asid, sizeof(T))) [[likely]] {
      __builtin_memcpy(host_of(entry, va), &value, sizeof(T));
      return Done{};
    }
    return store_slow(space, va, sizeof(T), to_bits(value), kind);
  }

  /// Whether the program may execute the byte at va; faults it in.
  Access<Done> fetch(const Space& space, VirtAddr va) {
    if (tlb_.entry(va.value).tag_fetch == Tlb::tag(va.value, space.asid, 1)) [[likely]]
      return Done{};
    const Translation at = translate(space, va, AccessKind::kFetch);
    if (!at.ok()) return at.fault;
    return Done{};
  }

  // Atomics; each returns the value before. Like cmpxchg, a failed compare needs write permission
  // too. Differs: a locked operation that is not naturally aligned, or that goes to a device, is a
  // read followed by a write, and another CPU can come in between; real hardware locks the bus.

  template <class T>
  Access<T> compare_exchange(const Space& space, VirtAddr va, T expected, T desired) {
    return modify<T>(space, va,
                     Modify{Modify::kCompareExchange, to_bits(desired), to_bits(expected)});
  }

  template <class T>
  Access<T> fetch_add(const Space& space, VirtAddr va, T add) {
    return modify<T>(space, va, Modify{Modify::kAdd, to_bits(add), 0});
  }

  template <class T>
  Access<T> exchange(const Space& space, VirtAddr va, T value) {
    return modify<T>(space, va, Modify{Modify::kExchange, to_bits(value), 0});
  }

  // Spans. Pages before a failing one are done; si_addr is the first byte that failed. Device pages
  // are accessed by the widest aligned units.

  Access<Done> copy_from(const Space& space, VirtAddr va, std::span<std::byte> to,
                         AccessKind kind = AccessKind::kRead);
  Access<Done> copy_to(const Space& space, VirtAddr va, std::span<const std::byte> from,
                       AccessKind kind = AccessKind::kWrite);
  Access<Done> fill(const Space& space, VirtAddr va, std::byte value, u64 bytes,
                    AccessKind kind = AccessKind::kWrite);

  /// copy_to_user(), copy_from_user(), clear_user() without their checks of the range: kernel
  /// accesses that return the bytes not copied, 0 when all went well.
  u64 copy_to_partial(const Space& space, VirtAddr va, std::span<const std::byte> from);
  u64 copy_from_partial(const Space& space, VirtAddr va, std::span<std::byte> to);
  u64 fill_partial(const Space& space, VirtAddr va, std::byte value, u64 bytes);

  /// The place of one byte, faulting its page in as an access of this kind would. Good until the
  /// next flush.
  Translation translate(const Space& space, VirtAddr va, AccessKind kind);

  Tlb& tlb() { return tlb_; }

  const AccessConfig& config() const { return config_; }

 private:
  /// A read-modify-write by its operands.
  struct Modify {
    enum Op : u8 { kCompareExchange, kAdd, kExchange } op;

    u64 operand;
    u64 expected;

    u64 apply(u64 old, u64 mask) const {
      if (op == kAdd) return (old + operand) & mask;
      if (op == kCompareExchange && old != expected) return old;
      return operand;
    }
  };

  /// The one or two pages of an access of at most 8 bytes.
  struct Pieces {
    Translation first;
    Translation second;  ///< of the second page's start
    unsigned first_bytes = 0;
    unsigned second_bytes = 0;
    UserFault fault{};

    bool ok() const { return fault.signo == 0; }

    bool device() const {
      return first.host == nullptr || (second_bytes != 0 && second.host == nullptr);
    }
  };

  /// What a walk for an access came to.
  enum class WalkVerdict : u8 { kDone, kFault, kBadAddress };

  static std::byte* host_of(const TlbEntry& entry, VirtAddr va) {
    return reinterpret_cast<std::byte*>(entry.bias +
                                        va.value);  // NOLINT: a bias is a difference of addresses
  }

  template <class T>
  static u64 to_bits(T value) {
    u64 bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    return bits;
  }

  template <class T>
  static T from_bits(u64 bits) {
    T value;
    __builtin_memcpy(&value, &bits, sizeof(T));
    return value;
  }

  template <class T>
  Access<T> modify(const Space& space, VirtAddr va, const Modify& what) {
    static_assert(sizeof(T) <= 8 && std::has_single_bit(sizeof(T)));
    const Access<u64> old = modify_slow(space, va, sizeof(T), what);
    if (!old.ok()) return old.fault();
    return from_bits<T>(old.value());
  }

  Access<u64> load_slow(const Space& space, VirtAddr va, unsigned width, AccessKind kind);
  Access<Done> store_slow(const Space& space, VirtAddr va, unsigned width, u64 bits,
                          AccessKind kind);
  Access<u64> modify_slow(const Space& space, VirtAddr va, unsigned width, const Modify& what);
  Pieces translate_pieces(const Space& space, VirtAddr va, unsigned width, AccessKind kind);
  Translation translate_retrying(const Space& space, VirtAddr va, AccessKind kind);
  Translation give_up(const Space& space, VirtAddr va);
  WalkVerdict walk_once(const Space& space, VirtAddr va, AccessKind kind, Translation& at);
  template <PagingFormat F>
  WalkVerdict walk_as(const Space& space, VirtAddr va, AccessKind kind, Translation& at);
  template <PagingFormat F>
  std::byte* refill_as(const Space& space, VirtAddr va, AccessKind kind);
  std::byte* refill(const Space& space, VirtAddr va, AccessKind kind);
  bool device_hit(const Space& space, VirtAddr va, AccessKind kind) const;
  void fill_tlb(const Space& space, VirtAddr va, Pte pte, Translation& at);
  bool page_is_memory(PhysAddr page);
  static void tell_device_accessed(const Space& space);
  u64 read_piece(const Translation& at, unsigned bytes);
  void write_piece(const Translation& at, unsigned bytes, u64 bits);
  // Spans: each returns the bytes done, and `fault` says why that is less than all.
  u64 read_span(const Space& space, VirtAddr va, std::span<std::byte> to, AccessKind kind,
                UserFault& fault);
  u64 write_span(const Space& space, VirtAddr va, std::span<const std::byte> from, AccessKind kind,
                 UserFault& fault);
  u64 fill_span(const Space& space, VirtAddr va, std::byte value, u64 bytes, AccessKind kind,
                UserFault& fault);
  template <class Chunk>
  u64 each_page(const Space& space, VirtAddr va, u64 bytes, AccessKind kind, UserFault& fault,
                Chunk&& chunk);

  phys::Ram& ram_;
  phys::Bus& bus_;
  Tlb& tlb_;
  base::Probe& probe_;
  AccessConfig config_;
  PhysRange
      plain_ram_{};  ///< a range of usable RAM seen last: never a device, so it needs no decoding
};

}  // namespace vmsim::mmu
