// SPDX-License-Identifier: MIT
// Blocks of 2^order frames: carving, splitting, joining, and the runs that single pages come from.
// Counterpart: __rmqueue, expand, __free_one_page and the per-CPU lists of mm/page_alloc.c. Part of
// Zones.
#include <algorithm>
#include <bit>
#include <cstdio>

#include "base/assert.hpp"
#include "phys/zone.hpp"

namespace vmsim::phys {
namespace {

constexpr unsigned kUserRunOrder = kMaxOrder;  // long runs let host mappings of user memory merge
constexpr unsigned kKernelRunOrder = 5;
/// With more than this lying free in the lists, fragments are used up before memory that was never
/// touched.
constexpr u64 kFragmentPagesMax = 4096;
/// Smaller free blocks are not worth a system call.
constexpr unsigned kTrimOrder = 4;

/// The order of the largest aligned block that starts a range.
unsigned first_block_order(PfnRange range) {
  const unsigned by_size = static_cast<unsigned>(std::bit_width(range.size())) - 1;
  const unsigned by_start = static_cast<unsigned>(std::countr_zero(range.start.value));
  return std::min({by_size, by_start, kMaxOrder});
}

}  // namespace

void Zones::link(Zone& zone, Pfn pfn, unsigned order) {
  mem_map_.state(pfn).set_block(BlockState::kFreeHead, order);
  zone.lists[order].push_front(*mem_map_.page(pfn));
  ++zone.blocks[order];
  zone.listed += u64{1} << order;
}

void Zones::unlink(Zone& zone, Pfn pfn, unsigned order) {
  Page* page = mem_map_.page(pfn);
  zone.lists[order].erase(PageList::s_iterator_to(*page));
  page->lru = {};
  mem_map_.state(pfn).set_block(BlockState::kNone, 0);
  --zone.blocks[order];
  zone.listed -= u64{1} << order;
}

void Zones::free_block(Zone& zone, Pfn pfn, unsigned order) {
  for (; order < kMaxOrder; ++order) {
    const Pfn buddy(pfn.value ^ (u64{1} << order));
    if (!zone.span.contains(buddy)) break;
    const FrameState state = mem_map_.state(buddy);
    if (state.block() != BlockState::kFreeHead || state.order() != order) break;
    unlink(zone, buddy, order);
    pfn = std::min(pfn, buddy);
  }
  link(zone, pfn, order);
}

void Zones::free_range(Zone& zone, PfnRange range) {
  while (!range.empty()) {
    const unsigned order = first_block_order(range);
    free_block(zone, range.start, order);
    range.start = range.start + (u64{1} << order);
  }
}

bool Zones::carve(Zone& zone) {
  if (zone.untouched.empty()) return false;
  PfnRange& tail = zone.untouched.back();
  const unsigned order = first_block_order(tail);
  link(zone, tail.start, order);
  tail.start = tail.start + (u64{1} << order);
  if (tail.empty()) zone.untouched.pop_back();
  return true;
}

std::optional<Pfn> Zones::pop_block(Zone& zone, unsigned order) {
  unsigned from = order;
  while (from <= kMaxOrder && zone.lists[from].empty()) ++from;
  if (from > kMaxOrder) return std::nullopt;
  const Pfn pfn = mem_map_.pfn(&zone.lists[from].front());
  unlink(zone, pfn, from);
  // Give back the upper halves, so that the next request of this order gets the neighbour.
  while (from > order) {
    --from;
    link(zone, pfn + (u64{1} << from), from);
  }
  return pfn;
}

std::optional<Pfn> Zones::take_block(Zone& zone, unsigned order) {
  for (;;) {
    if (const auto pfn = pop_block(zone, order)) return pfn;
    if (!carve(zone)) return std::nullopt;
  }
}

bool Zones::refill(Zone& zone, Run& run, Use use) {
  VMSIM_DEBUG_ASSERT(run.empty(), "a run is used up before the next one is taken");
  unsigned order = use == Use::kUser ? kUserRunOrder : kKernelRunOrder;
  std::optional<Pfn> pfn = pop_block(zone, order);
  if (!pfn && zone.listed <= kFragmentPagesMax) pfn = take_block(zone, order);
  while (!pfn && order > 0) pfn = pop_block(zone, --order);
  if (!pfn) {
    // Fragments were preferred and there are none after all; or the zone is empty.
    pfn = take_block(zone, order);
    if (!pfn) return false;
  }
  run = {*pfn, *pfn + (u64{1} << order)};
  return true;
}

void Zones::drain_zone(unsigned zone) {
  for (CpuRuns& cpu : cpus_)
    for (Run& run : cpu.runs[zone]) {
      free_range(zones_[zone], {run.next, run.end});
      run = {};
    }
}

void Zones::drain_runs() {
  for (unsigned zone = 0; zone < kZones; ++zone) drain_zone(zone);
}

u64 Zones::trim() {
  drain_runs();
  u64 trimmed = 0;
  for (Zone& zone : zones_)
    for (unsigned order = kTrimOrder; order <= kMaxOrder; ++order)
      for (const Page& head : zone.lists[order]) {
        const PfnRange block{mem_map_.pfn(&head), mem_map_.pfn(&head) + (u64{1} << order)};
        u64 used = 0;
        for (Pfn pfn = block.start; pfn < block.end; pfn = pfn + 1)
          used += mem_map_.state(pfn).known_zero() ? 0 : 1;
        if (used == 0 || !ram_.discard(block)) continue;
        for (Pfn pfn = block.start; pfn < block.end; pfn = pfn + 1)
          mem_map_.state(pfn).set_known_zero();
        trimmed += used;
      }
  return trimmed;
}

void Zones::validate_zone(unsigned number) const {
  const Zone& zone = zones_[number];
  u64 listed = 0;
  for (unsigned order = 0; order <= kMaxOrder; ++order) {
    u64 blocks = 0;
    for (const Page& head : zone.lists[order]) {
      const Pfn pfn = mem_map_.pfn(&head);
      const FrameState state = mem_map_.state(pfn);
      VMSIM_ASSERT(state.block() == BlockState::kFreeHead && state.order() == order,
                   "a listed block must be marked free with its order");
      VMSIM_ASSERT(pfn.value % (u64{1} << order) == 0, "a block must be aligned to its size");
      VMSIM_ASSERT(zone.span.contains(PfnRange{pfn, pfn + (u64{1} << order)}),
                   "a block must lie in its zone");
      VMSIM_ASSERT(head._refcount.counter == 0, "a free page must have no references");
      ++blocks;
    }
    VMSIM_ASSERT(blocks == zone.blocks[order], "the block count of an order is wrong");
    listed += blocks << order;
  }
  VMSIM_ASSERT(listed == zone.listed, "the count of listed frames is wrong");
  u64 elsewhere = 0;
  for (const PfnRange range : zone.untouched) elsewhere += range.size();
  for (const CpuRuns& cpu : cpus_)
    for (const Run& run : cpu.runs[number]) elsewhere += run.end - run.next;
  VMSIM_ASSERT(listed + elsewhere == zone.free, "the count of free frames is wrong");
}

void Zones::validate() const {
  for (unsigned zone = 0; zone < kZones; ++zone) validate_zone(zone);
}

std::string Zones::buddyinfo_text() const {
  std::string text;
  for (unsigned number = 0; number < kZones; ++number) {
    const Zone& zone = zones_[number];
    if (zone.managed == 0) continue;
    std::array<u64, kMaxOrder + 1> blocks = zone.blocks;
    for (PfnRange range : zone.untouched)
      while (!range.empty()) {
        const unsigned order = first_block_order(range);
        // All but the ends of a range are largest blocks; a terabyte has too many to count one by
        // one.
        const u64 count = order == kMaxOrder ? range.size() >> kMaxOrder : 1;
        blocks[order] += count;
        range.start = range.start + (count << order);
      }
    char field[48];
    std::snprintf(field, sizeof field, "Node 0, zone %8s ",
                  zone_name(static_cast<ZoneKind>(number)));
    text += field;
    for (const u64 count : blocks) {
      std::snprintf(field, sizeof field, "%6llu ", static_cast<unsigned long long>(count));
      text += field;
    }
    text += '\n';
  }
  return text;
}

}  // namespace vmsim::phys
