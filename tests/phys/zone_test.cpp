// SPDX-License-Identifier: MIT
// Tests of phys::Zones: exact accounting against a bitmap, runs, zone rules, reserve, known zero.
// References and misuse are in page_ref_test.cpp.
#include "phys/zone.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "box.hpp"

namespace vmsim::phys {
namespace {

u64 seed() {
  const char* text = std::getenv("VMSIM_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 20240607;
}

// ---- Boot ----

TEST(Zones, TerabyteBootsQuicklyAndCountsExactly) {
  const auto start = std::chrono::steady_clock::now();
  Box box(1024 * kGiB, Platform::kX86_64, Box::kernel_reserve());
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took, std::chrono::milliseconds(50));
  EXPECT_EQ(box.zones->managed_pages(), (1024 * kGiB - 0x60000 - kPageSize) / kPageSize);
  EXPECT_EQ(box.zones->free_pages_count(), box.zones->managed_pages());
  Page* page = box.zones->alloc_user_page_zeroed();
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(box.zones->allocated_pages(), 1u);
  EXPECT_EQ(box.zones->allocated_blocks().size(), 1u);
  box.zones->free_page(page);
}

TEST(Zones, OneMebibyteCanBeUsedToTheLastFrame) {
  Box box(kMiB);
  const u64 frames = 0xa0 - 1;
  EXPECT_EQ(box.zones->managed_pages(), frames);
  std::vector<Page*> pages;
  while (Page* page = box.zones->alloc_page(kKernel)) pages.push_back(page);
  EXPECT_EQ(pages.size(), frames);
  EXPECT_EQ(box.zones->free_pages_count(), 0u);
  EXPECT_EQ(box.zones->alloc_user_page_zeroed(), nullptr);
  for (Page* page : pages) box.zones->free_page(page);
  EXPECT_EQ(box.zones->free_pages_count(), frames);
}

TEST(Zones, ReserveThatLeavesNothingIsRefused) {
  Box box(kMiB);
  ZonesConfig config;
  config.min_free_pages = 0xa0 - 1;
  EXPECT_FALSE(Zones::create(*box.ram, *box.map, box.probe, config));
}

TEST(Zones, FreshBuddyinfoIsLargestBlocks) {
  Box box(64 * kMiB);
  // DMA: pages 1..0x9f and 0x100..0xfff; DMA32: 48 MiB in 12 largest blocks.
  EXPECT_EQ(
      box.zones->buddyinfo_text(),
      "Node 0, zone      DMA      1      1      1      1      1      2      1      0      1      1"
      "      3 \n"
      "Node 0, zone    DMA32      0      0      0      0      0      0      0      0      0      0"
      "     12 \n");
}

// ---- Accounting ----

struct Owned {
  Page* page;
  unsigned order;
};

/// Random requests and frees; a bitmap knows who has what.
void check_against_bitmap(bool junk_fill, u64 the_seed) {
  ZonesConfig config = Box::no_reserve();
  config.junk_fill = junk_fill;
  Box box(24 * kMiB, Platform::kX86_64, config);
  const std::string fresh = box.zones->buddyinfo_text();
  std::mt19937_64 random(the_seed);
  std::vector<bool> taken(box.map->end().value);
  std::vector<Owned> owned;
  u64 taken_count = 0;
  const auto give_back = [&](std::size_t which) {
    const Owned block = owned[which];
    owned[which] = owned.back();
    owned.pop_back();
    for (u64 i = 0; i < u64{1} << block.order; ++i) taken[box.pfn(block.page).value + i] = false;
    taken_count -= u64{1} << block.order;
    box.zones->free_pages(block.page, block.order);
  };
  for (int step = 0; step < 40000; ++step) {
    const bool filling = step / 5000 % 2 == 0;
    if (!owned.empty() && random() % 100 < (filling ? 40u : 60u)) {
      give_back(random() % owned.size());
    } else {
      const unsigned order =
          random() % 4 != 0 ? 0 : static_cast<unsigned>(random() % (kMaxOrder + 1));
      vmsim_gfp_t gfp = random() % 2 != 0 ? VMSIM_GFP_HIGHUSER_MOVABLE : VMSIM_GFP_KERNEL;
      if (random() % 2 != 0) gfp |= VMSIM_GFP_BIT_ZERO;
      if (random() % 4 == 0) gfp |= VMSIM_GFP_BIT_COMP;
      const bool by_fault = order == 0 && random() % 3 == 0;
      Page* page =
          by_fault ? box.zones->alloc_user_page_zeroed() : box.zones->alloc_pages(gfp, order);
      if (page == nullptr) {
        ASSERT_TRUE(order > 0 || taken_count == box.zones->managed_pages())
            << "a free frame was withheld";
        continue;
      }
      ASSERT_EQ(box.pfn(page).value % (u64{1} << order), 0u);
      for (u64 i = 0; i < u64{1} << order; ++i) {
        const Pfn pfn = box.pfn(page) + i;
        ASSERT_FALSE(taken[pfn.value]) << "frame given out twice";
        ASSERT_TRUE(box.map->pfn_valid(pfn) && !is_reserved(box.map->page(pfn)));
        taken[pfn.value] = true;
      }
      ASSERT_TRUE((!by_fault && (gfp & VMSIM_GFP_BIT_ZERO) == 0) || box.is_zero(page, order));
      box.scribble(page, order);
      taken_count += u64{1} << order;
      owned.push_back({page, order});
    }
    ASSERT_EQ(box.zones->allocated_pages(), taken_count);
    if (step % 2000 == 0) {
      box.zones->validate();
      ASSERT_EQ(box.zones->allocated_blocks().size(), owned.size());
    }
    if (step % 7000 == 0) box.zones->trim();
  }
  while (!owned.empty()) give_back(owned.size() - 1);
  box.zones->drain_runs();
  box.zones->validate();
  EXPECT_EQ(box.zones->free_pages_count(), box.zones->managed_pages());
  EXPECT_TRUE(box.zones->allocated_blocks().empty());
  EXPECT_EQ(box.zones->buddyinfo_text(), fresh) << "everything coalesces again";
  EXPECT_TRUE(box.probe.findings().empty());
}

TEST(Zones, AgreesWithBitmapUnderRandomUse) {
  SCOPED_TRACE("VMSIM_SEED=" + std::to_string(seed()));
  check_against_bitmap(false, seed());
}

TEST(Zones, AgreesWithBitmapUnderRandomUseWithJunkFill) {
  SCOPED_TRACE("VMSIM_SEED=" + std::to_string(seed()));
  check_against_bitmap(true, seed() + 1);
}

TEST(Zones, AllocatedBlocksSayWhoHasWhat) {
  Box box(64 * kMiB);
  Page* one = box.zones->alloc_page(kKernel);
  Page* four = box.zones->alloc_pages(kKernel | VMSIM_GFP_DMA, 2);
  box.zones->set_kind(four, PageKind::kDriver);
  box.zones->get_page(one);
  const auto blocks = box.zones->allocated_blocks();
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].pfn, box.pfn(four));
  EXPECT_EQ(blocks[0].order, 2u);
  EXPECT_EQ(blocks[0].kind, PageKind::kDriver);
  EXPECT_EQ(blocks[1].pfn, box.pfn(one));
  EXPECT_EQ(blocks[1].kind, PageKind::kKernel);
  EXPECT_EQ(blocks[1].refcount, 2);
}

// ---- Runs ----

TEST(Zones, SinglePagesAreAscendingNeighbours) {
  Box box(256 * kMiB);
  Page* last = box.zones->alloc_user_page_zeroed();
  for (int i = 0; i < 5000; ++i) {
    Page* page = box.zones->alloc_user_page_zeroed();
    ASSERT_EQ(page, last + 1) << "after " << i;
    last = page;
  }
}

TEST(Zones, KernelPagesDoNotBreakUserRuns) {
  Box box(256 * kMiB);
  Page* last_user = box.zones->alloc_user_page_zeroed();
  Page* last_kernel = box.zones->alloc_page(kKernel);
  int user_breaks = 0;
  int kernel_breaks = 0;
  for (int i = 0; i < 3000; ++i) {
    Page* user = box.zones->alloc_user_page_zeroed();
    Page* kernel = box.zones->alloc_page(kKernel);
    user_breaks += user == last_user + 1 ? 0 : 1;
    kernel_breaks += kernel == last_kernel + 1 ? 0 : 1;
    last_user = user;
    last_kernel = kernel;
  }
  EXPECT_LE(user_breaks, 3) << "at most one per 4 MiB";
  EXPECT_LE(kernel_breaks, 3);
}

TEST(Zones, LargeBlockDrainsTheRuns) {
  Box box(kMiB);
  Page* page = box.zones->alloc_user_page_zeroed();
  box.zones->free_page(page);
  Page* large =
      box.zones->alloc_pages(kKernel, 6);  // 64 frames: only there if the run gives its block back
  EXPECT_NE(large, nullptr);
}

// ---- Zone rules ----

TEST(Zones, GfpChoosesTheZoneOnX86_64) {
  Box box(8 * kGiB);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel)), ZoneKind::kNormal);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(VMSIM_GFP_HIGHUSER)), ZoneKind::kNormal);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel | VMSIM_GFP_DMA32)), ZoneKind::kDma32);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel | VMSIM_GFP_DMA)), ZoneKind::kDma);
  EXPECT_EQ(box.zone_of(box.zones->alloc_user_page_zeroed()), ZoneKind::kNormal);
  EXPECT_EQ(box.zones->managed_pages(ZoneKind::kHighMem), 0u);
}

TEST(Zones, GfpChoosesTheZoneOnX86_32) {
  Box box(2 * kGiB, Platform::kX86_32);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel)), ZoneKind::kNormal);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(VMSIM_GFP_HIGHUSER)), ZoneKind::kHighMem);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel | VMSIM_GFP_DMA32)), ZoneKind::kNormal);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel | VMSIM_GFP_DMA)), ZoneKind::kDma);
  EXPECT_EQ(box.zone_of(box.zones->alloc_user_page_zeroed()), ZoneKind::kHighMem);
  EXPECT_EQ(box.zones->zone_of(Pfn(kLowMemoryEnd)), ZoneKind::kHighMem);
  EXPECT_EQ(box.zones->zone_of(Pfn(kLowMemoryEnd.value / kPageSize - 1)), ZoneKind::kNormal);
  EXPECT_EQ(box.zones->managed_pages(ZoneKind::kDma32), 0u);
}

TEST(Zones, FullZoneFallsBackDownwardsOnly) {
  Box box(20 * kMiB);  // DMA: 16 MiB, DMA32: 4 MiB
  const u64 dma32 = box.zones->managed_pages(ZoneKind::kDma32);
  for (u64 i = 0; i < dma32; ++i)
    ASSERT_EQ(box.zone_of(box.zones->alloc_page(kKernel)), ZoneKind::kDma32);
  EXPECT_EQ(box.zone_of(box.zones->alloc_page(kKernel)), ZoneKind::kDma);
  EXPECT_EQ(box.zone_of(box.zones->alloc_user_page_zeroed()), ZoneKind::kDma);
  while (box.zones->alloc_page(VMSIM_GFP_DMA) != nullptr) {
  }
  EXPECT_EQ(box.zones->free_pages_count(), 0u);
}

TEST(Zones, DmaRequestNeverGoesUp) {
  Box box(20 * kMiB);
  while (Page* page = box.zones->alloc_page(VMSIM_GFP_DMA))
    ASSERT_EQ(box.zone_of(page), ZoneKind::kDma);
  EXPECT_EQ(box.zones->free_pages_count(), box.zones->managed_pages(ZoneKind::kDma32));
}

TEST(Zones, ContradictoryZonesAndHugeOrdersAreFindings) {
  Box box(16 * kMiB);
  EXPECT_EQ(box.zones->alloc_page(VMSIM_GFP_DMA | VMSIM_GFP_BIT_HIGHMEM), nullptr);
  EXPECT_EQ(box.zones->alloc_pages(kKernel, kMaxOrder + 1), nullptr);
  EXPECT_EQ(box.zones->alloc_pages(kKernel | VMSIM_GFP_BIT_NOWARN, 40), nullptr);
  EXPECT_EQ(box.rules(), (Rules{"gfp-zone-conflict", "alloc-order-too-large"}));
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
}

TEST(Zones, OnlyAtomicRequestsGoBelowTheWatermark) {
  ZonesConfig config;
  config.min_free_pages = 64;
  Box box(kMiB, Platform::kX86_64, config);
  ASSERT_EQ(box.zones->min_watermark(ZoneKind::kDma), 64u);
  while (box.zones->alloc_page(kKernel) != nullptr) {
  }
  EXPECT_EQ(box.zones->free_pages_count(), 64u);
  EXPECT_EQ(box.zones->alloc_user_page_zeroed(), nullptr);
  while (box.zones->alloc_page(VMSIM_GFP_ATOMIC) != nullptr) {
  }
  EXPECT_EQ(box.zones->free_pages_count(), 24u)
      << "half, and a quarter of the rest, as in the kernel";
  while (box.zones->alloc_page(kKernel | VMSIM_GFP_BIT_MEMALLOC) != nullptr) {
  }
  EXPECT_EQ(box.zones->free_pages_count(), 0u);
}

TEST(Zones, NofailUsesTheReserveAndReportsTheEnd) {
  ZonesConfig config;
  config.min_free_pages = 10;
  Box box(kMiB, Platform::kX86_64, config);
  while (box.zones->alloc_page(kKernel) != nullptr) {
  }
  for (int i = 0; i < 10; ++i)
    EXPECT_NE(box.zones->alloc_page(kKernel | VMSIM_GFP_BIT_NOFAIL), nullptr);
  EXPECT_TRUE(box.rules().empty());
  EXPECT_EQ(box.zones->alloc_page(kKernel | VMSIM_GFP_BIT_NOFAIL), nullptr);
  EXPECT_EQ(box.rules(), Rules{"nofail-exhausted"});
}

class FreeingReclaimer : public Reclaimer {
 public:
  explicit FreeingReclaimer(Zones& zones) : zones_(zones) {}

  u64 reclaim(u64 wanted, vmsim_gfp_t) override {
    ++calls;
    zones_.alloc_page(kKernel);  // a reclaimer that needs memory itself must not recurse
    u64 freed = 0;
    for (; freed < wanted && !pages.empty(); ++freed) {
      zones_.free_page(pages.back());
      pages.pop_back();
    }
    return freed;
  }

  std::vector<Page*> pages;
  int calls = 0;

 private:
  Zones& zones_;
};

TEST(Zones, ReclaimerIsAskedOnlyByThoseWhoMaySleep) {
  Box box(kMiB);
  FreeingReclaimer reclaimer(*box.zones);
  while (Page* page = box.zones->alloc_page(kKernel)) reclaimer.pages.push_back(page);
  box.zones->set_reclaimer(&reclaimer);
  EXPECT_EQ(box.zones->alloc_page(VMSIM_GFP_ATOMIC), nullptr);
  EXPECT_EQ(reclaimer.calls, 0);
  EXPECT_NE(box.zones->alloc_page(kKernel), nullptr);
  EXPECT_NE(box.zones->alloc_user_page_zeroed(), nullptr);
  EXPECT_EQ(reclaimer.calls, 2);
  reclaimer.pages.clear();
  EXPECT_EQ(box.zones->alloc_page(kKernel), nullptr);
  EXPECT_EQ(reclaimer.calls, 3);
}

class FailEverySecond : public base::FailOracle {
 public:
  bool should_fail(const char* site) override {
    return std::string(site) == "alloc_pages" && ++asked % 2 == 0;
  }

  int asked = 0;
};

TEST(Zones, EveryRequestAsksOnceWhetherToFail) {
  Box box(kMiB);
  FailEverySecond oracle;
  box.probe.set_fail_oracle(&oracle);
  EXPECT_NE(box.zones->alloc_page(kKernel), nullptr);
  EXPECT_EQ(box.zones->alloc_page(kKernel), nullptr);
  EXPECT_NE(box.zones->alloc_user_page_zeroed(),
            nullptr);  // empty run: the slow path must not ask again
  EXPECT_EQ(box.zones->alloc_user_page_zeroed(), nullptr);
  EXPECT_NE(box.zones->alloc_user_page_zeroed(), nullptr);
  EXPECT_NE(box.zones->alloc_page(kKernel | VMSIM_GFP_BIT_NOFAIL), nullptr);
  EXPECT_EQ(oracle.asked, 5);
  EXPECT_EQ(box.zones->allocated_pages(), 4u);
  box.probe.set_fail_oracle(nullptr);
}

// ---- Contents ----

TEST(Zones, ZeroedPageIsZeroEvenAfterUse) {
  for (const bool junk_fill : {false, true}) {
    ZonesConfig config = Box::no_reserve();
    config.junk_fill = junk_fill;
    Box box(kMiB, Platform::kX86_64, config);
    std::vector<Page*> pages;
    for (int round = 0; round < 3; ++round) {
      while (Page* page = box.zones->alloc_user_page_zeroed()) {
        ASSERT_TRUE(box.is_zero(page));
        box.scribble(page);
        pages.push_back(page);
      }
      for (Page* page : pages) box.zones->free_page(page);
      pages.clear();
    }
  }
}

TEST(Zones, UnzeroedPageKeepsOldContents) {
  ZonesConfig config = Box::no_reserve();
  config.junk_fill = false;
  Box box(kMiB, Platform::kX86_64, config);
  Page* page = box.zones->alloc_pages(kKernel, 6);
  box.scribble(page, 6);
  box.zones->free_pages(page, 6);
  Page* again = box.zones->alloc_pages(kKernel, 6);
  ASSERT_EQ(again, page);
  EXPECT_EQ(*box.ram->host(box.pfn(again)), std::byte{0xa5});
}

TEST(Zones, JunkFillOverwritesFreedFrames) {
  ZonesConfig config = Box::no_reserve();
  config.junk_fill = true;
  Box box(kMiB, Platform::kX86_64, config);
  Page* page = box.zones->alloc_pages(kKernel, 1);
  const Pfn pfn = box.pfn(page);
  box.zones->free_pages(page, 1);
  EXPECT_EQ(*box.ram->host(pfn), std::byte{kJunkByte});
  EXPECT_EQ(*box.ram->host(PhysAddr(pfn.addr().value + 2 * kPageSize - 1)), std::byte{kJunkByte});
}

TEST(Zones, TrimGivesUsedFramesBackAsZero) {
  Box box(64 * kMiB);
  Page* block = box.zones->alloc_pages(kKernel, kMaxOrder);
  const Pfn pfn = box.pfn(block);
  box.scribble(block, kMaxOrder);
  box.zones->free_pages(block, kMaxOrder);
  EXPECT_EQ(box.zones->trim(), u64{1} << kMaxOrder);
  EXPECT_TRUE(box.map->state(pfn).known_zero());
  EXPECT_EQ(*box.ram->host(pfn), std::byte{0});
  EXPECT_EQ(box.zones->trim(), 0u);
  EXPECT_EQ(box.zones->free_pages_count(), box.zones->managed_pages());
}

TEST(Zones, FreedPagesAreAllZeroAgain) {
  Box box(16 * kMiB);
  Page* page = box.zones->alloc_pages(kKernel, 1);
  page[1].private_ = 5;
  page[0].index = 7;
  page[0].flags |= 1ul << PG_dirty;
  box.zones->free_pages(page, 1);
  const Page clean{};
  EXPECT_EQ(std::memcmp(page + 1, &clean, sizeof clean), 0);
  EXPECT_EQ(page->index, 0u);
  EXPECT_EQ(page->flags, 0u);
}

// ---- Events ----

class PageEvents : public Observer {
 public:
  void on_event(const Event& event) override {
    if (event.kind == EventKind::kPageAlloc) allocs.push_back({event.a, event.b});
    if (event.kind == EventKind::kPageFree) frees.push_back({event.a, event.b});
  }

  std::vector<std::pair<u64, u64>> allocs;
  std::vector<std::pair<u64, u64>> frees;
};

TEST(Zones, EveryAllocationAndFreeIsAnEvent) {
  Box box(16 * kMiB);
  PageEvents events;
  box.probe.add(&events);
  Page* user = box.zones->alloc_user_page_zeroed();
  Page* second = box.zones->alloc_user_page_zeroed();  // the inline path
  Page* block = box.zones->alloc_pages(kKernel, 3);
  box.zones->put_page(user);
  box.zones->put_page(second);
  box.zones->free_pages(block, 3);
  box.probe.remove(&events);
  using Pairs = std::vector<std::pair<u64, u64>>;
  const Pairs expected{
      {box.pfn(user).value, 0}, {box.pfn(second).value, 0}, {box.pfn(block).value, 3}};
  EXPECT_EQ(events.allocs, expected);
  EXPECT_EQ(events.frees, expected);
}

}  // namespace
}  // namespace vmsim::phys
