// SPDX-License-Identifier: MIT
// What a Machine is made of: kernel version, profile, memory, limits. Counterpart: kernel command line and .config.
// A plain aggregate; Machine::create checks it and names the rule that a contradiction breaks.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

namespace vmsim {

/// A kernel's version number; 2.6.10 and 6.12.0 are the tested points.
struct KernelVersion {
  unsigned major = 6;
  unsigned minor = 12;
  unsigned patch = 0;

  constexpr auto operator<=>(const KernelVersion&) const = default;
  /// As KERNEL_VERSION(a, b, c); the patch is capped at 255.
  constexpr u32 code() const { return (major << 16) + (minor << 8) + (patch > 255 ? 255 : patch); }
  /// "6.12" and "6.12.0" are the same version.
  std::string to_string() const;
  /// EINVAL for text that is not digits and points.
  static Result<KernelVersion> parse(std::string_view text);
};

enum class Profile : u8 {
  kX86_64,  ///< four-level tables, user space up to 2^47, all RAM in the direct map
  kX86_32,  ///< two-level tables, 3G/1G split, 896 MiB of low memory, high memory above
};

enum class KmapMode : u8 {
  kStrict,  ///< kunmap revokes the window at once: a late use faults (the default)
  kLazy,    ///< as Linux: windows are revoked when the pool wraps around
};

/// Physical memory that the kernel's allocator must not have.
struct ReservedRange {
  PhysAddr start;
  u64 size_bytes = 0;
  bool struct_pages = false;  ///< true: mem_map covers it, pages are PG_reserved; false: as memmap=SIZE$START
};

struct MachineConfig {
  KernelVersion kernel{};
  Profile profile = Profile::kX86_64;
  u64 ram_bytes = u64{256} << 20;  ///< 1 MiB to 1 TiB, whole pages
  std::vector<ReservedRange> reserved{};
  unsigned cpus = 1;  ///< several are refused with ENOSYS for now
  u64 seed = 1;       ///< decides every order that a real machine leaves open
  unsigned kmap_slots = 512;
  KmapMode kmap_mode = KmapMode::kStrict;
  bool junk_fill = true;  ///< fill freed memory with a pattern; the benchmarks turn it off
  u32 max_map_count = 65530;
  u64 mmap_min_addr = 0x10000;
  u64 stack_limit_bytes = u64{8} << 20;      ///< RLIMIT_STACK
  u64 address_space_limit_bytes = ~u64{0};   ///< RLIMIT_AS of new processes
  unsigned fault_retries = 64;               ///< after so many faults without progress an access ends (SIGKILL)
  bool force_module_version = false;         ///< load drivers of another era, as insmod --force
};

}  // namespace vmsim
