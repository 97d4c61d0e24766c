// SPDX-License-Identifier: MIT
// Which physical addresses are RAM, reserved, a device or nothing: a plain list of regions, and the
// default one of a PC. Counterpart: the e820 map and the kernel's mem= and memmap= options. Nothing
// is decoded here (bus does). Core rooms.
#pragma once

#include <string>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/device.hpp"
#include "vmsim/error.hpp"

namespace vmsim::phys {

enum class RegionKind : u8 {
  kHole,            ///< nothing answers
  kRam,             ///< usable RAM
  kReserved,        ///< RAM with a struct page that the allocator never gives out
  kReservedNoPage,  ///< RAM that the kernel does not know: no struct page (memmap=SIZE$ADDR)
  kDevice,
};

struct Region {
  PhysRange range;
  RegionKind kind = RegionKind::kHole;
  std::string name;              ///< as /proc/iomem prints it
  MmioDevice* device = nullptr;  ///< kDevice only; not owned
};

enum class Platform : u8 { kX86_64, kX86_32 };

/// Width of a physical address: 52 bits, and 32 on x86-32 (no PAE).
constexpr unsigned physical_bits(Platform platform) {
  return platform == Platform::kX86_64 ? 52 : 32;
}

struct LayoutConfig {
  Platform platform = Platform::kX86_64;
  u64 ram_bytes = 0;                ///< whole pages; 1 MiB to 1 TiB (3 GiB on x86-32)
  std::vector<PhysRange> reserved;  ///< keeps its struct pages, marked PG_reserved
  std::vector<PhysRange> withheld;  ///< memmap=SIZE$ADDR: no struct page
};

inline constexpr PhysAddr kPciHoleStart{0xc000'0000};
inline constexpr PhysAddr kPciHoleEnd{0x1'0000'0000};
inline constexpr PhysAddr kLegacyHoleStart{0xa'0000};
inline constexpr PhysAddr kLegacyHoleEnd{0x10'0000};
inline constexpr PhysAddr kLowMemoryEnd{u64{896} << 20};  ///< x86-32: end of the direct map

/// The PC's map for an amount of RAM: page 0 and 640K..1M reserved, PCI hole at 3..4 GiB with the
/// rest of RAM above it.
Result<std::vector<Region>> default_layout(const LayoutConfig& config);

/// Refuses, with the offending range in the message: empty, unaligned, overlapping, or too wide
/// regions, and no RAM.
Result<void> check_layout(const std::vector<Region>& regions, unsigned address_bits);

/// Where RAM ends (reserved RAM included): the size of the Ram that such a layout needs.
PhysAddr ram_end(const std::vector<Region>& regions);

/// "[mem 0x000a0000-0x000fffff]", as the kernel's boot messages spell a range.
std::string range_text(PhysRange range);

}  // namespace vmsim::phys
