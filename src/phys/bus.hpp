// SPDX-License-Identifier: MIT
// The system bus: decodes a physical address to RAM, a device or nothing, and carries the access
// there. Counterpart: the memory controller and PCI host bridge, and the kernel's iomem_resource
// list. No bus mastering, no bridges, no port space. Core rooms only (drivers come through
// readl/writel).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/device.hpp"
#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "phys/layout.hpp"
#include "phys/ram.hpp"

namespace vmsim::phys {

/// What answers at an address.
struct Decoded {
  RegionKind kind = RegionKind::kHole;
  MmioDevice* device = nullptr;  ///< kDevice only
  u64 offset = 0;                ///< bytes from the start of the region
  const char* name = "";         ///< valid until the map changes
  PhysRange range;               ///< the region (for a hole: up to its neighbours)

  /// Bytes of simulated RAM answer.
  bool is_memory() const {
    return kind == RegionKind::kRam || kind == RegionKind::kReserved ||
           kind == RegionKind::kReservedNoPage;
  }
};

/// States: the RAM part is fixed at create(); devices come and go (hot plug) on holes and on
/// reserved memory, which shows again when they leave. Thread safety: one access at a time (a
/// device is never entered twice).
class Bus {
 public:
  /// `ram` and `probe` must outlive the bus. Pre: ram covers ram_end(regions).
  static Result<std::unique_ptr<Bus>> create(Ram& ram, base::Probe& probe,
                                             std::vector<Region> regions, unsigned address_bits);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  Decoded decode(PhysAddr pa) const;

  /// width is 1, 2, 4 or 8; any alignment. A device sees naturally aligned pieces, lowest address
  /// first. A hole reads as all ones and swallows writes; the first access to each such address is
  /// a Finding "bus-hole".
  u64 read(PhysAddr pa, unsigned width);
  void write(PhysAddr pa, unsigned width, u64 value);

  /// Usable RAM or reserved memory over the whole range: direct access through Ram::host is what
  /// the bus would do.
  bool is_memory(PhysRange range) const;

  /// The range may lie in holes and in reserved memory, not on usable RAM or another device;
  /// multiples of 8 bytes.
  Result<void> add_device(PhysRange range, MmioDevice& device, std::string name);
  /// Removes every range of the device. ENODEV if there is none.
  Result<void> remove_device(const MmioDevice& device);

  /// In address order; memory under a device is not listed.
  std::vector<Region> regions() const;
  /// Lines as /proc/iomem has them: "000a0000-000fffff : Reserved".
  std::string iomem_text() const;

  u64 hole_reads() const { return hole_reads_; }

  u64 hole_writes() const { return hole_writes_; }

  Ram& ram() const { return ram_; }

  unsigned address_bits() const { return address_bits_; }

 private:
  struct Decoder;  // the interval map; keeps Boost.ICL inside bus.cpp

  Bus(Ram& ram, base::Probe& probe, unsigned address_bits);

  bool in_plain_ram(PhysAddr pa, unsigned width) const {
    return (pa.value - ram_low_.start.value < ram_low_.size() && ram_low_.end - pa >= width) ||
           (pa.value - ram_high_.start.value < ram_high_.size() && ram_high_.end - pa >= width);
  }

  u64 read_piece(PhysAddr pa, unsigned width);
  void write_piece(PhysAddr pa, unsigned width, u64 value);
  void report_hole(PhysAddr pa, unsigned width, const char* verb);

  Ram& ram_;
  base::Probe& probe_;
  unsigned address_bits_;
  std::unique_ptr<Decoder> decoder_;
  // The two largest pieces of usable RAM: no device can ever lie there, so an access needs no
  // decoding.
  PhysRange ram_low_;
  PhysRange ram_high_;
  mutable Decoded last_hit_;  // a device or memory region; its range is empty when there is none
  u64 hole_reads_ = 0;
  u64 hole_writes_ = 0;
};

}  // namespace vmsim::phys
