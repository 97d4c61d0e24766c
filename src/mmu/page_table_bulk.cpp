// SPDX-License-Identifier: MIT
// PageTable's bulk verbs that take no function: map_contiguous, zap, move_range, free_tables.
// Counterpart: the loops of remap_pfn_range(), zap_pte_range(), move_ptes() and free_pgtables().
#include <algorithm>

#include "mmu/entry_runs.hpp"
#include "mmu/page_table.hpp"

namespace vmsim::mmu {

// map_contiguous.

template <PagingFormat F>
MapOutcome PageTable::map_contiguous_as(VirtRange range, Pfn first, u64 flags, Affected& affected) {
  using Raw = typename F::Raw;
  check_range<F>(range);
  VMSIM_ASSERT((flags & (Pte::kPresent | Pte::kProtNone)) != 0,
               "mapping pages needs P or PROTNONE");
  if (range.empty()) return {MapStatus::kOk, range.end};
  const u64 pages = range.size() >> kPageShift;
  if (!F::encodable(Pte::make(first + (pages - 1), flags)))
    return {MapStatus::kUnencodable, range.start};

  // PROT_NONE frames may be stored inverted and then count down: the step comes from the encoding.
  const Raw base = F::encode(Pte::make(first, flags));
  const Raw step =
      pages > 1 ? static_cast<Raw>(F::encode(Pte::make(first + 1, flags)) - base) : Raw{0};
  MapOutcome outcome{MapStatus::kOk, range.start};
  u64 done = 0;
  while (done < pages && outcome.ok()) {
    const u64 va = range.start.value + (done << kPageShift);
    bool fresh = false;
    Raw* leaf = leaf_table_alloc<F>(va, fresh);
    if (leaf == nullptr) {
      outcome.status = MapStatus::kNoMemory;
      break;
    }
    const unsigned index = index_of<F>(va, 0);
    auto count = static_cast<unsigned>(std::min<u64>(kEntries<F> - index, pages - done));
    if (!fresh && summarise_run<Raw>(leaf + index, count).any != 0) {
      count = static_cast<unsigned>(std::find_if(leaf + index, leaf + index + count,
                                                 [](Raw& slot) { return read_entry(slot) != 0; }) -
                                    (leaf + index));
      outcome.status = MapStatus::kOccupied;
    }
    store_run<Raw>(leaf + index, count,
                   static_cast<Raw>(base + static_cast<Raw>(step * static_cast<Raw>(done))), step);
    done += count;
  }
  outcome.at = range.start + (done << kPageShift);
  affected.pages_mapped += done;
  affected.touch({range.start, outcome.at});
  return outcome;
}

MapOutcome PageTable::map_contiguous(VirtRange range, Pfn first, u64 flags, Affected& affected) {
  return visit_format(
      kind_, [&]<PagingFormat F>() { return map_contiguous_as<F>(range, first, flags, affected); });
}

// zap.

template <PagingFormat F>
void PageTable::zap_as(VirtRange range, Affected& affected) {
  using Raw = typename F::Raw;
  each_leaf<F>(range, [&](Raw* leaf, unsigned first, unsigned count, VirtAddr va) {
    const RunSummary<Raw> sum = summarise_run<Raw>(leaf + first, count);
    if (sum.any == 0) return true;
    u64 unmapped = count;
    bool present = true;
    if (!F::decode(sum.all).present()) {
      unmapped = 0;
      present = false;
      for (unsigned i = first; i < first + count; ++i) {
        const Pte pte = F::decode(read_entry(leaf[i]));
        unmapped += pte.mapped();
        present |= pte.present();
      }
    }
    clear_run<Raw>(leaf + first, count);
    affected.pages_unmapped += unmapped;
    affected.any_present_revoked |= present;
    affected.touch({va, va + (u64{count} << kPageShift)});
    return true;
  });
}

void PageTable::zap(VirtRange range, Affected& affected) {
  visit_format(kind_, [&]<PagingFormat F>() { zap_as<F>(range, affected); });
}

// move_range.

template <PagingFormat F>
u64 PageTable::move_range_as(VirtRange from, VirtAddr to, Affected& affected) {
  using Raw = typename F::Raw;
  const VirtRange target{to, to + from.size()};
  check_range<F>(target);
  VMSIM_ASSERT(!from.intersects(target), "move_range() between overlapping ranges");
  u64 moved_bytes = from.size();
  each_leaf<F>(from, [&](Raw* leaf, unsigned first, unsigned count, VirtAddr va) {
    Raw* target_leaf = nullptr;
    u64 target_leaf_start = 0;
    for (unsigned i = first; i < first + count; ++i, va += kPageSize) {
      const Raw old = read_entry(leaf[i]);
      if (old == 0) continue;
      const u64 target_va = to.value + (va - from.start);
      const u64 leaf_start = target_va & ~(entry_span<F>(1) - 1);
      if (target_leaf == nullptr || leaf_start != target_leaf_start) {
        bool fresh = false;
        target_leaf = leaf_table_alloc<F>(target_va, fresh);
        target_leaf_start = leaf_start;
      }
      if (target_leaf == nullptr) {
        moved_bytes = va - from.start;
        return false;
      }
      const Pte was = F::decode(replace_entry<F>(leaf[i], old, 0));
      const Pte moved = was.mapped() ? was.with(Pte::kSoftDirty) : was;
      write_entry(target_leaf[index_of<F>(target_va, 0)], F::encode(moved));
      affected.any_present_revoked |= was.present();
      affected.pages_changed += was.mapped();
      affected.touch({va, va + kPageSize});
    }
    return true;
  });
  return moved_bytes;
}

u64 PageTable::move_range(VirtRange from, VirtAddr to, Affected& affected) {
  return visit_format(kind_,
                      [&]<PagingFormat F>() { return move_range_as<F>(from, to, affected); });
}

// free_tables.

struct PageTable::FreeTablesState {
  u64 first;  ///< lowest address that only tables of the range may span (floor)
  u64 last;   ///< and the highest, inclusive, as the top of the address space has no end address
  FreedTables freed;
};

/// Looks at the entries of `table` that the range touches. An entry whose whole span is ours goes
/// with all tables below it; of others, the tables one level down are looked at in the same way. So
/// a neighbour's half of a table keeps it.
template <PagingFormat F>
void PageTable::free_below(Pfn table, unsigned level, VirtRange range, FreeTablesState& state) {
  using Raw = typename F::Raw;
  Raw* entries = table_at<F>(table);
  const u64 span = entry_span<F>(level);
  const u64 range_last = range.end.value - 1;
  u64 va = range.start.value;
  for (;;) {
    const u64 start = va & ~(span - 1);
    const u64 last = start + (span - 1);
    Raw& entry = entries[index_of<F>(va, level)];
    const Raw raw = read_entry(entry);
    if (F::table_present(raw) && !F::huge(raw, level)) {
      if (state.first <= start && last <= state.last) {
        write_entry(entry, Raw{0});
        free_subtree<F>(F::table_pfn(raw), level - 1, start, &state.freed);
      } else if (level > 1) {
        free_below<F>(F::table_pfn(raw), level - 1,
                      {VirtAddr(va), VirtAddr(std::min(last, range_last) + 1)}, state);
      }
    }
    if (last >= range_last) return;
    va = last + 1;
  }
}

template <PagingFormat F>
void PageTable::free_subtree(Pfn table, unsigned level, u64 base, FreedTables* freed) {
  using Raw = typename F::Raw;
  Raw* entries = table_at<F>(table);
  const bool scan =
      level > 0 || (freed != nullptr && summarise_run<Raw>(entries, kEntries<F>).any != 0);
  for (unsigned i = 0; scan && i < kEntries<F>; ++i) {
    const Raw raw = read_entry(entries[i]);
    const u64 va = base + i * entry_span<F>(level);
    if (level > 0) {
      if (F::table_present(raw) && !F::huge(raw, level))
        free_subtree<F>(F::table_pfn(raw), level - 1, va, freed);
    } else if (raw != 0) {
      if (freed->entries_left++ == 0) freed->first_left = VirtAddr(va);
    }
  }
  if (freed != nullptr) ++freed->tables;
  release(table);
}

template void PageTable::free_subtree<X86_64>(Pfn, unsigned, u64, FreedTables*);
template void PageTable::free_subtree<X86_32>(Pfn, unsigned, u64, FreedTables*);

FreedTables PageTable::free_tables(VirtRange range, VirtAddr floor, VirtAddr ceiling) {
  VMSIM_ASSERT(floor <= range.start && range.end.value - 1 <= ceiling.value - 1,
               "the range lies between its neighbours");
  FreeTablesState state{floor.value, ceiling.value - 1, {}};
  if (range.empty()) return state.freed;
  visit_format(kind_, [&]<PagingFormat F>() {
    check_range<F>(range);
    free_below<F>(root_, F::kLevels - 1, range, state);
  });
  return state.freed;
}

}  // namespace vmsim::mmu
