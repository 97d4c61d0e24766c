// SPDX-License-Identifier: MIT
// Simulated RAM: one sparse memfd, mapped whole for the core and, up to a limit, where drivers
// expect the direct map. Counterpart: the memory modules and the kernel's direct mapping
// (PAGE_OFFSET). It does not know which addresses are RAM, reserved or holes (bus) nor who owns a
// frame (mem_map). Core rooms only. A host that runs out of memory while a frame is first touched
// raises SIGBUS; that is not caught here.
#pragma once

#include <memory>
#include <optional>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

namespace vmsim::phys {

/// Host addresses set aside with PROT_NONE, so that windows can be mapped into them. Released by
/// the destructor.
class HostReservation {
 public:
  HostReservation() = default;

  ~HostReservation() { release(); }

  HostReservation(HostReservation&& other) noexcept;
  HostReservation& operator=(HostReservation&& other) noexcept;

  /// Reserves `bytes` at `wanted` if it is not null and free there, elsewhere otherwise.
  static Result<HostReservation> create(u64 bytes, void* wanted = nullptr);

  std::byte* base() const { return base_; }

  u64 size_bytes() const { return size_bytes_; }

  bool at_wanted_address() const { return at_wanted_; }

  bool contains(const void* p) const {
    return reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(base_) <
           size_bytes_;
  }

 private:
  void release();

  std::byte* base_ = nullptr;
  u64 size_bytes_ = 0;
  bool at_wanted_ = false;
};

struct RamConfig {
  u64 size_bytes = 0;           ///< highest RAM address + 1; whole pages; 1 MiB to 2 TiB
  void* wanted_base = nullptr;  ///< where drivers expect the direct map; nullptr: anywhere
  u64 direct_map_limit_bytes =
      0;  ///< drivers' direct map ends here (low memory); 0: it covers everything
};

inline constexpr u64 kRamBytesMin = u64{1} << 20;
inline constexpr u64 kRamBytesMax = u64{1} << 41;

/// States: complete from create() to destructor. Mappings never move, so pointers stay valid as
/// long as the Ram. Thread safety: const members from any thread; windows and discard from one
/// thread per affected range.
class Ram {
 public:
  static Result<std::unique_ptr<Ram>> create(const RamConfig& config);
  ~Ram() = default;
  Ram(const Ram&) = delete;
  Ram& operator=(const Ram&) = delete;

  u64 size_bytes() const { return core_.size_bytes(); }

  u64 pages() const { return size_bytes() >> kPageShift; }

  /// The memfd, for mappings in other processes. Owned by the Ram.
  int fd() const { return fd_.value; }

  /// All of RAM, for the core.
  std::byte* core_base() const { return core_.base(); }

  /// The direct map that drivers see: [0, direct_map_bytes()).
  std::byte* base() const { return split_ ? direct_.base() : core_.base(); }

  u64 direct_map_bytes() const { return split_ ? direct_.size_bytes() : core_.size_bytes(); }

  bool at_wanted_address() const {
    return split_ ? direct_.at_wanted_address() : core_.at_wanted_address();
  }

  /// The core's pointer to a byte of RAM. Pre: pa < size_bytes().
  std::byte* host(PhysAddr pa) const;

  std::byte* host(Pfn pfn) const { return host(pfn.addr()); }

  /// The drivers' pointer (virt), nullptr for memory above the direct map.
  std::byte* direct(PhysAddr pa) const {
    return pa.value < direct_map_bytes() ? base() + pa.value : nullptr;
  }

  /// The physical address behind a pointer into either mapping; nothing for any other pointer.
  std::optional<PhysAddr> pa_of(const void* p) const;

  /// Gives the frames back to the host; they read as zeroes afterwards. Pre: frames.end <= pages().
  Result<void> discard(PfnRange frames);

  /// Maps frames read-write at a host address that the caller has reserved (HostReservation).
  Result<void> map_window(void* at, Pfn first, u64 pages);
  /// Turns a window back into reserved addresses: touching them faults.
  Result<void> unmap_window(void* at, u64 pages);

 private:
  struct Fd {
    int value = -1;
    Fd() = default;

    explicit Fd(int v) : value(v) {}

    Fd(Fd&& other) noexcept : value(other.value) { other.value = -1; }

    ~Fd();
  };

  Ram(Fd fd, HostReservation core, HostReservation direct, bool split)
      : fd_(std::move(fd)), core_(std::move(core)), direct_(std::move(direct)), split_(split) {}

  Fd fd_;
  HostReservation core_;
  HostReservation direct_;
  bool split_;
};

}  // namespace vmsim::phys
