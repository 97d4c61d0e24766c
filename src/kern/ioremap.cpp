// SPDX-License-Identifier: MIT
// Areas of the ioremap window and accesses through their cookies; see ioremap.hpp. Counterpart:
// arch/x86/mm/ioremap.c.
#include "kern/ioremap.hpp"

#include <algorithm>
#include <cstring>

#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

/// About what an uncached access costs, so that loops that poll a register end.
constexpr u64 kAccessNs = 100;

u64 value_of(const volatile void* p) {
  return reinterpret_cast<std::uintptr_t>(p);
}

const void* plain(const volatile void* p) {
  return const_cast<const void*>(p);
}

constexpr u64 all_ones(unsigned width) {
  return width >= 8 ? ~u64{0} : (u64{1} << (8 * width)) - 1;
}

/// The width of the next access of a copy to or from a device: to 4-byte alignment first, then by
/// fours.
unsigned piece_width(u64 address, u64 bytes) {
  if (bytes >= 1 && (address & 1) != 0) return 1;
  if (bytes >= 2 && (address & 2) != 0) return 2;
  if (bytes >= 4) return 4;
  return bytes >= 2 ? 2 : 1;
}

}  // namespace

const char* io_caching_name(IoCaching caching) {
  switch (caching) {
    case IoCaching::kUncached:
      return "uncached";
    case IoCaching::kWriteCombining:
      return "write-combining";
    case IoCaching::kWriteThrough:
      return "write-through";
    case IoCaching::kCached:
      return "write-back";
  }
  return "?";
}

Result<std::unique_ptr<IoremapTable>> IoremapTable::create(phys::Bus& bus, phys::MemMap& mem_map,
                                                           sched::Scheduler& scheduler,
                                                           base::Probe& probe,
                                                           const WindowConfig& config) {
  Window window = VMSIM_TRY(Window::create(config));
  SparseArray<u64> frames = VMSIM_TRY(SparseArray<u64>::create(window.pages()));
  return std::unique_ptr<IoremapTable>(
      new IoremapTable(bus, mem_map, scheduler, probe, std::move(window), std::move(frames)));
}

/// The first byte that is RAM in the kernel's use. Reserved pages may be remapped, as on x86.
std::optional<PhysAddr> IoremapTable::kernel_ram_in(PhysRange range) const {
  for (PhysAddr pa = range.start; pa < range.end;) {
    const phys::Decoded region = bus_.decode(pa);
    const PhysAddr end = std::min(region.range.end, range.end);
    if (region.kind == phys::RegionKind::kRam) {
      for (Pfn pfn(pa); pfn.addr() < end; pfn = pfn + 1)
        if (mem_map_.pfn_valid(pfn) && !phys::is_reserved(mem_map_.page(pfn)))
          return std::max(pa, pfn.addr());
    }
    if (end <= pa) break;
    pa = end;
  }
  return std::nullopt;
}

void* IoremapTable::ioremap(PhysAddr physical, u64 size_bytes, IoCaching caching, u32 owner) {
  const PhysAddr last = physical + (size_bytes - 1);
  if (size_bytes == 0 || last < physical) return nullptr;
  if (sched::in_kernel()) scheduler_.check_may_sleep("ioremap");
  if (bus_.address_bits() < 64 && last.value >> bus_.address_bits() != 0) {
    probe_.finding("ioremap-beyond-bus",
                   "ioremap of " + hex_text(physical.value) + ": the bus has " +
                       std::to_string(bus_.address_bits()) +
                       " address bits; Linux warns \"invalid physical address\"");
    return nullptr;
  }
  if (const std::optional<PhysAddr> ram = kernel_ram_in({physical, last + 1})) {
    probe_.finding("ioremap-ram",
                   "ioremap of " + hex_text(physical.value) + ": " + hex_text(ram->value) +
                       " is RAM in the kernel's use; its address is __va() or kmap(). Linux warns "
                       "\"ioremap on RAM\" and returns NULL");
    return nullptr;
  }
  if (probe_.should_fail("ioremap")) return nullptr;
  const u64 pages = ((last.value >> kPageShift) - (physical.value >> kPageShift)) + 1;
  const std::optional<u64> first = ranges_.take(pages);
  if (!first) {
    probe_.finding("ioremap-full",
                   "no " + count_text(pages, "neighbouring page") + " left in the ioremap range");
    return nullptr;
  }
  for (u64 i = 0; i < pages; ++i) frame_of_page_[*first + i] = Pfn(physical).value + i + kFrameBias;
  IoArea area{window_.page_at(*first) + physical.page_offset(),
              physical,
              size_bytes,
              caching,
              owner,
              ++sequence_};
  areas_.emplace(*first, area);
  return area.cookie;
}

void IoremapTable::iounmap(const volatile void* cookie) {
  if (cookie == nullptr) return;
  if (sched::in_kernel()) scheduler_.check_may_sleep("iounmap");
  if (!is_cookie(cookie)) {
    const std::string what =
        describer_ != nullptr ? describer_->describe(plain(cookie)) : hex_text(value_of(cookie));
    probe_.finding(
        "iounmap-bad-cookie",
        "iounmap of " + what + ", which ioremap never returned; Linux warns or ignores it");
    return;
  }
  const u64 page = window_.page_index(plain(cookie));
  const auto at = areas_.find(page);
  if (at == areas_.end()) {
    const bool departed = frame_of_page_[page] == kDeparted;
    probe_.finding(
        departed ? "double-iounmap" : "iounmap-bad-cookie",
        "iounmap of " + hex_text(window_.nominal(plain(cookie)).value) +
            (departed ? ", which was unmapped before" : ", which is not the start of an area") +
            "; Linux warns \"bad address\"");
    return;
  }
  const u64 pages = pages_of(at->second.physical.page_offset() + at->second.size_bytes);
  for (u64 i = 0; i < pages; ++i) frame_of_page_[page + i] = kDeparted;
  ranges_.give_back(page);
  areas_.erase(at);
}

// ---- Accesses ----

/// One table look-up per access; a second one only at the end of a page.
std::optional<PhysAddr> IoremapTable::translate(const volatile void* cookie, unsigned width) const {
  if (!is_cookie(cookie)) return std::nullopt;
  const u64 page = window_.page_index(plain(cookie));
  const u64 entry = frame_of_page_[page];
  if (entry < kFrameBias) return std::nullopt;
  const u64 offset = value_of(cookie) & ~kPageMask;
  if (offset + width > kPageSize &&
      (page + 1 >= window_.pages() || frame_of_page_[page + 1] != entry + 1))
    return std::nullopt;
  return Pfn(entry - kFrameBias).addr() + offset;
}

std::optional<PhysAddr> IoremapTable::checked(const volatile void* cookie, unsigned width,
                                              const char* call) {
  const std::optional<PhysAddr> pa = translate(cookie, width);
  if (pa) [[likely]]
    return pa;
  std::string what;
  if (is_cookie(cookie)) {
    what = hex_text(window_.nominal(plain(cookie)).value) +
           (frame_of_page_[window_.page_index(plain(cookie))] == kDeparted
                ? ", an address that was iounmapped"
                : ", outside of every ioremap area");
  } else {
    what = describer_ != nullptr ? describer_->describe(plain(cookie)) : hex_text(value_of(cookie));
    what += ", which ioremap never returned";
  }
  probe_.finding("mmio-bad-cookie", std::string(call) + " (" + count_text(width, "byte") + ") of " +
                                        what +
                                        "; Linux oopses, or touches whatever is mapped there");
  return std::nullopt;
}

void IoremapTable::time_passes() {
  if (sched::in_kernel()) scheduler_.tick(kAccessNs);
}

u64 IoremapTable::read(const volatile void* cookie, unsigned width) {
  const std::optional<PhysAddr> pa = checked(cookie, width, "a device read");
  if (!pa) [[unlikely]]
    return all_ones(width);
  time_passes();
  return bus_.read(*pa, width);
}

void IoremapTable::write(volatile void* cookie, unsigned width, u64 value) {
  const std::optional<PhysAddr> pa = checked(cookie, width, "a device write");
  if (!pa) [[unlikely]]
    return;
  time_passes();
  bus_.write(*pa, width, value);
}

void IoremapTable::read_block(const volatile void* cookie, unsigned width, void* buffer,
                              u64 count) {
  auto* to = static_cast<std::byte*>(buffer);
  for (u64 i = 0; i < count; ++i, to += width) {
    const u64 value = read(cookie, width);
    std::memcpy(to, &value, width);
  }
}

void IoremapTable::write_block(volatile void* cookie, unsigned width, const void* buffer,
                               u64 count) {
  const auto* from = static_cast<const std::byte*>(buffer);
  for (u64 i = 0; i < count; ++i, from += width) {
    u64 value = 0;
    std::memcpy(&value, from, width);
    write(cookie, width, value);
  }
}

void IoremapTable::memcpy_fromio(void* to, const volatile void* cookie, u64 bytes) {
  auto* out = static_cast<std::byte*>(to);
  const auto* from = static_cast<const volatile std::byte*>(cookie);
  while (bytes > 0) {
    const unsigned width = piece_width(value_of(from), bytes);
    const u64 value = read(from, width);
    std::memcpy(out, &value, width);
    out += width;
    from += width;
    bytes -= width;
  }
}

void IoremapTable::memcpy_toio(volatile void* cookie, const void* from, u64 bytes) {
  const auto* in = static_cast<const std::byte*>(from);
  auto* to = static_cast<volatile std::byte*>(cookie);
  while (bytes > 0) {
    const unsigned width = piece_width(value_of(to), bytes);
    u64 value = 0;
    std::memcpy(&value, in, width);
    write(to, width, value);
    in += width;
    to += width;
    bytes -= width;
  }
}

void IoremapTable::memset_io(volatile void* cookie, u8 value, u64 bytes) {
  constexpr u64 kEveryByte = 0x0101'0101'0101'0101;
  auto* to = static_cast<volatile std::byte*>(cookie);
  while (bytes > 0) {
    const unsigned width = piece_width(value_of(to), bytes);
    write(to, width, (value * kEveryByte) & all_ones(width));
    to += width;
    bytes -= width;
  }
}

// ---- Questions ----

std::optional<PhysAddr> IoremapTable::physical_of(const volatile void* cookie) const {
  return translate(cookie, 1);
}

const IoArea* IoremapTable::find_area(const volatile void* cookie) const {
  if (!translate(cookie, 1)) return nullptr;
  const auto after = areas_.upper_bound(window_.page_index(plain(cookie)));
  return after == areas_.begin() ? nullptr : &std::prev(after)->second;
}

std::vector<const IoArea*> IoremapTable::live_areas_of(std::optional<u32> owner) const {
  std::vector<const IoArea*> found;
  for (const auto& [page, area] : areas_)
    if (!owner || area.owner == *owner) found.push_back(&area);
  std::sort(found.begin(), found.end(),
            [](const IoArea* a, const IoArea* b) { return a->sequence < b->sequence; });
  return found;
}

}  // namespace vmsim::kern
