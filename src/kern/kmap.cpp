// SPDX-License-Identifier: MIT
// Permanent kmaps: slots, counts, waiting; and the window that all kinds share. See kmap.hpp.
// Counterpart: map_new_virtual() and kunmap_high() of mm/highmem.c. Atomic and local maps are in
// kmap_local.cpp.
#include "kern/kmap.hpp"

#include <cerrno>

#include "base/assert.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

KmapPool::KmapPool(phys::Ram& ram, phys::MemMap& mem_map, sched::Scheduler& scheduler,
                   base::Probe& probe, const KmapConfig& config)
    : ram_(ram), mem_map_(mem_map), scheduler_(scheduler), probe_(probe), config_(config) {}

Result<std::unique_ptr<KmapPool>> KmapPool::create(phys::Ram& ram, phys::MemMap& mem_map,
                                                   sched::Scheduler& scheduler, base::Probe& probe,
                                                   const KmapConfig& config) {
  std::unique_ptr<KmapPool> pool(new KmapPool(ram, mem_map, scheduler, probe, config));
  if (ram.direct_map_bytes() >= ram.size_bytes()) return pool;
  if (config.slots == 0) return fail(EINVAL, "high memory needs at least one kmap slot");
  WindowConfig window = config.window;
  const u64 wanted = u64{config.slots + config.local_slots + kKmTypes} * 2 * kPageSize;
  if (wanted > window.size_bytes)
    return fail(EINVAL, "the kmap window has room for " +
                            std::to_string(window.size_bytes / (2 * kPageSize)) +
                            " slots in all; lower kmap_slots");
  window.size_bytes = wanted;
  pool->window_ = VMSIM_TRY(Window::create(window));
  pool->slots_.resize(config.slots);
  for (unsigned i = config.local_slots; i-- > 0;) pool->free_local_.push_back(config.slots + i);
  return pool;
}

KmapPool::~KmapPool() {
  for (const auto& [frame, slot] : slot_of_frame_) mem_map_.page(Pfn(frame))->virtual_ = nullptr;
}

// ---- The window ----

std::byte* KmapPool::slot_address(unsigned slot) const {
  return window_->page_at(u64{slot} * 2);
}

bool KmapPool::map_slot(unsigned slot, Pfn pfn) {
  const Result<void> mapped = ram_.map_window(slot_address(slot), pfn, 1);
  if (mapped) return true;
  probe_.finding("host-mapping-failed",
                 "the host refuses to map a kmap slot: " + mapped.error().to_string());
  return false;
}

void KmapPool::unmap_slot(unsigned slot) {
  const Result<void> unmapped = ram_.unmap_window(slot_address(slot), 1);
  if (!unmapped)
    probe_.finding("host-mapping-failed",
                   "the host refuses to unmap a kmap slot: " + unmapped.error().to_string());
}

std::string KmapPool::describe(const void* p) const {
  if (is_kmap_addr(p)) return hex_text(window_->nominal(p).value);
  return describer_ != nullptr ? describer_->describe(p) : "an address outside of the kmap window";
}

bool KmapPool::valid_page(const phys::Page* page, const char* call) {
  if (mem_map_.contains(page) && mem_map_.pfn_valid(mem_map_.pfn(page))) [[likely]]
    return true;
  probe_.finding("kmap-bad-page",
                 std::string(call) + " of " + describe(page) +
                     ", which is no struct page of RAM; Linux computes a wild address from it");
  return false;
}

// ---- Permanent maps ----

void* KmapPool::page_address(const phys::Page* page) const {
  if (!mem_map_.contains(page)) return nullptr;
  const Pfn pfn = mem_map_.pfn(page);
  if (std::byte* const direct = ram_.direct(pfn.addr())) return direct;
  const auto at = slot_of_frame_.find(pfn.value);
  return at == slot_of_frame_.end() ? nullptr : slot_address(at->second);
}

void* KmapPool::kmap(phys::Page* page) {
  if (sched::in_kernel()) scheduler_.check_may_sleep("kmap");
  if (!valid_page(page, "kmap")) return nullptr;
  const Pfn pfn = mem_map_.pfn(page);
  if (std::byte* const direct = ram_.direct(pfn.addr())) return direct;
  for (;;) {
    // Looked up again after every wait: another task may have mapped this page meanwhile.
    const auto at = slot_of_frame_.find(pfn.value);
    if (at != slot_of_frame_.end()) {
      if (slots_[at->second].count++ == 0) ++in_use_;
      return slot_address(at->second);
    }
    if (const std::optional<unsigned> slot = free_slot()) {
      if (!map_slot(*slot, pfn)) return nullptr;
      slots_[*slot] = Slot{pfn, 1, true};
      slot_of_frame_.emplace(pfn.value, *slot);
      ++in_use_;
      page->virtual_ = slot_address(*slot);
      return page->virtual_;
    }
    if (!sched::in_kernel()) {
      probe_.finding("kmap-full",
                     "every kmap slot is in use, and no task is there that could wait for one");
      return nullptr;
    }
    const sched::WaitResult woken = scheduler_.park(this, sched::State::kUninterruptible,
                                                    sched::WaitNote{"a free kmap slot", nullptr});
    if (woken != sched::WaitResult::kWoken) return nullptr;
  }
}

/// The next slot in turn that is not mapped; unused ones are flushed when the turn comes round, as
/// in Linux.
std::optional<unsigned> KmapPool::free_slot() {
  for (unsigned tried = 0; tried < config_.slots; ++tried) {
    cursor_ = (cursor_ + 1) % config_.slots;
    if (cursor_ == 0) flush_unused();
    if (!slots_[cursor_].mapped) return cursor_;
  }
  return std::nullopt;
}

void KmapPool::flush_unused() {
  for (unsigned i = 0; i < slots_.size(); ++i)
    if (slots_[i].mapped && slots_[i].count == 0) drop_slot(i);
}

void KmapPool::drop_slot(unsigned slot) {
  const Pfn pfn = slots_[slot].pfn;
  unmap_slot(slot);
  slot_of_frame_.erase(pfn.value);
  mem_map_.page(pfn)->virtual_ = nullptr;
  slots_[slot] = Slot{};
}

void KmapPool::kunmap(phys::Page* page) {
  if (!mem_map_.contains(page)) {
    probe_.finding("kunmap-wrong-pointer", "kunmap takes the struct page that kmap took, not " +
                                               describe(page) +
                                               "; Linux computes a wild address from it");
    return;
  }
  const Pfn pfn = mem_map_.pfn(page);
  if (ram_.direct(pfn.addr()) != nullptr) return;
  const auto at = slot_of_frame_.find(pfn.value);
  if (at == slot_of_frame_.end() || slots_[at->second].count == 0) {
    probe_.finding("kunmap-not-mapped",
                   "kunmap of page frame " + hex_text(pfn.value) +
                       ", which is not kmapped (any more); Linux has a BUG() here");
    return;
  }
  const unsigned slot = at->second;
  if (--slots_[slot].count != 0) return;
  --in_use_;
  if (config_.mode == KmapMode::kStrict) drop_slot(slot);
  scheduler_.unpark_all(this);
}

std::optional<Pfn> KmapPool::mapped_at(const void* p) const {
  if (!is_kmap_addr(p)) return std::nullopt;
  const u64 page = window_->page_index(p);
  if (page % 2 != 0) return std::nullopt;
  const auto slot = static_cast<unsigned>(page / 2);
  if (slot < slots_.size())
    return slots_[slot].mapped ? std::optional(slots_[slot].pfn) : std::nullopt;
  for (const auto& [task, stack] : locals_)
    for (const LocalMap& map : stack)
      if (map.slot == slot) return map.pfn;
  for (const TypedMap& map : typed_)
    if (map.used && map.high && map.address == slot_address(slot)) return map.pfn;
  return std::nullopt;
}

}  // namespace vmsim::kern
