// SPDX-License-Identifier: MIT
// Zones and the buddy allocator: who may have which frame. Counterpart: mm/page_alloc.c.
// Leaves out: NUMA, migration, compaction, lowmem_reserve between zones (a full NORMAL spills into
// DMA freely). Consecutive single pages are neighbours in ascending order, so that host mappings of
// them merge. Core rooms only.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vmsim/kapi/vmsim/gfp_types.h"

#include "base/probe.hpp"
#include "phys/mem_map.hpp"
#include "phys/page_list.hpp"
#include "phys/ram.hpp"

namespace vmsim::phys {

enum class ZoneKind : u8 { kDma, kDma32, kNormal, kHighMem };

inline constexpr unsigned kZones = 4;
/// Orders are 0..10: the largest block is 4 MiB.
inline constexpr unsigned kMaxOrder = 10;
/// What junk-filled frames contain: the kernel's POISON_FREE.
inline constexpr u8 kJunkByte = 0x6b;

/// "DMA", "DMA32", "Normal", "HighMem" as /proc/buddyinfo spells them.
const char* zone_name(ZoneKind zone);

struct ZonesConfig {
  Platform platform = Platform::kX86_64;
#if defined(NDEBUG) && !defined(VMSIM_CHECKED)
  bool junk_fill = false;
#else
  bool junk_fill = true;  ///< freed frames are filled with kJunkByte
#endif
  /// Frames over all zones that only GFP_ATOMIC and the like may use; nothing: the kernel's rule
  /// (min_free_kbytes).
  std::optional<u64> min_free_pages;
};

/// Frees memory when the allocator has none. Lives above (mm), hence an interface.
class Reclaimer {
 public:
  virtual ~Reclaimer() = default;
  /// Called only for requests that may sleep. Returns the number of pages freed; 0 ends the
  /// attempts.
  virtual u64 reclaim(u64 pages_wanted, vmsim_gfp_t gfp) = 0;
};

/// One allocated block, for ledgers and leak reports.
struct AllocatedBlock {
  Pfn pfn;
  unsigned order = 0;
  PageKind kind = PageKind::kKernel;
  int refcount = 0;
};

/// A frame is: unmanaged (reserved) | untouched (in a zone's tail, never linked) | in a free block
/// | in a run of a CPU | allocated. All but the first and last count as free, and free + allocated
/// == managed at any time.
///
///   zone  |#### #  ## ###  |> run >|  ####|............ untouched tail ............|
///                                          carved into blocks from the left on demand
///
/// Thread safety: none; the caller holds the simulated CPU. Runs are per CPU in shape, with one CPU
/// for now.
class Zones {
 public:
  /// All references must outlive the zones.
  static Result<std::unique_ptr<Zones>> create(Ram& ram, MemMap& mem_map, base::Probe& probe,
                                               const ZonesConfig& config = {});
  Zones(const Zones&) = delete;
  Zones& operator=(const Zones&) = delete;

  /// 2^order neighbouring frames, the head with one reference. nullptr: none to be had, or made to
  /// fail.
  Page* alloc_pages(vmsim_gfp_t gfp, unsigned order);

  Page* alloc_page(vmsim_gfp_t gfp) { return alloc_pages(gfp, 0); }

  /// A zeroed page for user memory (GFP_HIGHUSER_MOVABLE | __GFP_ZERO), kind kAnon. The fault path:
  /// a few ns.
  Page* alloc_user_page_zeroed();

  /// __free_pages(): drops one reference; the last one frees. A second free, a page that is not
  /// allocated and a wrong order are Findings ("double-free-page", "free-wrong-order") and change
  /// nothing.
  void free_pages(Page* page, unsigned order);

  void free_page(Page* page) { free_pages(page, 0); }

  /// Turns a block into 2^order single pages, each with one reference (split_page). Pre: not
  /// compound.
  void split_page(Page* page, unsigned order);

  void get_page(Page* page);
  /// Dropping a reference that is not there is a Finding "page-refcount-underflow".
  void put_page(Page* page);
  int page_count(const Page* page) const;
  /// "pfn 0x1004, a free page (freed at status.c:25 in status_fault [status])".
  std::string free_page_text(Pfn pfn) const;
  /// A driver has freed it not long ago.
  bool freed_by_driver(Pfn pfn) const;

  void set_kind(Page* page, PageKind kind) const { mem_map_.set_kind(page, kind); }

  PageKind kind(const Page* page) const { return mem_map_.kind(page); }

  ZoneKind zone_of(Pfn pfn) const;
  /// Exact at any time; frames waiting in runs count as free.
  u64 free_pages_count() const;

  u64 free_pages_count(ZoneKind zone) const { return zones_[index(zone)].free; }

  u64 managed_pages() const;

  u64 managed_pages(ZoneKind zone) const { return zones_[index(zone)].managed; }

  u64 allocated_pages() const { return managed_pages() - free_pages_count(); }

  /// The reserve of a zone: ordinary requests leave this many frames free.
  u64 min_watermark(ZoneKind zone) const { return zones_[index(zone)].watermark_min; }

  /// Every allocated block in address order. Walks what was ever touched, so it may be slow.
  std::vector<AllocatedBlock> allocated_blocks() const;
  /// As /proc/buddyinfo: free blocks per order; untouched memory counts as the blocks it will be
  /// carved into.
  std::string buddyinfo_text() const;

  /// Puts cached runs back into the lists (drain_all_pages).
  void drain_runs();
  /// Gives free, once used memory back to the host; it is known to be zero again. Returns the
  /// number of frames.
  u64 trim();

  /// nullptr removes it.
  void set_reclaimer(Reclaimer* reclaimer) { reclaimer_ = reclaimer; }

  /// Walks every list and aborts where it contradicts the frame states. For tests and expensive
  /// checks.
  void validate() const;

  MemMap& mem_map() const { return mem_map_; }

  Ram& ram() const { return ram_; }

 private:
  /// Frames [next, end) taken out of the lists, to be given out one by one.
  struct Run {
    Pfn next;
    Pfn end;

    bool empty() const { return next == end; }
  };
  /// Kernel pages must not be strewn among user pages, or neither would form runs.
  enum class Use : u8 { kUser, kKernel };

  struct Zone {
    PfnRange span;
    u64 managed = 0;
    u64 free = 0;
    u64 watermark_min = 0;
    u64 listed = 0;                   // frames in lists (free = untouched + listed + runs)
    std::vector<PfnRange> untouched;  // descending, so that the next one to carve is at the back
    std::array<PageList, kMaxOrder + 1> lists;
    std::array<u64, kMaxOrder + 1> blocks{};  // lengths of lists
  };

  struct CpuRuns {
    std::array<std::array<Run, 2>, kZones> runs;
  };

  /// A block that was freed not long ago: what a second free of it is told about the first.
  struct Departed {
    Pfn pfn;
    u64 pages = 0;
    const void* call = nullptr;  // nullptr: no driver freed it
    PageKind kind = PageKind::kFree;
  };

  static constexpr unsigned index(ZoneKind zone) { return static_cast<unsigned>(zone); }

  Zones(Ram& ram, MemMap& mem_map, base::Probe& probe, const ZonesConfig& config);
  void add_usable();
  void set_watermarks();

  Zone& zone_at(Pfn pfn) { return zones_[index(zone_of(pfn))]; }

  // zone.cpp: requests, references, reports
  std::optional<unsigned> highest_zone(vmsim_gfp_t gfp) const;
  static bool may_take(const Zone& zone, unsigned order, vmsim_gfp_t gfp);
  Page* alloc_with_reclaim(vmsim_gfp_t gfp, unsigned order, unsigned highest);
  std::optional<Pfn> alloc_from_zones(vmsim_gfp_t gfp, unsigned order, unsigned highest);
  std::optional<Pfn> alloc_from(unsigned zone, vmsim_gfp_t gfp, unsigned order);
  Page* alloc_user_page_slow();
  Page* prepare(Pfn pfn, unsigned order, vmsim_gfp_t gfp);
  bool is_page(const Page* page, const char* verb);
  bool is_block(const Page* page, unsigned order, const char* verb);
  void break_up(Pfn pfn, unsigned order);
  void free_last_reference(Page* page);
  bool is_in_use(Pfn pfn, unsigned order);
  void release(Pfn pfn, unsigned order);
  const Departed* departed(Pfn pfn) const;
  std::string last_freed(Pfn pfn) const;

  // buddy.cpp: blocks
  void link(Zone& zone, Pfn pfn, unsigned order);
  void unlink(Zone& zone, Pfn pfn, unsigned order);
  void free_block(Zone& zone, Pfn pfn, unsigned order);
  void free_range(Zone& zone, PfnRange range);
  bool carve(Zone& zone);
  std::optional<Pfn> pop_block(Zone& zone, unsigned order);
  std::optional<Pfn> take_block(Zone& zone, unsigned order);
  bool refill(Zone& zone, Run& run, Use use);
  void drain_zone(unsigned zone);
  void validate_zone(unsigned zone) const;

  Ram& ram_;
  MemMap& mem_map_;
  base::Probe& probe_;
  ZonesConfig config_;
  Reclaimer* reclaimer_ = nullptr;
  bool reclaiming_ = false;  // a reclaimer that allocates must not be called again
  std::array<Zone, kZones> zones_;
  std::array<CpuRuns, 1> cpus_;
  std::array<Departed, 128> departed_{};  // a ring
  u64 departures_ = 0;
  unsigned user_zone_ = 0;  // the highest zone with memory: where user pages come from first
};

inline Page* Zones::alloc_user_page_zeroed() {
  Zone& zone = zones_[user_zone_];
  Run& run = cpus_[0].runs[user_zone_][static_cast<unsigned>(Use::kUser)];
  if (probe_.should_fail("alloc_pages")) [[unlikely]]
    return nullptr;
  if (run.empty() || zone.free <= zone.watermark_min) [[unlikely]]
    return alloc_user_page_slow();
  const Pfn pfn = run.next;
  run.next = pfn + 1;
  --zone.free;
  FrameState& state = mem_map_.state(pfn);
  if (!state.known_zero()) __builtin_memset(ram_.host(pfn), 0, kPageSize);
  state.set_allocated_single(PageKind::kAnon);
  Page* page = mem_map_.page(pfn);
  page->_refcount.counter = 1;
  probe_.emit(EventKind::kPageAlloc, pfn.value, 0);
  return page;
}

}  // namespace vmsim::phys
