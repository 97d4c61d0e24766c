// SPDX-License-Identifier: MIT
// ioremap: cookies for physical ranges, and the accesses through them (readl, writel,
// memcpy_fromio). Counterpart: arch/x86/mm/ioremap.c, lib/iomap_copy.c. A cookie is an address in a
// reserved window: a driver that dereferences it faults, where x86 Linux would access the device.
// Leaves out port space, memremap and huge mappings. Called by abi (drivers) and by core rooms that
// stand for drivers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "kern/window.hpp"
#include "phys/bus.hpp"
#include "phys/mem_map.hpp"

namespace vmsim::sched {
class Scheduler;
}

namespace vmsim::kern {

/// How the CPU may cache what it reads there; kept for reports, accesses are never cached or
/// combined.
enum class IoCaching : u8 { kUncached, kWriteCombining, kWriteThrough, kCached };
const char* io_caching_name(IoCaching caching);

struct IoArea {
  std::byte* cookie = nullptr;  ///< keeps the offset of `physical` in its page
  PhysAddr physical;
  u64 size_bytes = 0;  ///< as requested; whole pages are mapped
  IoCaching caching = IoCaching::kUncached;
  u32 owner = 0;     ///< the caller's tag (a module); 0: none
  u64 sequence = 0;  ///< the how-manieth area of this machine
};

/// Differs: a cookie cannot be dereferenced, and readl() of ordinary memory is refused; on x86
/// Linux both work.
///
/// Owns the window and every area in it. Thread safety: none; the caller holds the simulated CPU.
class IoremapTable {
 public:
  /// All references must outlive it.
  static Result<std::unique_ptr<IoremapTable>> create(phys::Bus& bus, phys::MemMap& mem_map,
                                                      sched::Scheduler& scheduler,
                                                      base::Probe& probe,
                                                      const WindowConfig& window);
  IoremapTable(const IoremapTable&) = delete;
  IoremapTable& operator=(const IoremapTable&) = delete;

  /// nullptr: size 0, a range that wraps or leaves the bus, RAM that the kernel uses (Finding
  /// "ioremap-ram"), no room, or made to fail ("ioremap").
  void* ioremap(PhysAddr physical, u64 size_bytes, IoCaching caching = IoCaching::kUncached,
                u32 owner = 0);
  /// Any address in the first page of an area will do, as in Linux.
  void iounmap(const volatile void* cookie);

  /// Width 1, 2, 4 or 8. A cookie that is not ours reads as all ones, swallows writes and is a
  /// Finding "mmio-bad-cookie".
  u64 read(const volatile void* cookie, unsigned width);
  void write(volatile void* cookie, unsigned width, u64 value);
  /// readsb and the like: `count` accesses to one register.
  void read_block(const volatile void* cookie, unsigned width, void* buffer, u64 count);
  void write_block(volatile void* cookie, unsigned width, const void* buffer, u64 count);
  /// Device accesses of 1, 2 and then 4 bytes, as x86 makes them. Pre: the buffer can be touched by
  /// the core.
  void memcpy_fromio(void* to, const volatile void* cookie, u64 bytes);
  void memcpy_toio(volatile void* cookie, const void* from, u64 bytes);
  void memset_io(volatile void* cookie, u8 value, u64 bytes);

  bool is_cookie(const volatile void* p) const {
    return window_.contains(const_cast<const void*>(p));
  }

  /// The physical address behind a live cookie.
  std::optional<PhysAddr> physical_of(const volatile void* cookie) const;
  /// The area whose pages hold this address. nullptr if there is none. Valid until iounmap.
  const IoArea* find_area(const volatile void* cookie) const;

  const Window& window() const { return window_; }

  u64 live_areas() const { return areas_.size(); }

  /// In order of allocation; of one owner, or of all.
  std::vector<const IoArea*> live_areas_of(std::optional<u32> owner = std::nullopt) const;

  /// Names strangers in reports. nullptr removes it.
  void set_describer(const Describer* describer) { describer_ = describer; }

 private:
  /// One entry per page of the window: 0 never used, kDeparted once used, else frame number +
  /// kFrameBias.
  static constexpr u64 kDeparted = 1;
  static constexpr u64 kFrameBias = 2;

  IoremapTable(phys::Bus& bus, phys::MemMap& mem_map, sched::Scheduler& scheduler,
               base::Probe& probe, Window window, SparseArray<u64> frames)
      : bus_(bus),
        mem_map_(mem_map),
        scheduler_(scheduler),
        probe_(probe),
        window_(std::move(window)),
        frame_of_page_(std::move(frames)),
        ranges_(window_.pages()) {}

  std::optional<PhysAddr> translate(const volatile void* cookie, unsigned width) const;
  std::optional<PhysAddr> checked(const volatile void* cookie, unsigned width, const char* call);
  std::optional<PhysAddr> kernel_ram_in(PhysRange range) const;
  void time_passes();

  phys::Bus& bus_;
  phys::MemMap& mem_map_;
  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  const Describer* describer_ = nullptr;
  Window window_;
  SparseArray<u64> frame_of_page_;
  PageRanges ranges_;
  std::map<u64, IoArea> areas_;  // by first page of the window
  u64 sequence_ = 0;
};

}  // namespace vmsim::kern
