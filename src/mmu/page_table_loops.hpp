// SPDX-License-Identifier: MIT
// Bodies of PageTable's walks and of its bulk verbs that take a function: templates, so that the
// caller's function is inlined into the loop over a leaf table. Counterpart: the
// pgd/p4d/pud/pmd/pte loops of mm/. Included by page_table.hpp.
#pragma once

#include "mmu/page_table.hpp"

namespace vmsim::mmu {

// Entries are read by other CPUs' walks, hence atomically; on x86 these are plain moves.

template <class Raw>
inline Raw read_entry(Raw& slot) {
  return std::atomic_ref<Raw>(slot).load(std::memory_order_relaxed);
}

template <class Raw>
inline void write_entry(Raw& slot, Raw raw) {
  std::atomic_ref<Raw>(slot).store(raw, std::memory_order_release);
}

/// Replaces an entry that was read as `old` and returns what was really there. Only a writable
/// clean entry can gain something that matters meanwhile (the dirty bit, set by another CPU's
/// walk), so only that one pays for an exchange.
template <PagingFormat F>
inline typename F::Raw replace_entry(typename F::Raw& slot, typename F::Raw old,
                                     typename F::Raw wanted) {
  const Pte was = F::decode(old);
  if (was.write() && !was.dirty() && was.present()) [[unlikely]]
    return std::atomic_ref<typename F::Raw>(slot).exchange(wanted, std::memory_order_acq_rel);
  write_entry(slot, wanted);
  return old;
}

/// Whether a TLB filled from `before` may allow what `after` does not.
constexpr bool revokes(Pte before, Pte after) {
  if (!before.present()) return false;
  if (!after.present() || before.pfn() != after.pfn()) return true;
  const u64 lost = before.bits & ~after.bits;
  const u64 gained = after.bits & ~before.bits;
  return (lost & (Pte::kWrite | Pte::kUser | Pte::kDirty | Pte::kAccessed)) != 0 ||
         (gained & Pte::kNx) != 0 || ((lost | gained) & Pte::kCacheMask) != 0;
}

/// Adds the page at va, which lies above the range.
constexpr void extend(VirtRange& range, VirtAddr va) {
  if (range.empty()) range.start = va;
  range.end = va + kPageSize;
}

template <PagingFormat F>
inline typename F::Raw* PageTable::table_at(Pfn pfn) const {
  VMSIM_ASSERT(pfn.value < ram_pages_, "a page-table entry points to a table outside of RAM");
  return reinterpret_cast<typename F::Raw*>(core_ + (pfn.value << kPageShift));
}

/// The leaf table of va; nullptr and the level of the entry that is not there.
template <PagingFormat F>
inline typename F::Raw* PageTable::leaf_table_or_gap(u64 va, unsigned& missing_level) const {
  typename F::Raw* table = table_at<F>(root_);
  for (unsigned level = F::kLevels - 1; level > 0; --level) {
    const typename F::Raw raw =
        std::atomic_ref(table[index_of<F>(va, level)]).load(std::memory_order_acquire);
    if (!F::table_present(raw)) [[unlikely]] {
      missing_level = level;
      return nullptr;
    }
    VMSIM_ASSERT(!F::huge(raw, level), "large pages are not modelled");
    table = table_at<F>(F::table_pfn(raw));
  }
  return table;
}

template <PagingFormat F>
inline typename F::Raw* PageTable::leaf_table(u64 va) const {
  unsigned missing = 0;
  return leaf_table_or_gap<F>(va, missing);
}

template <PagingFormat F>
inline typename F::Raw* PageTable::leaf_table_alloc(u64 va, bool& fresh) {
  typename F::Raw* table = table_at<F>(root_);
  fresh = false;
  for (unsigned level = F::kLevels - 1; level > 0; --level) {
    typename F::Raw& entry = table[index_of<F>(va, level)];
    const typename F::Raw raw = std::atomic_ref(entry).load(std::memory_order_acquire);
    if (!F::table_present(raw)) [[unlikely]] {
      table = install_table<F>(entry);
      if (table == nullptr) return nullptr;
      fresh = level == 1;
      continue;
    }
    VMSIM_ASSERT(!F::huge(raw, level), "large pages are not modelled");
    table = table_at<F>(F::table_pfn(raw));
  }
  return table;
}

template <PagingFormat F>
inline void PageTable::check_range(VirtRange range) const {
  VMSIM_ASSERT(range.start.page_aligned() && range.end.page_aligned(),
               "page-table ranges are whole pages");
  VMSIM_ASSERT(
      range.empty() || (F::canonical(range.start.value) && F::canonical(range.end.value - 1)),
      "page-table range beyond the format's addresses");
}

/// Calls fn(leaf table, first index, count, address) for every existing leaf table of the range;
/// stops when fn returns false. Missing tables are skipped by the whole span of the missing entry.
template <PagingFormat F, class Fn>
inline void PageTable::each_leaf(VirtRange range, Fn&& fn) const {
  check_range<F>(range);
  u64 va = range.start.value;
  while (va < range.end.value) {
    unsigned missing = 0;
    typename F::Raw* leaf = leaf_table_or_gap<F>(va, missing);
    const u64 span = entry_span<F>(leaf ? 1 : missing);
    const u64 last = va | (span - 1);  // inclusive: the top span has no end address
    if (leaf) {
      const u64 stop = last < range.end.value - 1 ? last : range.end.value - 1;
      const auto count = static_cast<unsigned>(((stop - va) >> kPageShift) + 1);
      if (!fn(leaf, index_of<F>(va, 0), count, VirtAddr(va))) return;
    }
    if (last >= range.end.value - 1) return;
    va = last + 1;
  }
}

template <class Visit>
void PageTable::unmap(VirtRange range, Affected& affected, Visit&& visit) {
  visit_format(kind_, [&]<PagingFormat F>() {
    each_leaf<F>(range, [&](typename F::Raw* leaf, unsigned first, unsigned count, VirtAddr va) {
      bool revoked = false;
      u64 unmapped = 0;
      VirtRange touched{};
      for (typename F::Raw* slot = leaf + first; slot != leaf + first + count;
           ++slot, va += kPageSize) {
        const typename F::Raw old = read_entry(*slot);
        if (old == 0) continue;
        const Pte was = F::decode(replace_entry<F>(*slot, old, 0));
        revoked |= was.present();
        unmapped += was.mapped();
        extend(touched, va);
        visit(va, was);
      }
      affected.pages_unmapped += unmapped;
      affected.any_present_revoked |= revoked;
      affected.touch(touched);
      return true;
    });
  });
}

template <class Fn>
void PageTable::protect(VirtRange range, Affected& affected, Fn&& fn) {
  visit_format(kind_, [&]<PagingFormat F>() {
    each_leaf<F>(range, [&](typename F::Raw* leaf, unsigned first, unsigned count, VirtAddr va) {
      u64 changed = 0;
      VirtRange touched{};
      for (typename F::Raw* slot = leaf + first; slot != leaf + first + count;
           ++slot, va += kPageSize) {
        const typename F::Raw old = read_entry(*slot);
        const Pte before = F::decode(old);
        if (!before.mapped()) continue;
        const Pte after = fn(va, before);
        const typename F::Raw wanted = F::encode(after);
        if (wanted == old) continue;
        const Pte was = F::decode(replace_entry<F>(*slot, old, wanted));
        if (was.dirty() && !before.dirty() && after.mapped())
          write_entry(*slot, F::encode(after.with(Pte::kDirty)));
        affected.any_present_revoked |= revokes(was, after);
        extend(touched, va);
        ++changed;
      }
      affected.pages_changed += changed;
      affected.touch(touched);
      return true;
    });
  });
}

template <class Fn>
void PageTable::for_each(VirtRange range, Fn&& fn) const {
  visit_format(kind_, [&]<PagingFormat F>() {
    each_leaf<F>(range, [&](typename F::Raw* leaf, unsigned first, unsigned count, VirtAddr va) {
      for (typename F::Raw* slot = leaf + first; slot != leaf + first + count;
           ++slot, va += kPageSize) {
        const typename F::Raw raw = read_entry(*slot);
        if (raw != 0) fn(va, F::decode(raw));
      }
      return true;
    });
  });
}

template <class Fn>
bool PageTable::copy_range(PageTable& child, VirtRange range, Affected& affected, Fn&& fn) {
  VMSIM_ASSERT(child.kind_ == kind_, "a child has its parent's page-table format");
  return visit_format(kind_, [&]<PagingFormat F>() {
    bool enough_memory = true;
    each_leaf<F>(range, [&](typename F::Raw* leaf, unsigned first, unsigned count, VirtAddr va) {
      typename F::Raw* child_leaf = nullptr;
      u64 changed = 0;
      VirtRange touched{};
      for (unsigned i = first; i != first + count; ++i, va += kPageSize) {
        const typename F::Raw old = read_entry(leaf[i]);
        if (old == 0) continue;
        if (child_leaf == nullptr) {
          bool fresh = false;
          child_leaf = child.leaf_table_alloc<F>(va.value, fresh);
          if (child_leaf == nullptr) {
            enough_memory = false;
            break;
          }
        }
        const Pte before = F::decode(old);
        Pte after = before;
        const Pte copy = fn(va, before, after);
        const typename F::Raw wanted = F::encode(after);
        if (wanted != old) {
          const Pte was = F::decode(replace_entry<F>(leaf[i], old, wanted));
          if (was.dirty() && !before.dirty() && after.mapped())
            write_entry(leaf[i], F::encode(after.with(Pte::kDirty)));
          affected.any_present_revoked |= revokes(was, after);
          extend(touched, va);
          ++changed;
        }
        if (!copy.none()) write_entry(child_leaf[i], F::encode(copy));
      }
      affected.pages_changed += changed;
      affected.touch(touched);
      return enough_memory;
    });
    return enough_memory;
  });
}

}  // namespace vmsim::mmu
