// SPDX-License-Identifier: MIT
// mem_map: one struct page per frame in a flat array, and beside it what drivers must not see:
// owner, state, known-zero. Counterpart: mem_map with FLATMEM, page_owner. No NUMA nodes, no
// sections. Untouched entries cost no host memory: all zero means "free, never given out, contents
// zero". Core rooms only.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/assert.hpp"
#include "phys/layout.hpp"
#include "phys/page_list.hpp"
#include "phys/ram.hpp"

static_assert(sizeof(struct page) == 64, "drivers and the core must agree on mem_map's stride");

namespace vmsim::phys {

/// Who uses a frame. For reports; the allocator itself only knows free and allocated.
enum class PageKind : u8 {
  kFree,
  kReserved,
  kKernel,  ///< alloc_pages and nothing more is known
  kSlab,
  kVmalloc,
  kPageTable,
  kDriver,
  kAnon,
  kFile,
  kShmem,
};

/// "free", "page table", …
std::string_view page_kind_name(PageKind kind);

/// A frame's place in the blocks of the allocator. kNone: inside a free block, cached, untouched,
/// or not managed at all.
enum class BlockState : u8 { kNone, kFreeHead, kAllocatedHead, kAllocatedTail };

/// The core's own 16 bits per frame; zero at boot.
///
///   15   12 11    8 7     6         5   4 3    0
///  +-------+-------+---+---------+-------+------+
///  | 0     | order | 0 | unknown | block | kind |   unknown: the contents may be other than zero
///  +-------+-------+---+---------+-------+------+
class FrameState {
 public:
  PageKind kind() const { return static_cast<PageKind>(bits_ & 0xf); }

  BlockState block() const { return static_cast<BlockState>(bits_ >> 4 & 3); }

  bool known_zero() const { return (bits_ & kUnknown) == 0; }

  /// Meaningful for the heads of blocks.
  unsigned order() const { return bits_ >> 8 & 0xf; }

  void set_kind(PageKind kind) {
    bits_ = static_cast<u16>((bits_ & ~0xf) | static_cast<u16>(kind));
  }

  void set_block(BlockState block, unsigned order) {
    bits_ = static_cast<u16>((bits_ & (kUnknown | 0xf)) | static_cast<unsigned>(block) << 4 |
                             order << 8);
  }

  void set_known_zero() { bits_ = static_cast<u16>(bits_ & ~kUnknown); }

  void set_unknown() { bits_ = static_cast<u16>(bits_ | kUnknown); }

  /// One store for the fault path: an order-0 block of `kind` with unknown contents.
  void set_allocated_single(PageKind kind) {
    bits_ = static_cast<u16>(static_cast<unsigned>(BlockState::kAllocatedHead) << 4 | kUnknown |
                             static_cast<unsigned>(kind));
  }

 private:
  static constexpr unsigned kUnknown = 1u << 6;
  u16 bits_ = 0;
};

static_assert(sizeof(FrameState) == 2);

/// Thread safety: looking up is const and free for all; a frame's entries belong to whoever owns
/// the frame.
class MemMap {
 public:
  /// Covers [0, end of RAM). Frames of kRam and kReserved regions are valid; reserved ones carry
  /// PG_reserved.
  static Result<std::unique_ptr<MemMap>> create(std::span<const Region> regions);
  ~MemMap();
  MemMap(const MemMap&) = delete;
  MemMap& operator=(const MemMap&) = delete;

  /// The array itself (drivers' mem_map).
  Page* base() const { return pages_; }

  /// One past the last frame of RAM (max_pfn).
  Pfn end() const { return end_; }

  /// Pre: pfn < end(). The entry of an invalid frame exists but means nothing.
  Page* page(Pfn pfn) const {
    VMSIM_DEBUG_ASSERT(pfn < end_, "mem_map ends at the last frame of RAM");
    if (has_lazy_reserved_) [[unlikely]]
      mark_if_reserved(pfn);
    return pages_ + pfn.value;
  }

  /// Pre: the page lies in mem_map.
  Pfn pfn(const Page* page) const {
    VMSIM_DEBUG_ASSERT(contains(page), "a struct page is an element of mem_map");
    return Pfn(static_cast<u64>(page - pages_));
  }

  PhysAddr addr(const Page* page) const { return pfn(page).addr(); }

  /// The pointer is that of an element of mem_map.
  bool contains(const void* p) const {
    const u64 offset =
        reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(pages_);
    return offset < end_.value * sizeof(Page) && offset % sizeof(Page) == 0;
  }

  /// False for holes, devices, and RAM that the kernel was told not to know.
  bool pfn_valid(Pfn pfn) const;

  FrameState& state(Pfn pfn) const {
    VMSIM_DEBUG_ASSERT(pfn < end_, "mem_map ends at the last frame of RAM");
    return states_[pfn.value];
  }

  PageKind kind(const Page* page) const { return state(pfn(page)).kind(); }

  /// For leak reports. Sets this frame only: name the head of a block.
  void set_kind(const Page* page, PageKind kind) const { state(pfn(page)).set_kind(kind); }

  /// Ranges with struct pages that the allocator may hand out, in address order.
  const std::vector<PfnRange>& usable() const { return usable_; }

 private:
  MemMap() = default;
  void mark_if_reserved(Pfn pfn) const;
  void mark_reserved(Pfn pfn, PfnRange range) const;

  Page* pages_ = nullptr;
  FrameState* states_ = nullptr;
  Pfn end_;
  std::vector<PfnRange> valid_;  // ascending, neighbours joined
  std::vector<PfnRange> usable_;
  std::vector<PfnRange> lazy_reserved_;  // too large to be marked at boot
  bool has_lazy_reserved_ = false;
};

/// The page that carries count and flags for this one.
inline Page* compound_head(Page* page) {
  return (page->compound_head & 1) != 0 ? reinterpret_cast<Page*>(page->compound_head - 1) : page;
}

inline bool is_tail(const Page* page) {
  return (page->compound_head & 1) != 0;
}

inline bool is_head(const Page* page) {
  return (page->flags >> PG_head & 1) != 0;
}

inline bool is_reserved(const Page* page) {
  return (page->flags >> PG_reserved & 1) != 0;
}

/// 0 for a page that is no head.
inline unsigned compound_order(const Page* page) {
  return is_head(page) ? static_cast<unsigned>(page[1].compound_order) : 0;
}

}  // namespace vmsim::phys
