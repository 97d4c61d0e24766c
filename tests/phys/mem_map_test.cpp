// SPDX-License-Identifier: MIT
// Tests of phys::MemMap: index arithmetic, pfn_valid, reserved pages, cost of a large machine.
#include "phys/mem_map.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace vmsim::phys {
namespace {

constexpr u64 kMiB = u64{1} << 20;
constexpr u64 kGiB = u64{1} << 30;

std::unique_ptr<MemMap> map_of(const LayoutConfig& config) {
  const auto layout = default_layout(config);
  EXPECT_TRUE(layout);
  auto map = MemMap::create(*layout);
  EXPECT_TRUE(map);
  return std::move(*map);
}

TEST(MemMap, PageAndPfnAreInverse) {
  LayoutConfig config;
  config.ram_bytes = 16 * kMiB;
  const auto map = map_of(config);
  EXPECT_EQ(map->end(), Pfn(4096));
  for (const u64 pfn : {u64{0}, u64{1}, u64{255}, u64{4095}}) {
    EXPECT_EQ(map->page(Pfn(pfn)), map->base() + pfn);
    EXPECT_EQ(map->pfn(map->page(Pfn(pfn))), Pfn(pfn));
  }
  EXPECT_EQ(map->addr(map->base() + 3), PhysAddr(0x3000));
  EXPECT_TRUE(map->contains(map->base() + 4095));
  EXPECT_FALSE(map->contains(map->base() + 4096));
  EXPECT_FALSE(map->contains(map->base() - 1));
  EXPECT_FALSE(map->contains(reinterpret_cast<std::byte*>(map->base()) + 8))
      << "inside of an element";
}

TEST(MemMap, ValidIsRamThatTheKernelKnows) {
  LayoutConfig config;
  config.ram_bytes = 4 * kGiB;
  config.withheld = {{PhysAddr(kGiB), PhysAddr(kGiB + kMiB)}};
  const auto map = map_of(config);
  EXPECT_TRUE(map->pfn_valid(Pfn(0)));
  EXPECT_TRUE(map->pfn_valid(Pfn(0xa0))) << "the legacy hole has struct pages";
  EXPECT_TRUE(map->pfn_valid(Pfn(PhysAddr(kGiB - 1))));
  EXPECT_FALSE(map->pfn_valid(Pfn(PhysAddr(kGiB))));
  EXPECT_FALSE(map->pfn_valid(Pfn(PhysAddr(kGiB + kMiB - 1))));
  EXPECT_TRUE(map->pfn_valid(Pfn(PhysAddr(kGiB + kMiB))));
  EXPECT_FALSE(map->pfn_valid(Pfn(kPciHoleStart)));
  EXPECT_FALSE(map->pfn_valid(Pfn(PhysAddr(kPciHoleEnd.value - 1))));
  EXPECT_TRUE(map->pfn_valid(Pfn(kPciHoleEnd)));
  EXPECT_FALSE(map->pfn_valid(map->end()));
  EXPECT_FALSE(map->pfn_valid(Pfn(~u64{0})));
}

TEST(MemMap, ReservedPagesSaySoSmallOrLarge) {
  LayoutConfig config;
  config.ram_bytes = 2 * kGiB;
  config.reserved = {
      {PhysAddr(kGiB), PhysAddr(kGiB + 512 * kMiB)}};  // large enough to be marked late
  const auto map = map_of(config);
  for (const PhysAddr pa :
       {PhysAddr(0), PhysAddr(0xa0000), PhysAddr(kGiB), PhysAddr(kGiB + 100 * kMiB)}) {
    Page* page = map->page(Pfn(pa));
    EXPECT_TRUE(is_reserved(page));
    EXPECT_EQ(page->_refcount.counter, 1);
    EXPECT_EQ(map->kind(page), PageKind::kReserved);
  }
  for (const PhysAddr pa :
       {PhysAddr(0x1000), PhysAddr(kMiB), PhysAddr(kGiB - kPageSize), PhysAddr(kGiB + 512 * kMiB)})
    EXPECT_FALSE(is_reserved(map->page(Pfn(pa))));
}

TEST(MemMap, KindIsPerFrame) {
  LayoutConfig config;
  config.ram_bytes = 16 * kMiB;
  const auto map = map_of(config);
  map->set_kind(map->page(Pfn(300)), PageKind::kSlab);
  EXPECT_EQ(map->kind(map->page(Pfn(300))), PageKind::kSlab);
  EXPECT_EQ(map->kind(map->page(Pfn(301))), PageKind::kFree);
  EXPECT_EQ(page_kind_name(PageKind::kPageTable), "page table");
}

TEST(MemMap, RefusesNoRam) {
  EXPECT_EQ(MemMap::create({}).error().errno_value, EINVAL);
}

TEST(FrameState, FieldsDoNotDisturbEachOther) {
  FrameState state;
  EXPECT_TRUE(state.known_zero());
  EXPECT_EQ(state.block(), BlockState::kNone);
  state.set_kind(PageKind::kShmem);
  state.set_unknown();
  state.set_block(BlockState::kAllocatedHead, 10);
  EXPECT_EQ(state.kind(), PageKind::kShmem);
  EXPECT_FALSE(state.known_zero());
  EXPECT_EQ(state.order(), 10u);
  state.set_known_zero();
  state.set_block(BlockState::kFreeHead, 3);
  EXPECT_EQ(state.block(), BlockState::kFreeHead);
  EXPECT_EQ(state.order(), 3u);
  EXPECT_EQ(state.kind(), PageKind::kShmem);
  EXPECT_TRUE(state.known_zero());
  state.set_allocated_single(PageKind::kAnon);
  EXPECT_EQ(state.block(), BlockState::kAllocatedHead);
  EXPECT_EQ(state.order(), 0u);
  EXPECT_EQ(state.kind(), PageKind::kAnon);
  EXPECT_FALSE(state.known_zero());
}

}  // namespace
}  // namespace vmsim::phys
