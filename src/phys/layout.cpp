// SPDX-License-Identifier: MIT
// Builds and checks the list of physical regions. Counterpart: arch/x86/kernel/e820.c.
#include "phys/layout.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace vmsim::phys {
namespace {

constexpr u64 kGiB = u64{1} << 30;

bool is_memory(RegionKind kind) {
  return kind == RegionKind::kRam || kind == RegionKind::kReserved ||
         kind == RegionKind::kReservedNoPage;
}

bool aligned(PhysRange range, u64 unit) {
  return range.start.value % unit == 0 && range.end.value % unit == 0;
}

Region reserved_region(PhysRange range, RegionKind kind) {
  return {range, kind, "Reserved", nullptr};
}

std::vector<Region> pc_regions(u64 ram_bytes) {
  const PhysAddr below_hole(std::min(ram_bytes, kPciHoleStart.value));
  std::vector<Region> regions;
  const auto add_ram = [&](PhysAddr start, PhysAddr end) {
    if (start < end) regions.push_back({{start, end}, RegionKind::kRam, "System RAM", nullptr});
  };
  const PhysAddr page1(kPageSize);
  regions.push_back(reserved_region({PhysAddr(0), page1}, RegionKind::kReserved));
  add_ram(page1, kLegacyHoleStart);
  regions.push_back(reserved_region({kLegacyHoleStart, kLegacyHoleEnd}, RegionKind::kReserved));
  add_ram(kLegacyHoleEnd, below_hole);
  add_ram(kPciHoleEnd, kPciHoleEnd + (ram_bytes - below_hole.value));
  return regions;
}

/// Cuts `range` out of the usable and the built-in reserved memory.
///
///     | System RAM                    |      before
///     | System RAM | Reserved | S RAM |      after
Result<void> cut_out(std::vector<Region>& regions, PhysRange range, RegionKind kind,
                     const char* option) {
  if (range.empty() || !aligned(range, kPageSize))
    return fail(EINVAL,
                std::string(option) + " " + range_text(range) + " must be one or more whole pages");
  std::vector<Region> cut;
  u64 covered = 0;
  for (const Region& region : regions) {
    if (!is_memory(region.kind) || !region.range.intersects(range)) {
      cut.push_back(region);
      continue;
    }
    const PhysRange part{std::max(region.range.start, range.start),
                         std::min(region.range.end, range.end)};
    covered += part.size();
    Region left = region;
    Region right = region;
    left.range.end = part.start;
    right.range.start = part.end;
    if (!left.range.empty()) cut.push_back(left);
    if (!right.range.empty()) cut.push_back(right);
  }
  if (covered != range.size())
    return fail(EINVAL, std::string(option) + " " + range_text(range) + " is not all RAM");
  cut.push_back(reserved_region(range, kind));
  regions = std::move(cut);
  return {};
}

Result<void> check_config(const LayoutConfig& config) {
  if (config.ram_bytes == 0) return fail(EINVAL, "a machine without RAM");
  if (config.ram_bytes < kLegacyHoleEnd.value)
    return fail(EINVAL, "a PC has at least 1 MiB of RAM");
  if (config.ram_bytes > 1024 * kGiB) return fail(EINVAL, "more than 1 TiB of RAM");
  if (config.ram_bytes % kPageSize != 0)
    return fail(EINVAL, "the size of RAM is not a whole number of pages");
  // Differs: RAM that a 32-bit bus cannot reach is refused; a real kernel ignores it with a
  // message.
  if (config.platform == Platform::kX86_32 && config.ram_bytes > kPciHoleStart.value)
    return fail(
        EINVAL,
        "x86-32 (no PAE) addresses 4 GiB, of which the last is for devices: at most 3 GiB of RAM");
  std::vector<PhysRange> cuts = config.reserved;
  cuts.insert(cuts.end(), config.withheld.begin(), config.withheld.end());
  std::sort(cuts.begin(), cuts.end());
  for (std::size_t i = 1; i < cuts.size(); ++i)
    if (cuts[i - 1].intersects(cuts[i]))
      return fail(EINVAL, "reservations " + range_text(cuts[i - 1]) + " and " +
                              range_text(cuts[i]) + " overlap");
  return {};
}

Result<void> check_region(const Region& region, unsigned address_bits) {
  const std::string where = range_text(region.range);
  if (region.range.empty()) return fail(EINVAL, "region " + where + " is empty");
  if (address_bits < 64 && (region.range.end.value - 1) >> address_bits != 0)
    return fail(ERANGE, "region " + where + " does not fit in " + std::to_string(address_bits) +
                            " bits of physical address");
  if ((region.kind == RegionKind::kDevice) != (region.device != nullptr))
    return fail(EINVAL, region.device != nullptr ? "region " + where + " is no device but names one"
                                                 : "device region " + where + " has no device");
  const u64 unit = region.kind == RegionKind::kDevice ? 8 : kPageSize;
  if (!aligned(region.range, unit))
    return fail(EINVAL,
                "region " + where + " is not aligned to " + std::to_string(unit) + " bytes");
  return {};
}

}  // namespace

std::string range_text(PhysRange range) {
  char text[64];
  std::snprintf(text, sizeof text, "[mem 0x%08llx-0x%08llx]",
                static_cast<unsigned long long>(range.start.value),
                static_cast<unsigned long long>(range.end.value - 1));
  return text;
}

Result<std::vector<Region>> default_layout(const LayoutConfig& config) {
  VMSIM_CHECK(check_config(config));
  std::vector<Region> regions = pc_regions(config.ram_bytes);
  for (const PhysRange range : config.reserved)
    VMSIM_CHECK(cut_out(regions, range, RegionKind::kReserved, "reserved"));
  for (const PhysRange range : config.withheld)
    VMSIM_CHECK(cut_out(regions, range, RegionKind::kReservedNoPage, "memmap=$"));
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.range.start < b.range.start; });
  VMSIM_CHECK(check_layout(regions, physical_bits(config.platform)));
  return regions;
}

Result<void> check_layout(const std::vector<Region>& regions, unsigned address_bits) {
  std::vector<const Region*> sorted;
  bool has_ram = false;
  for (const Region& region : regions) {
    VMSIM_CHECK(check_region(region, address_bits));
    has_ram = has_ram || region.kind == RegionKind::kRam;
    sorted.push_back(&region);
  }
  if (!has_ram) return fail(EINVAL, "no usable RAM is left");
  std::sort(sorted.begin(), sorted.end(),
            [](const Region* a, const Region* b) { return a->range.start < b->range.start; });
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i - 1]->range.intersects(sorted[i]->range))
      return fail(EINVAL, "regions " + range_text(sorted[i - 1]->range) + " and " +
                              range_text(sorted[i]->range) + " overlap");
  return {};
}

PhysAddr ram_end(const std::vector<Region>& regions) {
  PhysAddr end;
  for (const Region& region : regions)
    if (is_memory(region.kind)) end = std::max(end, region.range.end);
  return end;
}

}  // namespace vmsim::phys
