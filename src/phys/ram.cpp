// SPDX-License-Identifier: MIT
// The memfd behind simulated RAM and its host mappings. Counterpart: memory modules. Only this file
// maps RAM.
#include "phys/ram.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include "base/assert.hpp"

namespace vmsim::phys {
namespace {

std::string mib(u64 bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

/// Maps over addresses that are known to be ours.
Result<void> map_frames(void* at, int fd, PhysAddr first, u64 bytes) {
  void* p = mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd,
                 static_cast<off_t>(first.value));
  if (p == MAP_FAILED) {
    const int e = errno;
    return fail(e,
                "the host refuses to map " + mib(bytes) + " of simulated RAM: " + std::strerror(e));
  }
  return {};
}

Result<void> check_config(const RamConfig& config) {
  if (config.size_bytes < kRamBytesMin || config.size_bytes > kRamBytesMax)
    return fail(EINVAL,
                "RAM of " + std::to_string(config.size_bytes) + " bytes: must be 1 MiB to 2 TiB");
  if ((config.size_bytes & ~kPageMask) != 0)
    return fail(EINVAL, "RAM size is not a whole number of pages");
  if ((config.direct_map_limit_bytes & ~kPageMask) != 0)
    return fail(EINVAL, "the limit of the direct map is not a whole number of pages");
  if ((reinterpret_cast<std::uintptr_t>(config.wanted_base) & ~kPageMask) != 0)
    return fail(EINVAL, "the wanted base of the direct map is not page aligned");
  rlimit limit{};
  // Asked before ftruncate, which would raise SIGXFSZ.
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      config.size_bytes > limit.rlim_cur)
    return fail(EFBIG, "RAM of " + mib(config.size_bytes) +
                           " is above the host's file size limit (ulimit -f)");
  return {};
}

/// Reserves addresses and maps [0, bytes) of the file there.
Result<HostReservation> map_from_zero(int fd, u64 bytes, void* wanted) {
  HostReservation place = VMSIM_TRY(HostReservation::create(bytes, wanted));
  VMSIM_CHECK(map_frames(place.base(), fd, PhysAddr(0), bytes));
  // Core dumps of the host program are not the place for the machine's memory.
  madvise(place.base(), bytes, MADV_DONTDUMP);
  return place;
}

}  // namespace

HostReservation::HostReservation(HostReservation&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)),
      at_wanted_(std::exchange(other.at_wanted_, false)) {}

HostReservation& HostReservation::operator=(HostReservation&& other) noexcept {
  if (this != &other) {
    release();
    base_ = std::exchange(other.base_, nullptr);
    size_bytes_ = std::exchange(other.size_bytes_, 0);
    at_wanted_ = std::exchange(other.at_wanted_, false);
  }
  return *this;
}

void HostReservation::release() {
  if (base_ != nullptr) munmap(base_, size_bytes_);
  base_ = nullptr;
  size_bytes_ = 0;
}

Result<HostReservation> HostReservation::create(u64 bytes, void* wanted) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* p = MAP_FAILED;
  if (wanted != nullptr) {
    p = mmap(wanted, bytes, PROT_NONE, kFlags | MAP_FIXED_NOREPLACE, -1, 0);
    // A host kernel without MAP_FIXED_NOREPLACE takes the address as a hint only.
    if (p != MAP_FAILED && p != wanted) {
      munmap(p, bytes);
      p = MAP_FAILED;
    }
  }
  const bool at_wanted = p != MAP_FAILED;
  if (!at_wanted) p = mmap(nullptr, bytes, PROT_NONE, kFlags, -1, 0);
  if (p == MAP_FAILED) {
    const int e = errno;
    return fail(
        e, "the host has no " + mib(bytes) + " of addresses (ulimit -v?): " + std::strerror(e));
  }
  HostReservation made;
  made.base_ = static_cast<std::byte*>(p);
  made.size_bytes_ = bytes;
  made.at_wanted_ = at_wanted;
  return made;
}

Ram::Fd::~Fd() {
  if (value >= 0) close(value);
}

Result<std::unique_ptr<Ram>> Ram::create(const RamConfig& config) {
  VMSIM_CHECK(check_config(config));
  Fd fd(memfd_create("vmsim-ram", MFD_CLOEXEC));
  if (fd.value < 0) {
    const int e = errno;
    return fail(e, std::string("the host gives no memory file: ") + std::strerror(e));
  }
  if (ftruncate(fd.value, static_cast<off_t>(config.size_bytes)) != 0) {
    const int e = errno;
    return fail(
        e, "the host refuses " + mib(config.size_bytes) + " of simulated RAM: " + std::strerror(e));
  }
  const u64 limit = config.direct_map_limit_bytes;
  const bool split = limit != 0 && limit < config.size_bytes;
  HostReservation core =
      VMSIM_TRY(map_from_zero(fd.value, config.size_bytes, split ? nullptr : config.wanted_base));
  HostReservation direct;
  if (split) direct = VMSIM_TRY(map_from_zero(fd.value, limit, config.wanted_base));
  return std::unique_ptr<Ram>(new Ram(std::move(fd), std::move(core), std::move(direct), split));
}

std::byte* Ram::host(PhysAddr pa) const {
  VMSIM_DEBUG_ASSERT(pa.value < size_bytes(), "the core reached beyond the end of RAM");
  return core_.base() + pa.value;
}

std::optional<PhysAddr> Ram::pa_of(const void* p) const {
  const auto offset_in = [p](const HostReservation& place) {
    return PhysAddr(static_cast<u64>(static_cast<const std::byte*>(p) - place.base()));
  };
  if (core_.contains(p)) return offset_in(core_);
  if (direct_.contains(p)) return offset_in(direct_);
  return std::nullopt;
}

Result<void> Ram::discard(PfnRange frames) {
  VMSIM_ASSERT(frames.start <= frames.end && frames.end.value <= pages(),
               "discard beyond the end of RAM");
  if (frames.empty()) return {};
  if (fallocate(fd_.value, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                static_cast<off_t>(frames.start.addr().value),
                static_cast<off_t>(frames.size() << kPageShift)) != 0)
    return fail(errno, "the host cannot take back frames");
  return {};
}

Result<void> Ram::map_window(void* at, Pfn first, u64 count) {
  VMSIM_ASSERT(first.value < pages() && count <= pages() - first.value,
               "a window beyond the end of RAM");
  VMSIM_ASSERT((reinterpret_cast<std::uintptr_t>(at) & ~kPageMask) == 0,
               "a window must be page aligned");
  return map_frames(at, fd_.value, first.addr(), count << kPageShift);
}

Result<void> Ram::unmap_window(void* at, u64 count) {
  VMSIM_ASSERT((reinterpret_cast<std::uintptr_t>(at) & ~kPageMask) == 0,
               "a window must be page aligned");
  if (mmap(at, count << kPageShift, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
    return fail(errno, "the host cannot close a window");
  return {};
}

}  // namespace vmsim::phys
