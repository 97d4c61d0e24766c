// SPDX-License-Identifier: MIT
// Tests of the physical layout: the PC's default map, reservations, and every refusal.
#include "phys/layout.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace vmsim::phys {
namespace {

constexpr u64 kMiB = u64{1} << 20;
constexpr u64 kGiB = u64{1} << 30;

PhysRange range(u64 start, u64 end) {
  return {PhysAddr(start), PhysAddr(end)};
}

LayoutConfig pc(u64 ram_bytes, Platform platform = Platform::kX86_64) {
  LayoutConfig config;
  config.platform = platform;
  config.ram_bytes = ram_bytes;
  return config;
}

u64 bytes_of(const std::vector<Region>& regions, RegionKind kind) {
  u64 sum = 0;
  for (const Region& region : regions) sum += region.kind == kind ? region.range.size() : 0;
  return sum;
}

void expect_refused(const LayoutConfig& config, const char* reason) {
  const auto layout = default_layout(config);
  ASSERT_FALSE(layout) << reason;
  EXPECT_NE(layout.error().message.find(reason), std::string::npos) << layout.error().message;
}

TEST(Layout, OneMebibyteIsAllLegacy) {
  const auto layout = default_layout(pc(kMiB));
  ASSERT_TRUE(layout);
  EXPECT_EQ(bytes_of(*layout, RegionKind::kRam), 0xa0000 - kPageSize);
  EXPECT_EQ(ram_end(*layout), PhysAddr(kMiB));
}

TEST(Layout, RamContinuesAbovePciHole) {
  const auto layout = default_layout(pc(8 * kGiB));
  ASSERT_TRUE(layout);
  EXPECT_EQ(ram_end(*layout), PhysAddr(9 * kGiB));
  for (const Region& region : *layout)
    EXPECT_FALSE(region.range.intersects({kPciHoleStart, kPciHoleEnd})) << range_text(region.range);
  EXPECT_EQ(bytes_of(*layout, RegionKind::kRam) + bytes_of(*layout, RegionKind::kReserved),
            8 * kGiB);
}

TEST(Layout, ExactlyThreeGibibytesHasNothingAboveTheHole) {
  const auto layout = default_layout(pc(3 * kGiB, Platform::kX86_32));
  ASSERT_TRUE(layout);
  EXPECT_EQ(ram_end(*layout), kPciHoleStart);
}

TEST(Layout, RefusesSizes) {
  expect_refused(pc(0), "without RAM");
  expect_refused(pc(kMiB - kPageSize), "at least 1 MiB");
  expect_refused(pc(kMiB + 1), "whole number of pages");
  expect_refused(pc((1024 * kGiB) + kPageSize), "1 TiB");
  expect_refused(pc(3 * kGiB + kPageSize, Platform::kX86_32), "no PAE");
  EXPECT_TRUE(default_layout(pc(1024 * kGiB)));
}

TEST(Layout, ReservationsAreCutOut) {
  LayoutConfig config = pc(64 * kMiB);
  config.reserved = {range(16 * kMiB, 17 * kMiB)};
  config.withheld = {range(48 * kMiB, 64 * kMiB), range(17 * kMiB, 18 * kMiB)};
  const auto layout = default_layout(config);
  ASSERT_TRUE(layout) << layout.error().to_string();
  EXPECT_EQ(bytes_of(*layout, RegionKind::kReservedNoPage), 17 * kMiB);
  EXPECT_EQ(bytes_of(*layout, RegionKind::kRam), 63 * kMiB - 18 * kMiB + 0xa0000 - kPageSize);
  EXPECT_EQ(ram_end(*layout), PhysAddr(64 * kMiB));
}

TEST(Layout, RefusesContradictoryReservations) {
  LayoutConfig config = pc(64 * kMiB);
  config.reserved = {range(16 * kMiB, 17 * kMiB)};
  config.withheld = {range(17 * kMiB - kPageSize, 18 * kMiB)};
  expect_refused(config, "overlap");
  config.withheld = {range(63 * kMiB, 65 * kMiB)};
  expect_refused(config, "not all RAM");
  config.withheld = {range(20 * kMiB, 20 * kMiB + 5)};
  expect_refused(config, "whole pages");
  config.withheld = {range(20 * kMiB, 20 * kMiB)};
  expect_refused(config, "whole pages");
  config.reserved.clear();
  config.withheld = {range(0, 64 * kMiB)};
  expect_refused(config, "no usable RAM");
}

TEST(Layout, CheckNamesTheOffender) {
  const Region ram{range(0, kMiB), RegionKind::kRam, "System RAM", nullptr};
  const auto check = [&](Region other) { return check_layout({ram, std::move(other)}, 32); };
  EXPECT_NE(check({range(kMiB - kPageSize, 2 * kMiB), RegionKind::kReserved, "", nullptr})
                .error()
                .message.find("[mem 0x000ff000-0x001fffff]"),
            std::string::npos);
  EXPECT_EQ(
      check({range(4 * kGiB - kPageSize, 4 * kGiB + kPageSize), RegionKind::kRam, "", nullptr})
          .error()
          .errno_value,
      ERANGE);
  EXPECT_TRUE(check({range(4 * kGiB - kPageSize, 4 * kGiB), RegionKind::kRam, "", nullptr}));
  EXPECT_FALSE(check({range(kMiB + 8, kMiB + kPageSize), RegionKind::kRam, "", nullptr}));
  EXPECT_FALSE(check({range(2 * kMiB, kMiB), RegionKind::kRam, "", nullptr}));
  EXPECT_FALSE(check({range(kMiB, 2 * kMiB), RegionKind::kDevice, "no device", nullptr}));
  EXPECT_FALSE(check_layout({}, 32));
}

}  // namespace
}  // namespace vmsim::phys
