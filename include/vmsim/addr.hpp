// SPDX-License-Identifier: MIT
// Address and range types. Models: the address kinds of LDD3 chapter 15 (user virtual, physical, bus, kernel).
// Each kind is its own type, so that mixing two of them is a compile error. Plain values; any thread may use them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace vmsim {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

inline constexpr unsigned kPageShift = 12;
inline constexpr u64 kPageSize = u64{1} << kPageShift;
inline constexpr u64 kPageMask = ~(kPageSize - 1);

/// An address of the kind that Tag names. Arithmetic is in bytes; differences are byte counts.
template <class Tag>
struct Address {
  u64 value = 0;

  constexpr Address() = default;
  constexpr explicit Address(u64 v) : value(v) {}
  constexpr auto operator<=>(const Address&) const = default;

  constexpr Address operator+(u64 bytes) const { return Address(value + bytes); }
  constexpr Address operator-(u64 bytes) const { return Address(value - bytes); }
  constexpr u64 operator-(Address other) const { return value - other.value; }
  constexpr Address& operator+=(u64 bytes) {
    value += bytes;
    return *this;
  }

  constexpr u64 page_offset() const { return value & ~kPageMask; }
  constexpr bool page_aligned() const { return page_offset() == 0; }
  constexpr Address page_base() const { return Address(value & kPageMask); }
  /// The next page boundary at or above; wraps to 0 at the top of the 64-bit space.
  constexpr Address page_up() const { return Address((value + kPageSize - 1) & kPageMask); }
};

using VirtAddr = Address<struct VirtTag>;    ///< a simulated user virtual address
using PhysAddr = Address<struct PhysTag>;    ///< what the simulated CPU puts on the bus
using BusAddr = Address<struct BusTag>;      ///< what a simulated device puts on the bus
using KernelAddr = Address<struct KernelTag>;///< an address that driver code may use

/// A physical page frame number: a physical address in units of pages.
struct Pfn {
  u64 value = 0;
  constexpr Pfn() = default;
  constexpr explicit Pfn(u64 v) : value(v) {}
  constexpr explicit Pfn(PhysAddr pa) : value(pa.value >> kPageShift) {}
  constexpr auto operator<=>(const Pfn&) const = default;
  constexpr Pfn operator+(u64 pages) const { return Pfn(value + pages); }
  constexpr u64 operator-(Pfn other) const { return value - other.value; }
  constexpr PhysAddr addr() const { return PhysAddr(value << kPageShift); }
};

/// A half-open range [start, end) of one address kind.
template <class A>
struct Range {
  A start;
  A end;

  constexpr auto operator<=>(const Range&) const = default;
  constexpr u64 size() const { return end - start; }
  constexpr bool empty() const { return !(start < end); }
  constexpr bool contains(A a) const { return start <= a && a < end; }
  constexpr bool contains(Range r) const { return start <= r.start && r.end <= end; }
  constexpr bool intersects(Range r) const { return start < r.end && r.start < end; }
};

using VirtRange = Range<VirtAddr>;
using PhysRange = Range<PhysAddr>;
using PfnRange = Range<Pfn>;

constexpr u64 pages_of(u64 bytes) { return (bytes + kPageSize - 1) >> kPageShift; }

}  // namespace vmsim
