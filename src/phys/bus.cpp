// SPDX-License-Identifier: MIT
// Address decoding and transport. Counterpart: kernel/resource.c and the chipset.
// The only translation unit that includes Boost.ICL: an interval map from physical addresses to
// regions.
#include "phys/bus.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <unordered_set>

#include <boost/icl/interval_map.hpp>
#include <boost/icl/right_open_interval.hpp>

#include "base/assert.hpp"

namespace vmsim::phys {
namespace {

namespace icl = boost::icl;
using Interval = icl::right_open_interval<u64>;
// The mapped value is a slot number + 1, because ICL drops entries whose value is 0.
using SlotMap = icl::interval_map<u64, std::size_t, icl::partial_absorber, std::less,
                                  icl::inplace_plus, icl::inter_section, Interval>;

/// Addresses in holes that are remembered for "once per address"; a scan of all memory must not eat
/// the host's.
constexpr std::size_t kReportedHolesMax = 4096;

u64 all_ones(unsigned width) {
  return width == 8 ? ~u64{0} : (u64{1} << width * 8) - 1;
}

u64 load_bytes(const std::byte* from, unsigned width) {
  u64 value = 0;
  __builtin_memcpy(&value, from, width);
  return value;
}

/// The largest naturally aligned access that starts at the address and is no wider than `left`
/// bytes.
unsigned piece_width(PhysAddr pa, unsigned left) {
  const u64 alignment = pa.value == 0 ? 8 : pa.value & (~pa.value + 1);
  return static_cast<unsigned>(std::min<u64>(alignment, std::bit_floor(left)));
}

}  // namespace

static_assert(std::endian::native == std::endian::little,
              "simulated RAM holds little endian values");

/// Two layers: what is in effect (devices over memory), and the memory that shows again when a
/// device leaves.
struct Bus::Decoder {
  std::vector<std::unique_ptr<Region>> slots;
  SlotMap effective;
  std::vector<std::size_t> memory;  // slots of the RAM layer, in address order
  std::unordered_set<u64> reported_holes;

  std::size_t add_slot(Region region) {
    const auto free_slot = std::find(slots.begin(), slots.end(), nullptr);
    const auto slot = static_cast<std::size_t>(free_slot - slots.begin());
    if (free_slot == slots.end()) slots.emplace_back();
    slots[slot] = std::make_unique<Region>(std::move(region));
    show(slot, slots[slot]->range);
    return slot;
  }

  void show(std::size_t slot, PhysRange range) {
    effective.set({Interval(range.start.value, range.end.value), slot + 1});
  }

  /// Takes a device's slot away and shows the memory below it.
  void remove_slot(std::size_t slot) {
    const PhysRange range = slots[slot]->range;
    effective.erase(Interval(range.start.value, range.end.value));
    for (const std::size_t below : memory) {
      const PhysRange part{std::max(range.start, slots[below]->range.start),
                           std::min(range.end, slots[below]->range.end)};
      if (!part.empty()) show(below, part);
    }
    slots[slot].reset();
  }
};

Bus::Bus(Ram& ram, base::Probe& probe, unsigned address_bits)
    : ram_(ram),
      probe_(probe),
      address_bits_(address_bits),
      decoder_(std::make_unique<Decoder>()) {}

Bus::~Bus() = default;

Result<std::unique_ptr<Bus>> Bus::create(Ram& ram, base::Probe& probe, std::vector<Region> regions,
                                         unsigned address_bits) {
  VMSIM_ASSERT(address_bits < 64, "no machine has 64 bits of physical address");
  VMSIM_CHECK(check_layout(regions, address_bits));
  VMSIM_ASSERT(ram_end(regions).value <= ram.size_bytes(),
               "the layout has RAM beyond the end of Ram");
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.range.start < b.range.start; });
  std::unique_ptr<Bus> bus(new Bus(ram, probe, address_bits));
  std::vector<PhysRange> plain;
  for (Region& region : regions) {
    const RegionKind kind = region.kind;
    if (kind == RegionKind::kHole) continue;
    if (kind == RegionKind::kRam) plain.push_back(region.range);
    const std::size_t slot = bus->decoder_->add_slot(std::move(region));
    if (kind != RegionKind::kDevice) bus->decoder_->memory.push_back(slot);
  }
  std::sort(plain.begin(), plain.end(),
            [](const PhysRange& a, const PhysRange& b) { return a.size() > b.size(); });
  bus->ram_low_ = plain[0];
  if (plain.size() > 1) bus->ram_high_ = plain[1];
  return bus;
}

Decoded Bus::decode(PhysAddr pa) const {
  if (last_hit_.range.contains(pa)) {
    Decoded hit = last_hit_;
    hit.offset += pa - hit.range.start;
    return hit;
  }
  const PhysAddr limit(u64{1} << address_bits_);
  if (pa >= limit) return {RegionKind::kHole, nullptr, pa - limit, "", {limit, PhysAddr(~u64{0})}};
  const SlotMap& map = decoder_->effective;
  const auto found = map.find(pa.value);
  if (found == map.end()) {
    Decoded hole;
    hole.range = {PhysAddr(0), limit};
    const auto next = map.lower_bound(Interval(pa.value, pa.value + 1));
    if (next != map.end()) hole.range.end = PhysAddr(next->first.lower());
    if (next != map.begin()) hole.range.start = PhysAddr(std::prev(next)->first.upper());
    hole.offset = pa - hole.range.start;
    return hole;
  }
  const Region& region = *decoder_->slots[found->second - 1];
  Decoded hit{region.kind,
              region.device,
              found->first.lower() - region.range.start.value,
              region.name.c_str(),
              {PhysAddr(found->first.lower()), PhysAddr(found->first.upper())}};
  last_hit_ = hit;
  hit.offset += pa - hit.range.start;
  return hit;
}

u64 Bus::read(PhysAddr pa, unsigned width) {
  VMSIM_ASSERT(std::has_single_bit(width) && width <= 8,
               "bus accesses are 1, 2, 4 or 8 bytes wide");
  if (in_plain_ram(pa, width)) [[likely]]
    return load_bytes(ram_.host(pa), width);
  u64 value = 0;
  for (unsigned done = 0; done < width;) {
    const unsigned piece = piece_width(pa + done, width - done);
    value |= read_piece(pa + done, piece) << done * 8;
    done += piece;
  }
  return value;
}

void Bus::write(PhysAddr pa, unsigned width, u64 value) {
  VMSIM_ASSERT(std::has_single_bit(width) && width <= 8,
               "bus accesses are 1, 2, 4 or 8 bytes wide");
  if (in_plain_ram(pa, width)) [[likely]] {
    __builtin_memcpy(ram_.host(pa), &value, width);
    return;
  }
  for (unsigned done = 0; done < width;) {
    const unsigned piece = piece_width(pa + done, width - done);
    write_piece(pa + done, piece, value >> done * 8 & all_ones(piece));
    done += piece;
  }
}

u64 Bus::read_piece(PhysAddr pa, unsigned width) {
  const Decoded at = decode(pa);
  if (at.is_memory()) return load_bytes(ram_.host(pa), width);
  if (at.kind == RegionKind::kHole) {
    ++hole_reads_;
    report_hole(pa, width, "read");
    return all_ones(width);
  }
  const u64 value = at.device->read(at.offset, width) & all_ones(width);
  probe_.emit(EventKind::kMmioRead, pa.value, width, value, 0, at.name);
  return value;
}

void Bus::write_piece(PhysAddr pa, unsigned width, u64 value) {
  const Decoded at = decode(pa);
  if (at.is_memory()) {
    __builtin_memcpy(ram_.host(pa), &value, width);
  } else if (at.kind == RegionKind::kHole) {
    ++hole_writes_;
    report_hole(pa, width, "write");
  } else {
    // Before the device acts, so that an interrupt it raises comes after its cause.
    probe_.emit(EventKind::kMmioWrite, pa.value, width, value, 0, at.name);
    at.device->write(at.offset, width, value);
  }
}

void Bus::report_hole(PhysAddr pa, unsigned width, const char* verb) {
  auto& reported = decoder_->reported_holes;
  if (reported.size() >= kReportedHolesMax || !reported.insert(pa.value).second) return;
  char text[160];
  std::snprintf(
      text, sizeof text,
      "%u-byte %s at physical 0x%llx, where nothing answers: reads give all ones, writes are lost",
      width, verb, static_cast<unsigned long long>(pa.value));
  probe_.finding("bus-hole", text);
}

bool Bus::is_memory(PhysRange range) const {
  PhysAddr at = range.start;
  while (at < range.end) {
    const Decoded part = decode(at);
    if (!part.is_memory()) return false;
    at = part.range.end;
  }
  return true;
}

Result<void> Bus::add_device(PhysRange range, MmioDevice& device, std::string name) {
  const std::string where = name + " at " + range_text(range);
  if (range.empty() || range.start.value % 8 != 0 || range.end.value % 8 != 0)
    return fail(EINVAL, "device " + where + ": the range must be a multiple of 8 bytes");
  if ((range.end.value - 1) >> address_bits_ != 0)
    return fail(ERANGE, "device " + where + " does not fit in " + std::to_string(address_bits_) +
                            " bits of physical address");
  const auto [first, last] =
      decoder_->effective.equal_range(Interval(range.start.value, range.end.value));
  for (auto it = first; it != last; ++it) {
    const Region& other = *decoder_->slots[it->second - 1];
    if (other.kind == RegionKind::kRam || other.kind == RegionKind::kDevice)
      return fail(EBUSY,
                  "device " + where + " overlaps " + other.name + " " + range_text(other.range));
  }
  decoder_->add_slot({range, RegionKind::kDevice, std::move(name), &device});
  last_hit_ = {};
  return {};
}

Result<void> Bus::remove_device(const MmioDevice& device) {
  bool found = false;
  for (std::size_t slot = 0; slot < decoder_->slots.size(); ++slot) {
    if (decoder_->slots[slot] == nullptr || decoder_->slots[slot]->device != &device) continue;
    decoder_->remove_slot(slot);
    found = true;
  }
  last_hit_ = {};
  if (!found) return fail(ENODEV, "the device is not on the bus");
  return {};
}

std::vector<Region> Bus::regions() const {
  std::vector<Region> list;
  for (const auto& [interval, slot] : decoder_->effective) {
    list.push_back(*decoder_->slots[slot - 1]);
    list.back().range = {PhysAddr(interval.lower()), PhysAddr(interval.upper())};
  }
  return list;
}

std::string Bus::iomem_text() const {
  std::string text;
  for (const Region& region : regions()) {
    char line[64];
    std::snprintf(line, sizeof line,
                  "%08llx-%08llx : ", static_cast<unsigned long long>(region.range.start.value),
                  static_cast<unsigned long long>(region.range.end.value - 1));
    text += line + region.name + "\n";
  }
  return text;
}

}  // namespace vmsim::phys
