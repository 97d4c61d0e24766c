// SPDX-License-Identifier: MIT
// Tests of phys::Ram: sizes, the two mappings, windows, discard, and refusals with a reason.
#include "phys/ram.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/mman.h>
#include <sys/resource.h>

#include <gtest/gtest.h>

namespace vmsim::phys {
namespace {

constexpr u64 kMiB = u64{1} << 20;
constexpr u64 kTiB = u64{1} << 40;

TEST(Ram, RefusesBadSizes) {
  EXPECT_EQ(Ram::create({0, nullptr, 0}).error().errno_value, EINVAL);
  EXPECT_EQ(Ram::create({kMiB - kPageSize, nullptr, 0}).error().errno_value, EINVAL);
  EXPECT_EQ(Ram::create({kMiB + 1, nullptr, 0}).error().errno_value, EINVAL);
  EXPECT_EQ(Ram::create({4 * kTiB, nullptr, 0}).error().errno_value, EINVAL);
  const auto bad_limit = Ram::create({2 * kMiB, nullptr, 5});
  EXPECT_NE(bad_limit.error().message.find("direct map"), std::string::npos);
}

TEST(Ram, SmallestReadsZeroAndKeepsBytes) {
  const auto ram = Ram::create({kMiB, nullptr, 0});
  ASSERT_TRUE(ram);
  std::byte* last = (*ram)->host(PhysAddr(kMiB - 1));
  EXPECT_EQ(*last, std::byte{0});
  *last = std::byte{0x5a};
  EXPECT_EQ((*ram)->pa_of(last), PhysAddr(kMiB - 1));
  EXPECT_EQ((*ram)->pa_of(last + 1), std::nullopt);
  EXPECT_EQ((*ram)->base(), (*ram)->core_base());
  EXPECT_EQ((*ram)->direct(PhysAddr(kMiB)), nullptr);
}

TEST(Ram, TerabyteIsQuickAndTakesItsLastByte) {
  const auto start = std::chrono::steady_clock::now();
  const auto ram = Ram::create({kTiB, nullptr, 0});
  const auto took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(ram) << ram.error().to_string();
  EXPECT_LT(took, std::chrono::milliseconds(50));
  *(*ram)->host(PhysAddr(kTiB - 1)) = std::byte{1};
  EXPECT_EQ(*(*ram)->host(PhysAddr(kTiB - 1)), std::byte{1});
}

TEST(Ram, DirectMapLimitMakesTwoViewsOfTheSameBytes) {
  const auto ram = Ram::create({8 * kMiB, nullptr, 2 * kMiB});
  ASSERT_TRUE(ram);
  EXPECT_NE((*ram)->base(), (*ram)->core_base());
  EXPECT_EQ((*ram)->direct_map_bytes(), 2 * kMiB);
  *(*ram)->direct(PhysAddr(0x1234)) = std::byte{7};
  EXPECT_EQ(*(*ram)->host(PhysAddr(0x1234)), std::byte{7});
  EXPECT_EQ((*ram)->pa_of((*ram)->direct(PhysAddr(0x1234))), PhysAddr(0x1234));
  EXPECT_EQ((*ram)->direct(PhysAddr(2 * kMiB)), nullptr);
  *(*ram)->host(PhysAddr(8 * kMiB - 1)) = std::byte{9};  // high memory exists for the core
}

TEST(Ram, WantedAddressIsTakenIfFreeAndReportedIfNot) {
  void* wanted = HostReservation::create(4 * kMiB)->base();  // released at once: known to be free
  const auto first = Ram::create({4 * kMiB, wanted, 0});
  ASSERT_TRUE(first);
  EXPECT_TRUE((*first)->at_wanted_address());
  EXPECT_EQ((*first)->base(), wanted);
  const auto second = Ram::create({4 * kMiB, wanted, 0});
  ASSERT_TRUE(second);
  EXPECT_FALSE((*second)->at_wanted_address());
  EXPECT_NE((*second)->base(), wanted);
}

TEST(Ram, DiscardedFramesReadZero) {
  const auto ram = Ram::create({kMiB, nullptr, 0});
  std::memset((*ram)->host(Pfn(3)), 0xff, 3 * kPageSize);
  ASSERT_TRUE((*ram)->discard({Pfn(4), Pfn(5)}));
  EXPECT_EQ(*(*ram)->host(PhysAddr(3 * kPageSize)), std::byte{0xff});
  EXPECT_EQ(*(*ram)->host(PhysAddr(4 * kPageSize)), std::byte{0});
  EXPECT_EQ(*(*ram)->host(PhysAddr(5 * kPageSize)), std::byte{0xff});
  EXPECT_TRUE((*ram)->discard({Pfn(5), Pfn(5)}));
}

TEST(Ram, WindowShowsFramesAndClosesAgain) {
  const auto ram = Ram::create({kMiB, nullptr, 0});
  auto place = HostReservation::create(4 * kPageSize);
  ASSERT_TRUE(place);
  *(*ram)->host(Pfn(9)) = std::byte{42};
  ASSERT_TRUE((*ram)->map_window(place->base() + kPageSize, Pfn(9), 1));
  EXPECT_EQ(place->base()[kPageSize], std::byte{42});
  place->base()[kPageSize] = std::byte{43};
  EXPECT_EQ(*(*ram)->host(Pfn(9)), std::byte{43});
  ASSERT_TRUE((*ram)->unmap_window(place->base() + kPageSize, 1));
  EXPECT_DEATH(*reinterpret_cast<volatile char*>(place->base() + kPageSize) = 1, "");
}

TEST(Ram, HostFileSizeLimitIsAnErrorNotASignal) {
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  rlimit small = old;
  small.rlim_cur = kMiB;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto ram = Ram::create({2 * kMiB, nullptr, 0});
  setrlimit(RLIMIT_FSIZE, &old);
  ASSERT_FALSE(ram);
  EXPECT_EQ(ram.error().errno_value, EFBIG);
}

TEST(RamDeathTest, WindowBeyondTheEndIsABug) {
  const auto ram = Ram::create({kMiB, nullptr, 0});
  EXPECT_DEATH((void)(*ram)->map_window((*ram)->base(), Pfn(255), 2), "beyond the end of RAM");
}

}  // namespace
}  // namespace vmsim::phys
