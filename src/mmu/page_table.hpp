// SPDX-License-Identifier: MIT
// A process's page tables, kept in simulated RAM in the machine's real entry format. Counterpart:
// mm->pgd and the loops of mm/memory.c, mm/mprotect.c, mm/mremap.c over it. Leaves out huge leaves.
// Called by mm (every verb), by access (walks) and by views (walk).
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/assert.hpp"
#include "mmu/paging/format.hpp"
#include "mmu/pte.hpp"
#include "phys/ram.hpp"

namespace vmsim::mmu {

// Decide above, do below, report back: a bulk verb makes one pass, a leaf table at a time, and
// returns what it Affected; the caller flushes, counts and emits once. No verb flushes a TLB.
//
// Threads: walks need no lock (entries are read atomically and tables outlive a grace period, which
// TableFrames sees to). Verbs that write a leaf entry need the caller's page-table lock for that
// leaf; two of them may install the same missing table at once. Only the access loop writes without
// that lock, and only the accessed and dirty bits.

/// Where tables get their frames from. Implemented by mm over the page allocator. Called from any
/// task.
class TableFrames {
 public:
  virtual ~TableFrames() = default;
  /// A zeroed frame, or nothing when memory is out.
  virtual std::optional<Pfn> alloc_table() = 0;
  /// Takes the frame back; a walk on another CPU may still read it until its grace period has
  /// passed.
  virtual void free_table(Pfn frame) = 0;
};

/// What a bulk verb did. Verbs add to it, so that one Affected can gather several of them.
struct Affected {
  u64 pages_mapped = 0;
  u64 pages_unmapped = 0;            ///< entries with a frame that were cleared
  u64 pages_changed = 0;             ///< entries rewritten with other bits
  bool any_present_revoked = false;  ///< a TLB may hold more rights than the table: flush `touched`
  VirtRange touched{};               ///< covers every entry written; empty if none

  void touch(VirtRange range) {
    if (range.empty()) return;
    if (touched.empty()) {
      touched = range;
      return;
    }
    if (range.start < touched.start) touched.start = range.start;
    if (touched.end < range.end) touched.end = range.end;
  }
};

enum class MapStatus : u8 {
  kOk,
  kNoMemory,     ///< no frame for a table
  kOccupied,     ///< an entry is not none
  kUnencodable,  ///< the format has no bits for a frame this high
};

/// Outcome of map_contiguous(). Pages below `at` are mapped; on success `at` is the end of the
/// range.
struct MapOutcome {
  MapStatus status = MapStatus::kOk;
  VirtAddr at;

  bool ok() const { return status == MapStatus::kOk; }
};

/// Outcome of free_tables().
struct FreedTables {
  u64 tables = 0;
  u64 entries_left =
      0;  ///< entries that were not none in freed leaf tables: somebody mapped outside of his range
  VirtAddr first_left;  ///< the address of the first of them
};

/// One level of a walk, as hardware sees it.
struct WalkStep {
  unsigned level;         ///< 0 is the leaf
  std::string_view name;  ///< "PGD", "PUD", "PMD", "PTE"
  PhysAddr table;
  unsigned index;
  PhysAddr entry;  ///< address of the entry
  u64 raw;         ///< the entry as stored
  std::string text;
};

enum class WalkEnd : u8 {
  kMapped,        ///< a present leaf
  kProtNone,      ///< a leaf with a frame and no rights
  kMarker,        ///< a software entry
  kNone,          ///< an empty leaf entry
  kNoTable,       ///< a table is missing
  kHuge,          ///< a large leaf, which is not modelled
  kBadTable,      ///< a table entry points outside of RAM
  kNonCanonical,  ///< not an address of this format
};

struct Walk {
  FormatKind format;
  VirtAddr va;
  std::vector<WalkStep> steps;  ///< from the root down, as far as the walk came
  WalkEnd end = WalkEnd::kNone;
  Pte pte;      ///< the leaf, none if not reached
  PhysAddr pa;  ///< the translated address where `end` is kMapped
};

/// The walk level by level with every bit named, for people. Ends with a newline.
std::string format(const Walk& walk);

class PageTable {
 public:
  /// On failure: ENOMEM, nothing was allocated.
  static Result<std::unique_ptr<PageTable>> create(FormatKind kind, phys::Ram& ram,
                                                   TableFrames& frames);
  /// Frees every table, whatever they still map.
  ~PageTable();
  PageTable(const PageTable&) = delete;
  PageTable& operator=(const PageTable&) = delete;

  FormatKind kind() const { return kind_; }

  Pfn root() const { return root_; }

  /// Tables in use, the root among them.
  u64 table_pages() const { return table_pages_.load(std::memory_order_relaxed); }

  bool canonical(VirtAddr va) const;
  bool encodable(Pte pte) const;

  // One entry. Pre: va is page aligned and canonical; a stored Pte is encodable.

  /// The entry, none where tables are missing.
  Pte get(VirtAddr va) const;
  /// Stores, over whatever is there. False when out of frames for tables.
  bool set(VirtAddr va, Pte pte);
  /// Stores and returns what was there. Storing none allocates no table. Pre: a table exists, or
  /// pte is none.
  Pte exchange(VirtAddr va, Pte pte);
  /// Stores `wanted` if the entry is `expected`. False if not, or if there is no table.
  bool update(VirtAddr va, Pte expected, Pte wanted);
  /// Makes the leaf table exist. False when out of frames.
  bool prepare(VirtAddr va);

  // Many entries. Pre: ranges are page aligned and within the format's addresses.

  /// Maps frames first, first+1, … with one set of flags. Stops at the first entry that is not
  /// none, without touching it.
  MapOutcome map_contiguous(VirtRange range, Pfn first, u64 flags, Affected& affected);

  /// Clears every entry that is not none; visit(VirtAddr, Pte) learns what was there, after the
  /// entry is cleared.
  template <class Visit>
  void unmap(VirtRange range, Affected& affected, Visit&& visit);

  /// unmap() without a visitor: for mappings that own nothing.
  void zap(VirtRange range, Affected& affected);

  /// Replaces every entry with a frame by fn(VirtAddr, Pte) -> Pte; markers are left alone. A dirty
  /// bit set by hardware meanwhile is kept.
  template <class Fn>
  void protect(VirtRange range, Affected& affected, Fn&& fn);

  /// Calls fn(VirtAddr, Pte) for every entry that is not none, in address order.
  template <class Fn>
  void for_each(VirtRange range, Fn&& fn) const;

  /// fork: for every entry that is not none, fn(VirtAddr, Pte parent, Pte& parent_out) -> Pte
  /// child. Entries for which fn returns none get no child entry. On failure (false: no frame for a
  /// table): the child keeps what was copied, and fn was not called for the rest. `affected` tells
  /// about the parent.
  template <class Fn>
  bool copy_range(PageTable& child, VirtRange range, Affected& affected, Fn&& fn);

  /// mremap: moves entries to `to`, marking them soft dirty. Returns the bytes moved: less than the
  /// range's size when out of frames, and then nothing above that offset has moved. Pre: the target
  /// range is empty and does not overlap.
  u64 move_range(VirtRange from, VirtAddr to, Affected& affected);

  /// Frees tables that touch `range` and span only addresses in [floor, ceiling): the end of the
  /// mapping below and the start of the one above. A ceiling of 0 is the top of the address space.
  /// Pre: the range lies in between.
  FreedTables free_tables(VirtRange range, VirtAddr floor, VirtAddr ceiling);

  Walk walk(VirtAddr va) const;

  class Cursor;

  // For the access loop.

  /// The leaf entry's place in host memory, nullptr where tables are missing. Pre: canonical.
  template <PagingFormat F>
  typename F::Raw* leaf_slot(u64 va) const {
    typename F::Raw* leaf = leaf_table<F>(va);
    return leaf ? leaf + index_of<F>(va, 0) : nullptr;
  }

 private:
  PageTable(FormatKind kind, phys::Ram& ram, TableFrames& frames, Pfn root);

  template <PagingFormat F>
  typename F::Raw* table_at(Pfn pfn) const;
  template <PagingFormat F>
  typename F::Raw* leaf_table(u64 va) const;
  template <PagingFormat F>
  typename F::Raw* leaf_table_or_gap(u64 va, unsigned& missing_level) const;
  template <PagingFormat F>
  typename F::Raw* leaf_table_alloc(u64 va, bool& fresh);
  template <PagingFormat F>
  typename F::Raw* install_table(typename F::Raw& entry);
  template <PagingFormat F>
  void check_range(VirtRange range) const;
  template <PagingFormat F, class Fn>
  void each_leaf(VirtRange range, Fn&& fn) const;
  template <PagingFormat F>
  MapOutcome map_contiguous_as(VirtRange range, Pfn first, u64 flags, Affected& affected);
  template <PagingFormat F>
  void zap_as(VirtRange range, Affected& affected);
  template <PagingFormat F>
  u64 move_range_as(VirtRange from, VirtAddr to, Affected& affected);
  struct FreeTablesState;
  template <PagingFormat F>
  void free_below(Pfn table, unsigned level, VirtRange range, FreeTablesState& state);
  template <PagingFormat F>
  void free_subtree(Pfn table, unsigned level, u64 base, FreedTables* freed);
  template <PagingFormat F>
  Walk walk_as(VirtAddr va) const;
  void release(Pfn table);

  const FormatKind kind_;
  phys::Ram& ram_;
  TableFrames& frames_;
  std::byte* const core_;  ///< host address of physical address 0
  const u64 ram_pages_;
  Pfn root_;
  std::atomic<u64> table_pages_{1};
  std::atomic<u64> frees_{
      0};  ///< tables ever freed; a Cursor that saw another number forgets its leaf
};

/// A place in a page table that remembers the leaf table of its address, so that neighbours need no
/// walk. Counterpart: the pte_offset_map() of a loop. One task at a time; it survives free_tables()
/// on the same task.
class PageTable::Cursor {
 public:
  explicit Cursor(PageTable& table) : table_(&table) {}

  Cursor(PageTable& table, VirtAddr va) : table_(&table) { seek(va); }

  /// Pre: va is page aligned and canonical.
  void seek(VirtAddr va);

  VirtAddr va() const { return va_; }

  /// Moves to the next page.
  void next() { seek(va_ + kPageSize); }

  Pte get() const;
  /// Stores, allocating tables. False when out of frames.
  bool map(Pte pte);
  /// Stores if the entry is `expected`. A missing table counts as none and is allocated. False if
  /// not stored.
  bool update(Pte expected, Pte wanted);
  /// Makes the leaf table exist. False when out of frames.
  bool prepare();

 private:
  bool leaf_known() const {
    return leaf_ != nullptr && frees_seen_ == table_->frees_.load(std::memory_order_acquire);
  }

  template <PagingFormat F>
  typename F::Raw* slot() const;
  template <PagingFormat F>
  typename F::Raw* slot_alloc();

  PageTable* table_;
  VirtAddr va_;
  u64 leaf_start_ = 0;            ///< first address of the remembered leaf table
  mutable void* leaf_ = nullptr;  ///< the remembered leaf table, nullptr if unknown
  mutable u64 frees_seen_ = 0;
};

}  // namespace vmsim::mmu

#include "mmu/page_table_loops.hpp"
