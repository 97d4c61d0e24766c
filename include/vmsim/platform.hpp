// SPDX-License-Identifier: MIT
// A device as a board file or firmware describes it: a name that drivers match, and what it
// occupies. Counterpart: struct platform_device and its resources. Given to
// Machine::add_platform_device.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/device.hpp"

namespace vmsim {

/// A range of registers or an interrupt line.
struct PlatformResource {
  enum class Kind : u8 { kRegisters, kIrq };

  Kind kind = Kind::kRegisters;
  PhysAddr start;                ///< kRegisters
  u64 size_bytes = 0;            ///< kRegisters
  MmioDevice* device = nullptr;  ///< what answers there; nullptr: added before, or nothing does
  unsigned line = 0;             ///< kIrq
  std::string name;              ///< for platform_get_resource_byname(); may be empty

  /// `device` is put on the bus with the platform device, connected to its first interrupt line,
  /// and taken off with it.
  static PlatformResource registers(PhysAddr start, u64 size_bytes, MmioDevice* device = nullptr,
                                    std::string name = {}) {
    return {Kind::kRegisters, start, size_bytes, device, 0, std::move(name)};
  }

  static PlatformResource irq(unsigned line, std::string name = {}) {
    return {Kind::kIrq, {}, 0, nullptr, line, std::move(name)};
  }
};

///     machine.add_platform_device({.name = "meter", .resources = {
///         PlatformResource::registers(PhysAddr(0xfed00000), 0x100, &meter),
///         PlatformResource::irq(9)}});
struct PlatformDevice {
  static constexpr int kNoId = -1;    ///< the device is called `name`
  static constexpr int kAutoId = -2;  ///< "name.N.auto"

  std::string name;
  int id = kNoId;  ///< else the device is called "name.id"
  std::vector<PlatformResource> resources{};
  std::string compatible{};  ///< what a driver's of_match_table is compared with; may be empty
};

}  // namespace vmsim
