// SPDX-License-Identifier: MIT
// PageTable's life, its verbs for one entry, and its Cursor. The bulk verbs are in
// page_table_bulk.cpp and page_table_loops.hpp, the walk for people in walk.cpp.
#include "mmu/page_table.hpp"

#include <cerrno>

namespace vmsim::mmu {

Result<std::unique_ptr<PageTable>> PageTable::create(FormatKind kind, phys::Ram& ram,
                                                     TableFrames& frames) {
  const std::optional<Pfn> root = frames.alloc_table();
  if (!root) return fail(ENOMEM, "no frame for the root page table");
  return std::unique_ptr<PageTable>(new PageTable(kind, ram, frames, *root));
}

PageTable::PageTable(FormatKind kind, phys::Ram& ram, TableFrames& frames, Pfn root)
    : kind_(kind),
      ram_(ram),
      frames_(frames),
      core_(ram_.core_base()),
      ram_pages_(ram_.pages()),
      root_(root) {}

PageTable::~PageTable() {
  visit_format(kind_,
               [&]<PagingFormat F>() { free_subtree<F>(root_, F::kLevels - 1, 0, nullptr); });
  VMSIM_ASSERT(table_pages() == 0, "tables are counted exactly");
}

bool PageTable::canonical(VirtAddr va) const {
  return visit_format(kind_, [&]<PagingFormat F>() { return F::canonical(va.value); });
}

bool PageTable::encodable(Pte pte) const {
  return visit_format(kind_, [&]<PagingFormat F>() { return F::encodable(pte); });
}

/// Fills a missing table entry; another task may do the same at once, and then the first one's
/// table counts.
template <PagingFormat F>
typename F::Raw* PageTable::install_table(typename F::Raw& entry) {
  const std::optional<Pfn> frame = frames_.alloc_table();
  if (!frame) return nullptr;
  typename F::Raw expected = read_entry(entry);
  if (!F::table_present(expected) &&
      std::atomic_ref(entry).compare_exchange_strong(expected, F::make_table(*frame),
                                                     std::memory_order_acq_rel)) {
    table_pages_.fetch_add(1, std::memory_order_relaxed);
    return table_at<F>(*frame);
  }
  frames_.free_table(*frame);
  return table_at<F>(F::table_pfn(expected));
}

template u64* PageTable::install_table<X86_64>(u64&);
template u32* PageTable::install_table<X86_32>(u32&);

void PageTable::release(Pfn table) {
  table_pages_.fetch_sub(1, std::memory_order_relaxed);
  frees_.fetch_add(1, std::memory_order_release);
  frames_.free_table(table);
}

namespace {

template <PagingFormat F>
void check_address(VirtAddr va) {
  VMSIM_ASSERT(va.page_aligned(), "page-table verbs take page addresses");
  VMSIM_ASSERT(F::canonical(va.value), "address beyond the page-table format");
}

}  // namespace

Pte PageTable::get(VirtAddr va) const {
  return visit_format(kind_, [&]<PagingFormat F>() {
    check_address<F>(va);
    typename F::Raw* slot = leaf_slot<F>(va.value);
    return slot ? F::decode(read_entry(*slot)) : Pte{};
  });
}

bool PageTable::set(VirtAddr va, Pte pte) {
  return Cursor(*this, va).map(pte);
}

Pte PageTable::exchange(VirtAddr va, Pte pte) {
  return visit_format(kind_, [&]<PagingFormat F>() {
    check_address<F>(va);
    VMSIM_ASSERT(F::encodable(pte), "entry does not fit the page-table format");
    typename F::Raw* slot = leaf_slot<F>(va.value);
    VMSIM_ASSERT(slot != nullptr || pte.none(), "exchange() needs a table; prepare() makes one");
    if (slot == nullptr) return Pte{};
    return F::decode(std::atomic_ref(*slot).exchange(F::encode(pte), std::memory_order_acq_rel));
  });
}

bool PageTable::update(VirtAddr va, Pte expected, Pte wanted) {
  return visit_format(kind_, [&]<PagingFormat F>() {
    check_address<F>(va);
    if (!F::encodable(wanted) || !F::encodable(expected)) return false;
    typename F::Raw* slot = leaf_slot<F>(va.value);
    if (slot == nullptr) return false;
    typename F::Raw raw = F::encode(expected);
    return std::atomic_ref(*slot).compare_exchange_strong(raw, F::encode(wanted),
                                                          std::memory_order_acq_rel);
  });
}

bool PageTable::prepare(VirtAddr va) {
  return Cursor(*this, va).prepare();
}

// Cursor.

void PageTable::Cursor::seek(VirtAddr va) {
  visit_format(table_->kind_, [&]<PagingFormat F>() {
    check_address<F>(va);
    const u64 start = va.value & ~(entry_span<F>(1) - 1);
    if (start != leaf_start_) leaf_ = nullptr;
    leaf_start_ = start;
  });
  va_ = va;
}

template <PagingFormat F>
typename F::Raw* PageTable::Cursor::slot() const {
  if (!leaf_known()) {
    frees_seen_ = table_->frees_.load(std::memory_order_acquire);
    leaf_ = table_->leaf_table<F>(va_.value);
    if (leaf_ == nullptr) return nullptr;
  }
  return static_cast<typename F::Raw*>(leaf_) + index_of<F>(va_.value, 0);
}

template <PagingFormat F>
typename F::Raw* PageTable::Cursor::slot_alloc() {
  if (!leaf_known()) {
    frees_seen_ = table_->frees_.load(std::memory_order_acquire);
    bool fresh = false;
    leaf_ = table_->leaf_table_alloc<F>(va_.value, fresh);
    if (leaf_ == nullptr) return nullptr;
  }
  return static_cast<typename F::Raw*>(leaf_) + index_of<F>(va_.value, 0);
}

Pte PageTable::Cursor::get() const {
  return visit_format(table_->kind_, [&]<PagingFormat F>() {
    typename F::Raw* at = slot<F>();
    return at ? F::decode(read_entry(*at)) : Pte{};
  });
}

bool PageTable::Cursor::map(Pte pte) {
  return visit_format(table_->kind_, [&]<PagingFormat F>() {
    VMSIM_ASSERT(F::encodable(pte), "entry does not fit the page-table format");
    typename F::Raw* at = slot_alloc<F>();
    if (at == nullptr) return false;
    write_entry(*at, F::encode(pte));
    return true;
  });
}

bool PageTable::Cursor::update(Pte expected, Pte wanted) {
  return visit_format(table_->kind_, [&]<PagingFormat F>() {
    VMSIM_ASSERT(F::encodable(wanted), "entry does not fit the page-table format");
    typename F::Raw* at = slot_alloc<F>();
    if (at == nullptr) return false;
    typename F::Raw raw = F::encode(expected);
    return std::atomic_ref(*at).compare_exchange_strong(raw, F::encode(wanted),
                                                        std::memory_order_acq_rel);
  });
}

bool PageTable::Cursor::prepare() {
  return visit_format(table_->kind_, [&]<PagingFormat F>() { return slot_alloc<F>() != nullptr; });
}

}  // namespace vmsim::mmu
