// SPDX-License-Identifier: MIT
// Filling and flushing translation caches, and ASIDs.
#include "mmu/tlb.hpp"

#include <algorithm>

namespace vmsim::mmu {
namespace {

/// Tag bits that name the address space; a device entry's tag has kDeviceBit beside them.
constexpr u64 kAsidBits = Tlb::kDeviceBit - 1;
static_assert(kAsidMax < kAsidBits, "no ASID looks like kNoTag");

}  // namespace

Tlb::Tlb(unsigned entries)
    : entries_(entries, TlbEntry{kNoTag, kNoTag, kNoTag, 0}),
      global_(entries, 0),
      base_(entries_.data()),
      index_mask_(u64{entries - 1} * sizeof(TlbEntry)) {
  VMSIM_ASSERT(std::has_single_bit(entries) && entries > 1,
               "a TLB has a power of two of entries, and two neighbouring pages never share one");
}

/// Whether any tag of the entry is `wanted` under `mask`.
bool Tlb::belongs(const TlbEntry& entry, u64 mask, u64 wanted) {
  return (entry.tag_read & mask) == wanted || (entry.tag_write & mask) == wanted ||
         (entry.tag_fetch & mask) == wanted;
}

void Tlb::flush_page(u32 asid, VirtAddr va) {
  ++stats_.page_flushes;
  const u64 index = index_of_page(va);
  if (belongs(entries_[index], ~kDeviceBit, va.page_base().value | asid)) drop(index);
}

void Tlb::flush_range(u32 asid, VirtRange range) {
  // In bytes, and counted: a range may reach to the top of the addresses, where sums wrap.
  const VirtAddr first = range.start.page_base();
  const u64 bytes = range.end - first;
  if (bytes > flush_ceiling_ << kPageShift) return flush_mm(asid);
  for (u64 page = 0; page < pages_of(bytes); ++page) flush_page(asid, first + (page << kPageShift));
}

void Tlb::flush_mm(u32 asid) {
  ++stats_.mm_flushes;
  for (u64 i = 0; i < entries_.size(); ++i)
    if (belongs(entries_[i], kAsidBits, asid) && global_[i] == 0) drop(i);
}

void Tlb::flush_all() {
  ++stats_.full_flushes;
  std::fill(entries_.begin(), entries_.end(), TlbEntry{kNoTag, kNoTag, kNoTag, 0});
}

u64 Tlb::used() const {
  return static_cast<u64>(
      std::count_if(entries_.begin(), entries_.end(), [](const TlbEntry& entry) {
        return entry.tag_read != kNoTag || entry.tag_write != kNoTag || entry.tag_fetch != kNoTag;
      }));
}

TlbGroup::TlbGroup(unsigned cpus, base::Probe& probe, unsigned entries, CrossCall* cross_call)
    : probe_(probe), cross_call_(cross_call) {
  VMSIM_ASSERT(cpus >= 1 && cpus <= 64, "a CpuSet has 64 bits");
  tlbs_.reserve(cpus);
  for (unsigned n = 0; n < cpus; ++n) tlbs_.emplace_back(entries);
}

template <class Fn>
void TlbGroup::reach(CpuSet on, u64 start, u64 end, Fn&& fn) {
  u64 reached = 0;
  for (unsigned n = 0; n < cpus(); ++n) {
    if ((on >> n & 1) == 0) continue;
    ++reached;
    if (cross_call_ == nullptr) {
      fn(tlbs_[n]);
    } else {
      cross_call_->run_on(n, [&] { fn(tlbs_[n]); });
    }
  }
  probe_.emit(EventKind::kTlbFlush, start, end, reached);
}

void TlbGroup::flush_page(u32 asid, VirtAddr va, CpuSet on) {
  const u64 page = va.page_base().value;
  reach(on, page, page + kPageSize, [&](Tlb& tlb) { tlb.flush_page(asid, va); });
}

void TlbGroup::flush_range(u32 asid, VirtRange range, CpuSet on) {
  if (range.empty()) return;
  reach(on, range.start.value, range.end.value, [&](Tlb& tlb) { tlb.flush_range(asid, range); });
}

void TlbGroup::flush_mm(u32 asid, CpuSet on) {
  reach(on, 0, ~u64{0}, [&](Tlb& tlb) { tlb.flush_mm(asid); });
}

void TlbGroup::flush_all(CpuSet on) {
  reach(on, 0, ~u64{0}, [](Tlb& tlb) { tlb.flush_all(); });
}

TlbStats TlbGroup::stats() const {
  TlbStats sum;
  for (const Tlb& tlb : tlbs_) {
    sum.misses += tlb.stats().misses;
    sum.page_flushes += tlb.stats().page_flushes;
    sum.mm_flushes += tlb.stats().mm_flushes;
    sum.full_flushes += tlb.stats().full_flushes;
  }
  return sum;
}

AsidAllocator::AsidAllocator(TlbGroup& tlbs, u32 asids) : tlbs_(tlbs), asids_(asids) {
  VMSIM_ASSERT(asids >= 1 && asids <= kAsidMax, "an ASID fits a TLB tag");
}

void AsidAllocator::renew(AsidLease& lease) {
  if (next_ > asids_) {
    ++generation_;
    next_ = 1;
    tlbs_.flush_all();
  }
  lease = {generation_, next_++};
}

}  // namespace vmsim::mmu
