// SPDX-License-Identifier: MIT
// Atomic, local and typed kmaps: a stack per task, or one slot per KM_ type; see kmap.hpp.
// Counterpart: kmap_atomic() of 2.6 (arch/i386/mm/highmem.c), kmap_local of mm/highmem.c
// since 5.11. What differs from Linux in the reports' favour: low pages are checked like high ones.
#include <algorithm>

#include "kern/kmap.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

/// KM_MAX_IDX: local maps of high pages that one task may hold.
constexpr std::size_t kLocalMax = 16;

sched::Task* current_or_null() {
  return sched::in_kernel() ? &sched::current_task() : nullptr;
}

const std::byte* page_start(const void* p) {
  const auto* at = static_cast<const std::byte*>(p);
  return at - (host_value(p) & ~kPageMask);
}

}  // namespace

std::string km_type_name(unsigned type) {
  static constexpr const char* kNames[] = {"KM_BOUNCE_READ",
                                           "KM_SKB_SUNRPC_DATA",
                                           "KM_SKB_DATA_SOFTIRQ",
                                           "KM_USER0",
                                           "KM_USER1",
                                           "KM_BIO_SRC_IRQ",
                                           "KM_BIO_DST_IRQ",
                                           "KM_PTE0",
                                           "KM_PTE1",
                                           "KM_IRQ0",
                                           "KM_IRQ1",
                                           "KM_SOFTIRQ0",
                                           "KM_SOFTIRQ1"};
  return type < std::size(kNames) ? kNames[type] : "KM_ type " + std::to_string(type);
}

// ---- Stacked maps ----

void* KmapPool::kmap_atomic(phys::Page* page) {
  return map_local(page, LocalKind::kAtomic);
}

void* KmapPool::kmap_local_page(phys::Page* page) {
  return map_local(page, LocalKind::kLocal);
}

void KmapPool::kunmap_atomic(const void* address) {
  unmap_local(address, LocalKind::kAtomic);
}

void KmapPool::kunmap_local(const void* address) {
  unmap_local(address, LocalKind::kLocal);
}

void* KmapPool::map_local(phys::Page* page, LocalKind kind) {
  if (!valid_page(page, kind == LocalKind::kAtomic ? "kmap_atomic" : "kmap_local_page"))
    return nullptr;
  sched::Task* const task = current_or_null();
  LocalStack& stack = locals_[task];
  LocalMap map;
  map.kind = kind;
  map.pfn = mem_map_.pfn(page);
  map.address = ram_.direct(map.pfn.addr());
  if (map.address == nullptr) {
    const auto high = std::count_if(stack.begin(), stack.end(),
                                    [](const LocalMap& m) { return m.slot.has_value(); });
    if (static_cast<std::size_t>(high) >= kLocalMax || free_local_.empty()) {
      probe_.finding("kmap-local-overflow",
                     "no slot is left for kmap_atomic or kmap_local_page (" +
                         std::to_string(kLocalMax) +
                         " per task): maps are not undone. Linux has a BUG_ON here");
      return nullptr;
    }
    const unsigned slot = free_local_.back();
    if (!map_slot(slot, map.pfn)) return nullptr;
    free_local_.pop_back();
    map.slot = slot;
    map.address = slot_address(slot);
  }
  if (kind == LocalKind::kAtomic && task != nullptr) {
    task->enter_atomic(sched::AtomicReason::kKmapAtomic);
    map.holds_atomic = true;
  }
  stack.push_back(map);
  return const_cast<std::byte*>(map.address);
}

void KmapPool::unmap_local(const void* address, LocalKind kind) {
  const char* const call = kind == LocalKind::kAtomic ? "kunmap_atomic" : "kunmap_local";
  const auto of_task = locals_.find(current_or_null());
  if (of_task == locals_.end()) return report_local_stranger(nullptr, address, call);
  LocalStack& stack = of_task->second;
  const std::byte* const start = page_start(address);
  const auto found = std::find_if(stack.rbegin(), stack.rend(),
                                  [&](const LocalMap& m) { return m.address == start; });
  if (found == stack.rend()) return report_local_stranger(&stack, address, call);
  if (found != stack.rbegin()) report_local_order(stack, *found);
  if (found->kind != kind)
    probe_.finding("kunmap-wrong-call",
                   std::string(call) + " of " + describe(address) + ", which came from " +
                       (kind == LocalKind::kAtomic ? "kmap_local_page" : "kmap_atomic") +
                       "; the preemption count is off by one from here on");
  const auto at = std::prev(found.base());
  // kunmap_local ends the map only: the task stays atomic, as it would in Linux.
  if (kind == LocalKind::kLocal) at->holds_atomic = false;
  end_local(stack, at);
  if (stack.empty()) locals_.erase(of_task);
}

void KmapPool::report_local_order(const LocalStack& stack, const LocalMap& wanted) {
  probe_.finding("kunmap-atomic-order",
                 "page frame " + hex_text(wanted.pfn.value) + " is unmapped before frame " +
                     hex_text(stack.back().pfn.value) +
                     ", which was mapped after it; atomic and local maps end in reverse order. "
                     "Linux unmaps the wrong slot or stops with a BUG()");
}

void KmapPool::report_local_stranger(LocalStack* stack, const void* address, const char* call) {
  std::string what = describe(address);
  if (mem_map_.contains(address)) what = "a struct page";
  probe_.finding("kunmap-wrong-pointer",
                 std::string(call) + " of " + what +
                     ": this task has no such map. It takes the address that was returned, "
                     "not the page; Linux leaves the map in place");
  if (stack == nullptr) return;
  // Linux lowers the preemption count all the same; the map stays and is a leak.
  const auto atomic = std::find_if(stack->rbegin(), stack->rend(),
                                   [](const LocalMap& m) { return m.holds_atomic; });
  if (atomic == stack->rend()) return;
  atomic->holds_atomic = false;
  sched::current_task().leave_atomic(sched::AtomicReason::kKmapAtomic);
}

void KmapPool::end_local(LocalStack& stack, LocalStack::iterator at) {
  if (at->slot) {
    unmap_slot(*at->slot);
    free_local_.push_back(*at->slot);
  }
  if (at->holds_atomic && sched::in_kernel())
    sched::current_task().leave_atomic(sched::AtomicReason::kKmapAtomic);
  stack.erase(at);
}

// ---- One slot per type ----

void* KmapPool::kmap_atomic_type(phys::Page* page, unsigned type) {
  if (!valid_page(page, "kmap_atomic")) return nullptr;
  if (type >= kKmTypes) {
    probe_.finding("kmap-atomic-bad-type",
                   "kmap_atomic with type " + std::to_string(type) + " of an enum km_type");
    return nullptr;
  }
  TypedMap& map = typed_[type];
  const Pfn pfn = mem_map_.pfn(page);
  std::byte* const direct = ram_.direct(pfn.addr());
  if (map.used)
    probe_.finding("kmap-atomic-slot-clash",
                   km_type_name(type) + " maps page frame " + hex_text(map.pfn.value) +
                       " already and is taken for frame " + hex_text(pfn.value) +
                       "; the first user now sees the wrong page. Linux does not notice");
  const unsigned slot = config_.slots + config_.local_slots + type;
  if (direct == nullptr && !map_slot(slot, pfn)) return nullptr;
  sched::Task* const task = current_or_null();
  if (task != nullptr) task->enter_atomic(sched::AtomicReason::kKmapAtomic);
  map =
      TypedMap{true, direct != nullptr ? direct : slot_address(slot), pfn, direct == nullptr, task};
  return map.address;
}

void KmapPool::kunmap_atomic_type(const void* address, unsigned type) {
  sched::Task* const task = current_or_null();
  if (task != nullptr) task->leave_atomic(sched::AtomicReason::kKmapAtomic);
  if (type >= kKmTypes || !typed_[type].used || typed_[type].address != page_start(address)) {
    std::string what = mem_map_.contains(address) ? "a struct page" : describe(address);
    probe_.finding("kunmap-wrong-pointer",
                   "kunmap_atomic of " + what + " with " + km_type_name(type) +
                       ", which does not map it; Linux leaves the map in place");
    return;
  }
  if (typed_[type].high) unmap_slot(config_.slots + config_.local_slots + type);
  typed_[type] = TypedMap{};
}

// ---- The end of a task, and leaks ----

u64 KmapPool::local_depth(const sched::Task& task) const {
  const auto at = locals_.find(&task);
  return at == locals_.end() ? 0 : at->second.size();
}

void KmapPool::unwind_local(sched::Task& task, u64 depth, const char* why) {
  const auto of_task = locals_.find(&task);
  if (of_task == locals_.end()) return;
  LocalStack& stack = of_task->second;
  while (stack.size() > depth) {
    LocalMap& map = stack.back();
    probe_.finding("kmap-leak",
                   std::string(map.kind == LocalKind::kAtomic ? "kmap_atomic" : "kmap_local_page") +
                       " of page frame " + hex_text(map.pfn.value) + " by " + task.label() +
                       " is undone: " + why);
    if (map.holds_atomic) task.leave_atomic(sched::AtomicReason::kKmapAtomic);
    map.holds_atomic = false;
    end_local(stack, std::prev(stack.end()));
  }
  if (stack.empty()) locals_.erase(of_task);
}

std::vector<KmapLeak> KmapPool::leaks() const {
  std::vector<KmapLeak> found;
  for (unsigned i = 0; i < slots_.size(); ++i)
    if (slots_[i].count != 0)
      found.push_back(KmapLeak{slots_[i].pfn, slot_address(i), slots_[i].count, "kmap", ""});
  const auto first_local = static_cast<std::ptrdiff_t>(found.size());
  for (const auto& [task, stack] : locals_) {
    for (const LocalMap& map : stack)
      found.push_back(KmapLeak{map.pfn, map.address, 1,
                               map.kind == LocalKind::kAtomic ? "kmap_atomic" : "kmap_local_page",
                               task != nullptr ? task->label() : ""});
  }
  for (const TypedMap& map : typed_)
    if (map.used)
      found.push_back(KmapLeak{map.pfn, map.address, 1, "kmap_atomic",
                               map.task != nullptr ? map.task->label() : ""});
  // The order of a hash table is nobody's business.
  std::sort(found.begin() + first_local, found.end(), [](const KmapLeak& a, const KmapLeak& b) {
    return a.pfn != b.pfn ? a.pfn < b.pfn : a.task < b.task;
  });
  return found;
}

}  // namespace vmsim::kern
