// SPDX-License-Identifier: MIT
// Kernel windows: the layouts of both profiles, guard pages between ranges, and reserved addresses
// that fault.
#include "kern/window.hpp"

#include <set>

#include <gtest/gtest.h>

namespace vmsim::kern {
namespace {

TEST(KernelLayout, ClassicAddressesOfX86_32) {
  const KernelLayout full = KernelLayout::x86_32(u64{896} << 20);
  EXPECT_EQ(full.page_offset.value, 0xc0000000u);
  EXPECT_EQ(full.vmalloc.nominal.value, 0xf8800000u);
  EXPECT_EQ(full.kmap.nominal.value, 0xfe000000u);
  EXPECT_EQ(full.ioremap.nominal.value + full.ioremap.size_bytes, 0xfdffe000u);
  // With little RAM, vmalloc starts right behind it.
  EXPECT_EQ(KernelLayout::x86_32(u64{64} << 20).vmalloc.nominal.value, 0xc4800000u);
}

TEST(KernelLayout, WindowsDoNotOverlap) {
  for (const KernelLayout& layout : {KernelLayout::x86_64(), KernelLayout::x86_32(u64{16} << 20)}) {
    EXPECT_LE(layout.vmalloc.nominal.value + layout.vmalloc.size_bytes,
              layout.ioremap.nominal.value);
    EXPECT_LE(layout.ioremap.nominal.value + layout.ioremap.size_bytes, layout.kmap.nominal.value);
  }
}

TEST(Window, NamesItsAddresses) {
  Result<Window> window = Window::create({KernelAddr(0xf8800000), 4 * kPageSize, false});
  ASSERT_TRUE(window);
  EXPECT_EQ(window->pages(), 4u);
  EXPECT_EQ(window->nominal(window->page_at(2) + 5).value, 0xf8802005u);
  EXPECT_TRUE(window->contains(window->base() + 4 * kPageSize - 1));
  EXPECT_FALSE(window->contains(window->base() + 4 * kPageSize));
}

TEST(Window, RefusesPartialPages) {
  EXPECT_FALSE(Window::create({KernelAddr(0), 100, false}));
  EXPECT_FALSE(Window::create({KernelAddr(0), 0, false}));
}

TEST(WindowDeathTest, ReservedAddressFaults) {
  Result<Window> window = Window::create({KernelAddr(0xf8800000), kPageSize, false});
  ASSERT_TRUE(window);
  EXPECT_DEATH(*reinterpret_cast<volatile char*>(window->base()) = 1, "");
}

TEST(PageRanges, GuardsAndNextFit) {
  PageRanges ranges(10);
  EXPECT_EQ(ranges.take(2), 0u);
  EXPECT_EQ(ranges.take(2), 3u);
  ranges.give_back(0);
  // Not the address that was just given back.
  EXPECT_EQ(ranges.take(2), 6u);
  EXPECT_EQ(ranges.take(2), 0u);
  EXPECT_EQ(ranges.take(1), std::nullopt);
  EXPECT_EQ(ranges.taken_ranges(), 3u);
  ranges.give_back(3);
  EXPECT_EQ(ranges.take(3), std::nullopt);
  EXPECT_EQ(ranges.take(2), 3u);
}

TEST(PageRanges, WholeWindowNeedsRoomForTheGuard) {
  PageRanges ranges(4);
  EXPECT_EQ(ranges.take(4), std::nullopt);
  EXPECT_EQ(ranges.take(~u64{0}), std::nullopt);
  EXPECT_EQ(ranges.take(3), 0u);
}

TEST(PageRanges, NeverOverlap) {
  PageRanges ranges(64);
  std::set<u64> used;
  std::map<u64, u64> held;
  u64 state = 12345;
  for (int step = 0; step < 5000; ++step) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const u64 draw = state >> 33;
    if (draw % 2 == 0 && !held.empty()) {
      auto at = held.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(draw / 2 % held.size()));
      for (u64 p = 0; p <= at->second; ++p) used.erase(at->first + p);
      ranges.give_back(at->first);
      held.erase(at);
    } else if (const auto first = ranges.take(draw / 2 % 7 + 1)) {
      const u64 count = draw / 2 % 7 + 1;
      for (u64 p = 0; p <= count; ++p) {
        ASSERT_LT(*first + p, 64u);
        ASSERT_TRUE(used.insert(*first + p).second)
            << "page " << *first + p << " given out twice, step " << step;
      }
      held.emplace(*first, count);
    }
  }
  EXPECT_EQ(ranges.taken_ranges(), held.size());
}

TEST(SparseArray, ZeroAndWritable) {
  Result<SparseArray<u64>> array = SparseArray<u64>::create(u64{1} << 30);
  ASSERT_TRUE(array);
  EXPECT_EQ((*array)[(u64{1} << 30) - 1], 0u);
  (*array)[77] = 5;
  SparseArray<u64> moved = std::move(*array);
  EXPECT_EQ(moved[77], 5u);
}

}  // namespace
}  // namespace vmsim::kern
