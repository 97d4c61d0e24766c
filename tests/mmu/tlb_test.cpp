// SPDX-License-Identifier: MIT
// Tests of Tlb, TlbGroup and AsidAllocator: what each flush drops and keeps, what it reports, and
// the roll-over of ASIDs.
#include "mmu/tlb.hpp"

#include <gtest/gtest.h>

namespace vmsim::mmu {
namespace {

TlbFill page_of(u64 va, u32 asid) {
  TlbFill fill;
  fill.page = VirtAddr(va);
  fill.asid = asid;
  fill.readable = true;
  fill.target = 0x100000;
  return fill;
}

bool holds(const Tlb& tlb, u64 va, u32 asid) {
  return tlb.entry(va).tag_read == Tlb::tag(va, asid, 1);
}

TEST(Tlb, RightsArePartOfTheTag) {
  Tlb tlb(16);
  TlbFill fill = page_of(0x5000, 3);
  tlb.fill(fill);
  EXPECT_TRUE(holds(tlb, 0x5fff, 3));
  EXPECT_FALSE(holds(tlb, 0x5fff, 4));
  EXPECT_FALSE(holds(tlb, 0x6000, 3));
  EXPECT_NE(tlb.entry(0x5000).tag_write, Tlb::tag(0x5000, 3, 1));
  EXPECT_NE(tlb.entry(0x5000).tag_fetch, Tlb::tag(0x5000, 3, 1));
  fill.writable = fill.executable = true;
  tlb.fill(fill);
  EXPECT_EQ(tlb.entry(0x5000).tag_write, Tlb::tag(0x5000, 3, 1));
  EXPECT_EQ(tlb.entry(0x5000).tag_fetch, Tlb::tag(0x5000, 3, 1));
  EXPECT_EQ(tlb.entry(0x5000).bias + 0x5008, 0x100008u);
}

TEST(Tlb, AccessesThatCrossThePageNeverMatch) {
  Tlb tlb(2);
  for (const u64 page : {u64{0x5000}, u64{0x6000}}) tlb.fill(page_of(page, 3));
  EXPECT_EQ(tlb.entry(0x5ff8).tag_read, Tlb::tag(0x5ff8, 3, 8));
  for (u64 va = 0x5ff9; va < 0x6000; ++va)
    EXPECT_NE(tlb.entry(va).tag_read, Tlb::tag(va, 3, 8)) << va;
}

TEST(Tlb, DevicePagesMatchOnlyWithTheDeviceBit) {
  Tlb tlb(16);
  TlbFill fill = page_of(0x5000, 3);
  fill.device = true;
  tlb.fill(fill);
  EXPECT_FALSE(holds(tlb, 0x5000, 3));
  EXPECT_EQ(tlb.entry(0x5000).tag_read, Tlb::tag(0x5000, 3, 1) | Tlb::kDeviceBit);
  tlb.flush_page(3, VirtAddr(0x5123));
  EXPECT_EQ(tlb.used(), 0u);
}

TEST(Tlb, RangesUpToTheTopOfTheAddressesEnd) {
  Tlb tlb(16);
  tlb.fill(page_of(0x5000, 3));
  tlb.flush_range(3, {VirtAddr(~u64{0} - 0x1fff), VirtAddr(~u64{0})});
  EXPECT_EQ(tlb.used(), 1u);  // a short range elsewhere
  tlb.flush_range(3, {VirtAddr(0), VirtAddr(~u64{0})});
  EXPECT_EQ(tlb.used(), 0u);
}

TEST(Tlb, EachFlushDropsItsOwn) {
  Tlb tlb(64);
  const auto refill = [&] {
    tlb.flush_all();
    for (u64 i = 0; i < 8; ++i) tlb.fill(page_of(0x10000 + i * kPageSize, 1));
    for (u64 i = 8; i < 16; ++i) tlb.fill(page_of(0x10000 + i * kPageSize, 2));
    EXPECT_EQ(tlb.used(), 16u);
  };
  refill();
  tlb.flush_page(2, VirtAddr(0x10000));
  EXPECT_EQ(tlb.used(), 16u) << "another address space's page";
  tlb.flush_page(1, VirtAddr(0x10000));
  EXPECT_FALSE(holds(tlb, 0x10000, 1));
  EXPECT_EQ(tlb.used(), 15u);
  refill();
  tlb.flush_range(1, {VirtAddr(0x12000), VirtAddr(0x14000)});
  EXPECT_EQ(tlb.used(), 14u);
  EXPECT_TRUE(holds(tlb, 0x11000, 1));
  EXPECT_FALSE(holds(tlb, 0x12000, 1));
  EXPECT_FALSE(holds(tlb, 0x13000, 1));
  EXPECT_TRUE(holds(tlb, 0x14000, 1));
  refill();
  tlb.flush_mm(1);
  EXPECT_EQ(tlb.used(), 8u);
  EXPECT_TRUE(holds(tlb, 0x18000, 2));
  tlb.flush_all();
  EXPECT_EQ(tlb.used(), 0u);
}

TEST(Tlb, LongRangesFlushTheAddressSpace) {
  Tlb tlb(64);
  tlb.set_flush_ceiling(4);
  tlb.fill(page_of(0x90000, 1));
  tlb.fill(page_of(0x91000, 2));
  tlb.flush_range(1, {VirtAddr(0x1000), VirtAddr(0x5000)});
  EXPECT_EQ(tlb.used(), 2u);
  EXPECT_EQ(tlb.stats().page_flushes, 4u);
  EXPECT_EQ(tlb.stats().mm_flushes, 0u);
  tlb.flush_range(1, {VirtAddr(0x1000), VirtAddr(0x6000)});
  EXPECT_EQ(tlb.stats().mm_flushes, 1u);
  EXPECT_FALSE(holds(tlb, 0x90000, 1));
  EXPECT_TRUE(holds(tlb, 0x91000, 2));
}

TEST(Tlb, GlobalEntriesSurviveFlushMmOnly) {
  Tlb tlb(16);
  TlbFill fill = page_of(0x5000, 1);
  fill.global = true;
  tlb.fill(fill);
  tlb.flush_mm(1);
  EXPECT_TRUE(holds(tlb, 0x5000, 1));
  tlb.flush_page(1, VirtAddr(0x5000));
  EXPECT_FALSE(holds(tlb, 0x5000, 1));
  tlb.fill(fill);
  tlb.flush_all();
  EXPECT_FALSE(holds(tlb, 0x5000, 1));
  tlb.fill(page_of(0x5000, 1));
  tlb.flush_mm(1);
  EXPECT_FALSE(holds(tlb, 0x5000, 1)) << "the slot forgot that it was global";
}

class FlushLog final : public Observer {
 public:
  void on_event(const Event& event) override { events.push_back(event); }

  std::vector<Event> events;
};

TEST(TlbGroup, FlushReachesTheCpusOfItsSetAndSaysSo) {
  base::Probe probe;
  FlushLog log;
  probe.add(&log);
  TlbGroup group(3, probe, 16);
  for (unsigned n = 0; n < 3; ++n) group.cpu(n).fill(page_of(0x5000, 1));
  group.flush_page(1, VirtAddr(0x5010), 0b101);
  EXPECT_EQ(group.cpu(0).used(), 0u);
  EXPECT_EQ(group.cpu(1).used(), 1u);
  EXPECT_EQ(group.cpu(2).used(), 0u);
  group.flush_range(1, {VirtAddr(0x5000), VirtAddr(0x7000)});
  EXPECT_EQ(group.cpu(1).used(), 0u);
  group.flush_mm(1, 1);
  group.flush_all();
  group.flush_range(1, {});
  probe.remove(&log);
  ASSERT_EQ(log.events.size(), 4u) << "an empty range is no flush";
  EXPECT_EQ(log.events[0].kind, EventKind::kTlbFlush);
  EXPECT_EQ(log.events[0].a, 0x5000u);
  EXPECT_EQ(log.events[0].b, 0x6000u);
  EXPECT_EQ(log.events[0].c, 2u);
  EXPECT_EQ(log.events[1].b, 0x7000u);
  EXPECT_EQ(log.events[1].c, 3u);
  EXPECT_EQ(log.events[2].a, 0u);
  EXPECT_EQ(log.events[2].b, ~u64{0});
  EXPECT_EQ(log.events[2].c, 1u);
  EXPECT_EQ(log.events[3].c, 3u);
  EXPECT_EQ(group.stats().full_flushes, 3u);
  EXPECT_EQ(group.stats().mm_flushes, 1u);
}

class CallLog final : public CrossCall {
 public:
  void run_on(unsigned cpu, const std::function<void()>& function) override {
    called.push_back(cpu);
    function();
  }

  std::vector<unsigned> called;
};

TEST(TlbGroup, OtherCpusAreReachedThroughTheCrossCall) {
  base::Probe probe;
  CallLog calls;
  TlbGroup group(3, probe, 16, &calls);
  group.cpu(2).fill(page_of(0x5000, 1));
  group.flush_mm(1, 0b110);
  EXPECT_EQ(calls.called, (std::vector<unsigned>{1, 2}));
  EXPECT_EQ(group.cpu(2).used(), 0u);
}

TEST(AsidAllocator, RollOverFlushesAndMakesLeasesStale) {
  base::Probe probe;
  TlbGroup group(2, probe, 16);
  AsidAllocator asids(group, 3);
  AsidLease leases[4];
  for (u32 i = 0; i < 3; ++i) EXPECT_EQ(asids.acquire(leases[i]), i + 1);
  EXPECT_EQ(asids.acquire(leases[1]), 2u) << "a current lease is kept";
  EXPECT_EQ(group.stats().full_flushes, 0u);
  group.cpu(1).fill(page_of(0x5000, 1));
  EXPECT_EQ(asids.acquire(leases[3]), 1u);
  EXPECT_EQ(group.stats().full_flushes, 2u);
  EXPECT_EQ(group.cpu(1).used(), 0u) << "number 1 means another address space now";
  EXPECT_EQ(asids.generation(), 2u);
  EXPECT_FALSE(asids.current(leases[0]));
  EXPECT_EQ(asids.acquire(leases[0]), 2u);
  EXPECT_TRUE(asids.current(leases[0]));
  EXPECT_TRUE(asids.current(leases[3]));
}

TEST(TlbDeathTest, SizeIsAPowerOfTwo) {
  EXPECT_DEATH(Tlb(12), "power of two");
  EXPECT_DEATH(Tlb(1), "power of two");
}

}  // namespace
}  // namespace vmsim::mmu
