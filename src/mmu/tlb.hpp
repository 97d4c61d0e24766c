// SPDX-License-Identifier: MIT
// Translation caches: one direct-mapped Tlb per CPU, the group of all CPUs' TLBs that a flush
// reaches, and the numbers that tell address spaces apart. Counterpart: arch/x86/mm/tlb.c and
// PCIDs. Leaves out set associativity and large pages. mm flushes through TlbGroup; only the access
// loop looks up and fills.
#pragma once

#include <bit>
#include <functional>
#include <vector>

#include "vmsim/addr.hpp"

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "mmu/pte.hpp"

namespace vmsim::mmu {

/// Numbers that an address space may have: [1, kAsidMax]; 0 serves those that never share a TLB.
inline constexpr u32 kAsidMax = 2046;

// A tag is the page's address with the ASID in its low bits; reads, writes and fetches have a tag
// each, so that a right is part of the comparison: an entry filled by a read of a clean page has no
// write tag, and the first write takes the slow path that sets the dirty bit. Device pages carry
// kDeviceBit in the tag: the fast path never matches them.

/// One translation. 32 bytes, so that an index is a shift.
struct TlbEntry {
  u64 tag_read;
  u64 tag_write;
  u64 tag_fetch;
  u64 bias;  ///< add the virtual address: host pointer of RAM, physical address of a device
};

static_assert(sizeof(TlbEntry) == 32);

/// What a walk found, for Tlb::fill().
struct TlbFill {
  VirtAddr page;
  u32 asid = 0;
  bool device = false;
  bool readable = false;
  bool writable = false;  ///< and already dirty
  bool executable = false;
  bool global = false;
  u64 target = 0;  ///< host address of the page's first byte, or its physical address for a device
};

struct TlbStats {
  u64 misses = 0;
  u64 page_flushes = 0;
  u64 mm_flushes = 0;
  u64 full_flushes = 0;
};

/// One CPU's translations. Used by that CPU's task only; other CPUs reach it through TlbGroup.
class Tlb {
 public:
  static constexpr u64 kDeviceBit = u64{1} << 11;
  static constexpr u64 kNoTag = ~u64{0};

  /// Pre: entries is a power of two, 2 at least.
  explicit Tlb(unsigned entries = 1024);

  unsigned size() const { return static_cast<unsigned>(entries_.size()); }

  const TlbEntry& entry(u64 va) const {
    return *reinterpret_cast<const TlbEntry*>(reinterpret_cast<const std::byte*>(base_) +
                                              ((va >> (kPageShift - 5)) & index_mask_));
  }

  /// The tag that an access of `width` bytes at va compares with. It names the page of the last
  /// byte, so that an access which crosses a page never matches the entry of its first byte.
  static u64 tag(u64 va, u32 asid, u64 width) { return ((va + width - 1) & kPageMask) | asid; }

  void fill(const TlbFill& what) {
    VMSIM_DEBUG_ASSERT(what.asid <= kAsidMax, "an ASID fits a TLB tag");
    const u64 index = index_of_page(what.page);
    const u64 tag = what.page.value | what.asid | (what.device ? kDeviceBit : 0);
    TlbEntry& entry = entries_[index];
    entry.tag_read = what.readable ? tag : kNoTag;
    entry.tag_write = what.writable ? tag : kNoTag;
    entry.tag_fetch = what.executable ? tag : kNoTag;
    entry.bias = what.target - what.page.value;
    global_[index] = what.global;
  }

  void count_miss() { ++stats_.misses; }

  void flush_page(u32 asid, VirtAddr va);
  /// Page by page up to flush_ceiling() pages, else all of the address space.
  void flush_range(u32 asid, VirtRange range);
  /// Everything of one address space but global entries.
  void flush_mm(u32 asid);
  void flush_all();

  u64 flush_ceiling() const { return flush_ceiling_; }

  /// Linux's tlb_single_page_flush_ceiling, 33 pages by default.
  void set_flush_ceiling(u64 pages) { flush_ceiling_ = pages; }

  const TlbStats& stats() const { return stats_; }

  /// Valid entries; for tests and views.
  u64 used() const;

 private:
  void drop(u64 index) { entries_[index] = TlbEntry{kNoTag, kNoTag, kNoTag, 0}; }

  u64 index_of_page(VirtAddr va) const { return (va.value >> kPageShift) & (entries_.size() - 1); }

  static bool belongs(const TlbEntry& entry, u64 mask, u64 wanted);

  std::vector<TlbEntry> entries_;
  std::vector<u8> global_;  ///< beside the entries: only a flush asks
  const TlbEntry* base_;
  u64 index_mask_;  ///< in bytes
  u64 flush_ceiling_ = 33;
  TlbStats stats_;
};

/// A set of CPUs, bit n is CPU n.
using CpuSet = u64;
inline constexpr CpuSet kAllCpus = ~CpuSet{0};

/// Runs a function on another CPU and returns when it has run (or the CPU is idle, where the caller
/// may run it in its place). Counterpart: smp_call_function(). Implemented by the scheduler where
/// CPUs are truly parallel.
class CrossCall {
 public:
  virtual ~CrossCall() = default;
  virtual void run_on(unsigned cpu, const std::function<void()>& function) = 0;
};

/// All CPUs' TLBs. A flush ends when every CPU of its set has done it. One event for each flush.
class TlbGroup {
 public:
  /// Pre: 1 <= cpus <= 64. Without a CrossCall the caller's thread does every CPU's part: right
  /// where one CPU runs at a time.
  TlbGroup(unsigned cpus, base::Probe& probe, unsigned entries = 1024,
           CrossCall* cross_call = nullptr);

  unsigned cpus() const { return static_cast<unsigned>(tlbs_.size()); }

  Tlb& cpu(unsigned n) { return tlbs_[n]; }

  void set_cross_call(CrossCall* cross_call) { cross_call_ = cross_call; }

  void flush_page(u32 asid, VirtAddr va, CpuSet on = kAllCpus);
  void flush_range(u32 asid, VirtRange range, CpuSet on = kAllCpus);
  void flush_mm(u32 asid, CpuSet on = kAllCpus);
  void flush_all(CpuSet on = kAllCpus);
  TlbStats stats() const;

 private:
  template <class Fn>
  void reach(CpuSet on, u64 start, u64 end, Fn&& fn);

  std::vector<Tlb> tlbs_;
  base::Probe& probe_;
  CrossCall* cross_call_;
};

/// The number of one address space, and how old it is. Zero generation: none yet.
struct AsidLease {
  u64 generation = 0;
  u32 asid = 0;
};

/// Hands out ASIDs. When they run out a new generation starts: every TLB is flushed and every lease
/// of before is stale. Counterpart: the ASID generations of arm64. One task at a time.
class AsidAllocator {
 public:
  /// Pre: 1 <= asids <= kAsidMax.
  explicit AsidAllocator(TlbGroup& tlbs, u32 asids = kAsidMax);

  bool current(const AsidLease& lease) const { return lease.generation == generation_; }

  /// Renews a stale lease; to be called whenever a CPU starts to use the address space. Returns its
  /// ASID.
  u32 acquire(AsidLease& lease) {
    if (!current(lease)) [[unlikely]]
      renew(lease);
    return lease.asid;
  }

  u64 generation() const { return generation_; }

 private:
  void renew(AsidLease& lease);

  TlbGroup& tlbs_;
  u32 asids_;
  u32 next_ = 1;
  u64 generation_ = 1;
};

}  // namespace vmsim::mmu
