// SPDX-License-Identifier: MIT
// Layouts, reservations and page ranges of kernel windows; see window.hpp. Counterpart:
// asm/pgtable_32_areas.h and alloc_vmap_area(). Leaves out the lazy purging of ranges.
#include "kern/window.hpp"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>

#include "base/assert.hpp"

namespace vmsim::kern {

namespace {

constexpr u64 kMiB = u64{1} << 20;
constexpr u64 kGiB = u64{1} << 30;

}  // namespace

std::string hex_text(u64 value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%" PRIx64, value);
  return text;
}

std::string count_text(u64 count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

KernelLayout KernelLayout::x86_64() {
  KernelLayout layout;
  layout.page_offset = KernelAddr(0xffff'8880'0000'0000);
  layout.vmalloc = WindowConfig{KernelAddr(0xffff'c900'0000'0000), 64 * kGiB, false};
  layout.ioremap = WindowConfig{KernelAddr(0xffff'c910'0000'0000), 16 * kGiB, false};
  layout.kmap = WindowConfig{KernelAddr(0xffff'ffff'ff20'0000), kPageSize, false};
  return layout;
}

KernelLayout KernelLayout::x86_32(u64 low_memory_bytes) {
  // VMALLOC_OFFSET: a hole of at least 8 MiB behind low memory catches overruns.
  constexpr u64 kOffset = 8 * kMiB;
  constexpr u64 kIoremapStart = 0xfb00'0000, kIoremapEnd = 0xfdff'e000;
  KernelLayout layout;
  layout.page_offset = KernelAddr(0xc000'0000);
  const u64 high_memory = layout.page_offset.value + low_memory_bytes;
  const u64 start = (high_memory + 2 * kOffset - 1) & ~(kOffset - 1);
  VMSIM_ASSERT(start < kIoremapStart, "low memory ends at 896 MiB on x86-32");
  layout.vmalloc = WindowConfig{KernelAddr(start), kIoremapStart - start, true};
  layout.ioremap = WindowConfig{KernelAddr(kIoremapStart), kIoremapEnd - kIoremapStart, true};
  layout.kmap = WindowConfig{KernelAddr(0xfe00'0000), 16 * kMiB, true};
  return layout;
}

Result<Window> Window::create(const WindowConfig& config) {
  if (config.size_bytes == 0 || config.size_bytes % kPageSize != 0)
    return fail(EINVAL, "a kernel window is a whole number of pages");
  void* const wanted =
      config.want_nominal ? reinterpret_cast<void*>(config.nominal.value) : nullptr;
  // valgrind and a low ulimit -v leave few addresses: a smaller window holds what machines use.
  constexpr u64 kEnough = kGiB;
  u64 bytes = config.size_bytes;
  auto place = phys::HostReservation::create(bytes, wanted);
  while (!place && bytes / 4 >= kEnough) {
    bytes /= 4;
    place = phys::HostReservation::create(bytes, wanted);
  }
  return Window(VMSIM_TRY(std::move(place)), config.nominal);
}

std::optional<u64> PageRanges::take_from(u64 from, u64 to, u64 count) const {
  const u64 need = count + 1;
  u64 first = from;
  auto next = ranges_.upper_bound(from);
  if (next != ranges_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second > first) first = before->first + before->second;
  }
  for (; next != ranges_.end() && next->first < to; ++next) {
    if (next->first >= first && next->first - first >= need) return first;
    first = next->first + next->second;
  }
  const u64 end = next == ranges_.end() ? pages_ : next->first;
  const u64 last = end < to ? end : to;
  if (first < last && last - first >= need) return first;
  return std::nullopt;
}

std::optional<u64> PageRanges::take(u64 count) {
  VMSIM_ASSERT(count > 0, "a range has pages");
  if (count >= pages_) return std::nullopt;
  std::optional<u64> first = take_from(cursor_, pages_, count);
  if (!first) first = take_from(0, pages_, count);
  if (!first) return std::nullopt;
  ranges_.emplace(*first, count + 1);
  cursor_ = *first + count + 1;
  return first;
}

void PageRanges::give_back(u64 first) {
  const auto erased = ranges_.erase(first);
  VMSIM_ASSERT(erased == 1, "only a taken range is given back");
}

Result<void*> map_sparse(u64 bytes) {
  void* const data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    return fail(errno, "cannot map a table of " + std::to_string(bytes) +
                           " bytes: " + std::strerror(errno));
  return data;
}

void unmap_sparse(void* data, u64 bytes) {
  ::munmap(data, bytes);
}

}  // namespace vmsim::kern
