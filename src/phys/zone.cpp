// SPDX-License-Identifier: MIT
// Requests and references: which zone answers a gfp mask, what a freed page must look like,
// reports. Counterpart: mm/page_alloc.c and mm/swap.c (put_page). The blocks themselves are in
// buddy.cpp.
#include "phys/zone.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/assert.hpp"

namespace vmsim::phys {
namespace {

/// A reclaimer that frees a little each time could keep a request for ever; the kernel bounds it
/// likewise.
constexpr unsigned kReclaimRoundsMax = 16;

constexpr vmsim_gfp_t kZoneBits = VMSIM_GFP_BIT_DMA | VMSIM_GFP_BIT_HIGHMEM | VMSIM_GFP_BIT_DMA32;
constexpr vmsim_gfp_t kUserZeroed = VMSIM_GFP_HIGHUSER_MOVABLE | VMSIM_GFP_BIT_ZERO;

std::array<PfnRange, kZones> zone_spans(Platform platform, Pfn end) {
  const Pfn dma_end(PhysAddr(u64{16} << 20));
  const Pfn dma32_end = platform == Platform::kX86_64 ? Pfn(PhysAddr(u64{4} << 30)) : dma_end;
  const Pfn normal_end = platform == Platform::kX86_64 ? end : Pfn(kLowMemoryEnd);
  const std::array<Pfn, kZones> ends{dma_end, dma32_end, normal_end, end};
  std::array<PfnRange, kZones> spans;
  Pfn start;
  for (unsigned zone = 0; zone < kZones; ++zone) {
    spans[zone] = {start, std::max(start, std::min(ends[zone], end))};
    start = spans[zone].end;
  }
  return spans;
}

u64 square_root(u64 n) {
  u64 root = 0;
  for (u64 bit = u64{1} << 31; bit != 0; bit >>= 1)
    if ((root | bit) * (root | bit) <= n) root |= bit;
  return root;
}

std::string frame_text(Pfn pfn) {
  char text[32];
  std::snprintf(text, sizeof text, "pfn 0x%llx", static_cast<unsigned long long>(pfn.value));
  return text;
}

}  // namespace

const char* zone_name(ZoneKind zone) {
  switch (zone) {
    case ZoneKind::kDma:
      return "DMA";
    case ZoneKind::kDma32:
      return "DMA32";
    case ZoneKind::kNormal:
      return "Normal";
    case ZoneKind::kHighMem:
      return "HighMem";
  }
  return "?";
}

// ---- Boot ----

Zones::Zones(Ram& ram, MemMap& mem_map, base::Probe& probe, const ZonesConfig& config)
    : ram_(ram), mem_map_(mem_map), probe_(probe), config_(config) {}

Result<std::unique_ptr<Zones>> Zones::create(Ram& ram, MemMap& mem_map, base::Probe& probe,
                                             const ZonesConfig& config) {
  VMSIM_ASSERT(mem_map.end().value <= ram.pages(),
               "mem_map describes frames that Ram does not have");
  std::unique_ptr<Zones> zones(new Zones(ram, mem_map, probe, config));
  zones->add_usable();
  zones->set_watermarks();
  if (config.min_free_pages && *config.min_free_pages >= zones->managed_pages())
    return fail(EINVAL, "the reserve of " + std::to_string(*config.min_free_pages) +
                            " pages leaves nothing of " + std::to_string(zones->managed_pages()));
  return zones;
}

void Zones::add_usable() {
  const auto spans = zone_spans(config_.platform, mem_map_.end());
  for (unsigned number = 0; number < kZones; ++number) {
    Zone& zone = zones_[number];
    zone.span = spans[number];
    for (const PfnRange range : mem_map_.usable()) {
      const PfnRange part{std::max(range.start, zone.span.start),
                          std::min(range.end, zone.span.end)};
      if (part.empty()) continue;
      zone.untouched.push_back(part);
      zone.managed += part.size();
    }
    std::reverse(zone.untouched.begin(), zone.untouched.end());
    zone.free = zone.managed;
    if (zone.managed != 0) user_zone_ = number;
  }
}

void Zones::set_watermarks() {
  const u64 high = zones_[index(ZoneKind::kHighMem)].managed;
  const u64 low = managed_pages() - high;
  // The kernel's min_free_kbytes: 4 * sqrt(low memory in KiB), 128 KiB to 256 MiB.
  const u64 kernel_rule = std::clamp<u64>(square_root(low * 4 * 16), 128, 262144) / 4;
  const u64 reserve = config_.min_free_pages.value_or(kernel_rule);
  for (Zone& zone : zones_) zone.watermark_min = low == 0 ? 0 : zone.managed * reserve / low;
  Zone& highmem = zones_[index(ZoneKind::kHighMem)];
  highmem.watermark_min = 0;
  if (!config_.min_free_pages && high != 0)
    highmem.watermark_min = std::clamp<u64>(high / 1024, 32, 128);
}

// ---- Requests ----

std::optional<unsigned> Zones::highest_zone(vmsim_gfp_t gfp) const {
  switch (gfp & kZoneBits) {
    case 0:
      return index(ZoneKind::kNormal);
    case VMSIM_GFP_BIT_DMA:
      return index(ZoneKind::kDma);
    case VMSIM_GFP_BIT_HIGHMEM:
      return index(ZoneKind::kHighMem);
    case VMSIM_GFP_BIT_DMA32:
      // Without a DMA32 zone the kernel makes it NORMAL.
      return index(config_.platform == Platform::kX86_64 ? ZoneKind::kDma32 : ZoneKind::kNormal);
    default:
      return std::nullopt;
  }
}

bool Zones::may_take(const Zone& zone, unsigned order, vmsim_gfp_t gfp) {
  u64 reserve = zone.watermark_min;
  if ((gfp & VMSIM_GFP_BIT_MEMALLOC) != 0 && (gfp & VMSIM_GFP_BIT_NOMEMALLOC) == 0) {
    reserve = 0;
  } else if ((gfp & VMSIM_GFP_BIT_HIGH) != 0) {
    reserve -= reserve / 2;
    if ((gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) == 0) reserve -= reserve / 4;
  }
  // Differs: zones keep no lowmem_reserve for requests that could not have gone higher, so a
  // machine that is full can fill ZONE_DMA with ordinary pages; the kernel keeps a share of it
  // back.
  return zone.free >= reserve + (u64{1} << order);
}

Page* Zones::alloc_pages(vmsim_gfp_t gfp, unsigned order) {
  if (order > kMaxOrder) {
    if ((gfp & VMSIM_GFP_BIT_NOWARN) == 0)
      probe_.finding("alloc-order-too-large",
                     "alloc_pages of order " + std::to_string(order) +
                         ": the largest block is order 10 (4 MiB); the kernel "
                         "warns and returns NULL");
    return nullptr;
  }
  const auto highest = highest_zone(gfp);
  if (!highest) {
    probe_.finding(
        "gfp-zone-conflict",
        "more than one of __GFP_DMA, __GFP_DMA32 and __GFP_HIGHMEM; the kernel calls BUG");
    return nullptr;
  }
  if ((gfp & VMSIM_GFP_BIT_NOFAIL) == 0 && probe_.should_fail("alloc_pages")) return nullptr;
  return alloc_with_reclaim(gfp, order, *highest);
}

Page* Zones::alloc_with_reclaim(vmsim_gfp_t gfp, unsigned order, unsigned highest) {
  std::optional<Pfn> pfn = alloc_from_zones(gfp, order, highest);
  if (!pfn && reclaimer_ != nullptr && !reclaiming_ && (gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) != 0) {
    const unsigned rounds = (gfp & VMSIM_GFP_BIT_NORETRY) != 0 ? 1 : kReclaimRoundsMax;
    for (unsigned round = 0; round < rounds && !pfn; ++round) {
      reclaiming_ = true;
      const u64 freed = reclaimer_->reclaim(u64{1} << order, gfp);
      reclaiming_ = false;
      if (freed == 0) break;
      pfn = alloc_from_zones(gfp, order, highest);
    }
  }
  if (!pfn && (gfp & VMSIM_GFP_BIT_NOFAIL) != 0) {
    pfn = alloc_from_zones(gfp | VMSIM_GFP_BIT_MEMALLOC, order, highest);
    // Differs: with nothing left at all, __GFP_NOFAIL returns NULL with a Finding; the kernel
    // retries for ever.
    if (!pfn)
      probe_.finding("nofail-exhausted",
                     "__GFP_NOFAIL with no memory left; the kernel would never return");
  }
  return pfn ? prepare(*pfn, order, gfp) : nullptr;
}

std::optional<Pfn> Zones::alloc_from_zones(vmsim_gfp_t gfp, unsigned order, unsigned highest) {
  for (unsigned zone = highest + 1; zone-- > 0;) {
    if (!may_take(zones_[zone], order, gfp)) continue;
    if (const auto pfn = alloc_from(zone, gfp, order)) {
      zones_[zone].free -= u64{1} << order;
      return pfn;
    }
  }
  return std::nullopt;
}

std::optional<Pfn> Zones::alloc_from(unsigned number, vmsim_gfp_t gfp, unsigned order) {
  Zone& zone = zones_[number];
  if (order > 0) {
    if (const auto pfn = take_block(zone, order)) return pfn;
    drain_zone(number);
    return take_block(zone, order);
  }
  const Use use = (gfp & VMSIM_GFP_BIT_MOVABLE) != 0 ? Use::kUser : Use::kKernel;
  Run& run = cpus_[0].runs[number][static_cast<unsigned>(use)];
  if (run.empty() && !refill(zone, run, use)) {
    // What is left is in the other run.
    drain_zone(number);
    if (!refill(zone, run, use)) return std::nullopt;
  }
  const Pfn pfn = run.next;
  run.next = pfn + 1;
  return pfn;
}

Page* Zones::alloc_user_page_slow() {
  Page* page = alloc_with_reclaim(kUserZeroed, 0, index(ZoneKind::kHighMem));
  if (page != nullptr) set_kind(page, PageKind::kAnon);
  return page;
}

Page* Zones::prepare(Pfn pfn, unsigned order, vmsim_gfp_t gfp) {
  Page* head = mem_map_.page(pfn);
  for (u64 i = 0; i < u64{1} << order; ++i) {
    FrameState& state = mem_map_.state(pfn + i);
    if ((gfp & VMSIM_GFP_BIT_ZERO) != 0 && !state.known_zero())
      std::memset(ram_.host(pfn + i), 0, kPageSize);
    state.set_block(i == 0 ? BlockState::kAllocatedHead : BlockState::kAllocatedTail,
                    i == 0 ? order : 0);
    state.set_kind(PageKind::kKernel);
    state.set_unknown();  // the new owner may write at any time
  }
  head->_refcount.counter = 1;
  if ((gfp & VMSIM_GFP_BIT_COMP) != 0 && order > 0) {
    head->flags |= 1ul << PG_head;
    for (u64 i = 1; i < u64{1} << order; ++i)
      head[i].compound_head = reinterpret_cast<unsigned long>(head) | 1;
    head[1].compound_order = order;
  }
  probe_.emit(EventKind::kPageAlloc, pfn.value, order);
  return head;
}

// ---- References and freeing ----

bool Zones::is_page(const Page* page, const char* verb) {
  if (mem_map_.contains(page)) return true;
  probe_.finding("not-a-struct-page",
                 std::string(verb) + " of a pointer that is no element of mem_map");
  return false;
}

bool Zones::is_block(const Page* page, unsigned order, const char* verb) {
  if (!is_page(page, verb)) return false;
  const Pfn pfn = mem_map_.pfn(page);
  const FrameState state = mem_map_.state(pfn);
  const std::string what = std::string(verb) + " of " + frame_text(pfn);
  switch (state.block()) {
    case BlockState::kAllocatedHead:
      if (page->_refcount.counter <= 0) break;
      if (state.order() == order) return true;
      probe_.finding("free-wrong-order", what + " with order " + std::to_string(order) +
                                             ", allocated with order " +
                                             std::to_string(state.order()) +
                                             "; the kernel's free lists would be corrupted");
      return false;
    case BlockState::kAllocatedTail:
      probe_.finding("free-wrong-order",
                     what + ", which is inside a larger block, not its first page");
      return false;
    default:
      if (state.kind() != PageKind::kReserved) break;
      probe_.finding("free-reserved-page", what + ", which is reserved and was never allocated");
      return false;
  }
  probe_.finding("double-free-page", what + ", which is free already" + last_freed(pfn));
  return false;
}

const Zones::Departed* Zones::departed(Pfn pfn) const {
  const u64 known = std::min<u64>(departures_, departed_.size());
  for (u64 back = 1; back <= known; ++back) {
    const Departed& d = departed_[(departures_ - back) % departed_.size()];
    if (pfn.value - d.pfn.value < d.pages) return &d;
  }
  return nullptr;
}

bool Zones::freed_by_driver(Pfn pfn) const {
  const Departed* const d = departed(pfn);
  return d != nullptr && d->call != nullptr;
}

/// ": freed at status.c:99 in do_bug [status]"; empty when it is not remembered.
std::string Zones::last_freed(Pfn pfn) const {
  const Departed* const d = departed(pfn);
  if (d == nullptr) return {};
  const bool of_driver = d->kind == PageKind::kKernel || d->kind == PageKind::kDriver;
  if (d->call == nullptr && of_driver)
    return ": its last reference went when a mapping of it was removed; was get_page() forgotten by "
           "the handler that returned it?";
  const std::string place = probe_.places().of_call(d->call);
  return place.empty() ? place : ": freed at " + place;
}

std::string Zones::free_page_text(Pfn pfn) const {
  return frame_text(pfn) + ", a free page" + last_freed(pfn);
}

void Zones::free_pages(Page* page, unsigned order) {
  if (page == nullptr) return;
  if (!is_block(page, order, "free_pages")) return;
  const Pfn pfn = mem_map_.pfn(page);
  if (--page->_refcount.counter == 0) {
    release(pfn, order);
  } else if (order > 0 && !is_head(page)) {
    // Somebody still holds the first page: as in the kernel, only the others are freed now.
    break_up(pfn, order);
    for (u64 i = 1; i < u64{1} << order; ++i) free_last_reference(mem_map_.page(pfn + i));
  }
}

void Zones::break_up(Pfn pfn, unsigned order) {
  const PageKind kind = mem_map_.state(pfn).kind();
  for (u64 i = 0; i < u64{1} << order; ++i) {
    mem_map_.state(pfn + i).set_block(BlockState::kAllocatedHead, 0);
    mem_map_.state(pfn + i).set_kind(kind);
  }
}

void Zones::split_page(Page* page, unsigned order) {
  if (!is_block(page, order, "split_page")) return;
  if (is_head(page)) {
    probe_.finding(
        "split-compound-page",
        "split_page of compound " + frame_text(mem_map_.pfn(page)) + "; the kernel calls BUG");
    return;
  }
  break_up(mem_map_.pfn(page), order);
  for (u64 i = 1; i < u64{1} << order; ++i) page[i]._refcount.counter = 1;
}

void Zones::get_page(Page* page) {
  if (!is_page(page, "get_page")) return;
  page = compound_head(page);
  const Pfn pfn = mem_map_.pfn(page);
  if (page->_refcount.counter <= 0 && mem_map_.state(pfn).block() != BlockState::kAllocatedTail) {
    probe_.finding("get-page-of-free", "get_page of " + frame_text(pfn) + ", which nobody holds" + last_freed(pfn));
    return;
  }
  ++page->_refcount.counter;
}

void Zones::put_page(Page* page) {
  if (!is_page(page, "put_page")) return;
  page = compound_head(page);
  if (page->_refcount.counter <= 0) {
    const Pfn pfn = mem_map_.pfn(page);
    probe_.finding("page-refcount-underflow",
                   "put_page of " + frame_text(pfn) + ", which has no reference to drop" + last_freed(pfn));
    return;
  }
  if (--page->_refcount.counter == 0) free_last_reference(page);
}

int Zones::page_count(const Page* page) const {
  VMSIM_DEBUG_ASSERT(mem_map_.contains(page), "a struct page is an element of mem_map");
  return compound_head(const_cast<Page*>(page))->_refcount.counter;
}

void Zones::free_last_reference(Page* page) {
  const Pfn pfn = mem_map_.pfn(page);
  const FrameState state = mem_map_.state(pfn);
  if (state.block() == BlockState::kAllocatedHead) {
    release(pfn, state.order());
  } else if (state.block() == BlockState::kAllocatedTail) {
    probe_.finding("free-block-part", "the last put_page of " + frame_text(pfn) +
                                          ", which is inside a larger block without __GFP_COMP; "
                                          "the kernel frees it under its owner");
  } else {
    probe_.finding("free-reserved-page",
                   "the last reference of reserved " + frame_text(pfn) + " is gone");
  }
}

/// The kernel's free_pages_check(): such a page is never given out again ("Bad page state").
bool Zones::is_in_use(Pfn pfn, unsigned order) {
  const Page* head = mem_map_.page(pfn);
  const char* rule = nullptr;
  for (u64 i = 0; i < u64{1} << order && rule == nullptr; ++i) {
    const Page& page = head[i];
    if (page._mapcount.counter != 0)
      rule = "free-mapped-page";
    else if (page._refcount.counter != 0)
      rule = "free-referenced-page";
    else if ((page.flags >> PG_locked & 1) != 0)
      rule = "free-locked-page";
    else if (is_reserved(&page))
      rule = "free-reserved-page";
    if (rule != nullptr)
      probe_.finding(rule, "bad page state at " + frame_text(pfn + i) + ": mapcount " +
                               std::to_string(page._mapcount.counter) + ", references " +
                               std::to_string(page._refcount.counter) +
                               "; as in the kernel the block is not given out again");
  }
  return rule != nullptr;
}

void Zones::release(Pfn pfn, unsigned order) {
  if (is_in_use(pfn, order)) return;
  const u64 pages = u64{1} << order;
  departed_[departures_++ % departed_.size()] = {pfn, pages, probe_.places().caller(),
                                                 mem_map_.state(pfn).kind()};
  for (u64 i = 0; i < pages; ++i) {
    FrameState& state = mem_map_.state(pfn + i);
    state.set_block(BlockState::kNone, 0);
    state.set_kind(PageKind::kFree);
  }
  // Free pages are all zero: that is what a page never touched looks like, and allocation relies on
  // it.
  std::memset(static_cast<void*>(mem_map_.page(pfn)), 0, pages * sizeof(Page));
  if (config_.junk_fill) std::memset(ram_.host(pfn), kJunkByte, pages << kPageShift);
  Zone& zone = zone_at(pfn);
  zone.free += pages;
  free_block(zone, pfn, order);
  probe_.emit(EventKind::kPageFree, pfn.value, order);
}

// ---- Reports ----

ZoneKind Zones::zone_of(Pfn pfn) const {
  for (unsigned zone = 0; zone + 1 < kZones; ++zone)
    if (pfn < zones_[zone].span.end) return static_cast<ZoneKind>(zone);
  return ZoneKind::kHighMem;
}

u64 Zones::free_pages_count() const {
  u64 sum = 0;
  for (const Zone& zone : zones_) sum += zone.free;
  return sum;
}

u64 Zones::managed_pages() const {
  u64 sum = 0;
  for (const Zone& zone : zones_) sum += zone.managed;
  return sum;
}

std::vector<AllocatedBlock> Zones::allocated_blocks() const {
  std::vector<PfnRange> untouched;
  for (const Zone& zone : zones_)
    untouched.insert(untouched.end(), zone.untouched.rbegin(), zone.untouched.rend());
  std::vector<AllocatedBlock> blocks;
  auto skip = untouched.begin();
  for (const PfnRange range : mem_map_.usable())
    for (Pfn pfn = range.start; pfn < range.end;) {
      while (skip != untouched.end() && skip->end <= pfn) ++skip;
      if (skip != untouched.end() && skip->contains(pfn)) {
        pfn = skip->end;
        continue;
      }
      const FrameState state = mem_map_.state(pfn);
      if (state.block() == BlockState::kAllocatedHead)
        blocks.push_back({pfn, state.order(), state.kind(), mem_map_.page(pfn)->_refcount.counter});
      pfn = pfn + (u64{1} << state.order());
    }
  return blocks;
}

}  // namespace vmsim::phys
