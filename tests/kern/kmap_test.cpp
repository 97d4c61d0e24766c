// SPDX-License-Identifier: MIT
// kmap in all its forms (LDD3-22, LDD3-23): shared windows, a full pool, atomic order, slot
// clashes, and real faults.
#include "kern/kmap.hpp"

#include "kmem_fixture.hpp"

namespace vmsim::kern {
namespace {

class KmapTest : public testing::Test {
 protected:
  KmapTest() : k(x86_32_options()) {}

  phys::Page* high() {
    phys::Page* const page = k.high_page();
    EXPECT_EQ(k.zones->zone_of(k.mem_map->pfn(page)), phys::ZoneKind::kHighMem);
    return page;
  }

  phys::Page* low() { return k.zones->alloc_page(VMSIM_GFP_KERNEL); }

  Kmem k;
};

/// Runs in the kernel, on behalf of a task.
class KmapTaskTest : public KmapTest {
 protected:
  KmapTaskTest()
      : task(k.scheduler->create_task("driver")),
        entry(std::in_place, *k.scheduler, task, nullptr) {}

  ~KmapTaskTest() override {
    entry.reset();
    k.scheduler->destroy_task(task);
  }

  unsigned depth() const { return task.atomic_depth(sched::AtomicReason::kKmapAtomic); }

  sched::Task& task;
  std::optional<sched::KernelEntry> entry;
};

TEST_F(KmapTest, LowPagesAreInTheDirectMap) {
  phys::Page* const page = low();
  EXPECT_EQ(k.kmap->kmap(page), k.ram->direct(k.mem_map->addr(page)));
  EXPECT_EQ(k.kmap->page_address(page), k.kmap->kmap(page));
  EXPECT_EQ(k.kmap->slots_in_use(), 0u);
  k.kmap->kunmap(page);
  k.kmap->kunmap(page);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(KmapTest, HighPageHasAnAddressWhileKmapped) {
  phys::Page* const page = high();
  EXPECT_EQ(k.kmap->page_address(page), nullptr);
  auto* const p = static_cast<std::byte*>(k.kmap->kmap(page));
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(k.kmap->page_address(page), p);
  EXPECT_EQ(page->virtual_, p);
  EXPECT_EQ(k.kmap->window()->nominal(p).value & 0xff000000, 0xfe000000u);
  poke(p + 17, 0x5c);
  EXPECT_EQ(peek(k.ram->host(k.mem_map->pfn(page)) + 17), 0x5cu);
  k.kmap->kunmap(page);
  EXPECT_EQ(k.kmap->page_address(page), nullptr);
  EXPECT_EQ(page->virtual_, nullptr);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(KmapTest, SamePageSameWindow) {
  phys::Page* const page = high();
  void* const first = k.kmap->kmap(page);
  EXPECT_EQ(k.kmap->kmap(page), first);
  ASSERT_EQ(k.kmap->leaks().size(), 1u);
  EXPECT_EQ(k.kmap->leaks()[0].count, 2u);
  k.kmap->kunmap(page);
  EXPECT_EQ(k.kmap->page_address(page), first) << "one user is left";
  k.kmap->kunmap(page);
  EXPECT_EQ(k.kmap->page_address(page), nullptr);
  EXPECT_TRUE(k.kmap->leaks().empty());
}

TEST_F(KmapTest, WrongKunmaps) {
  phys::Page* const page = high();
  k.kmap->kunmap(page);
  EXPECT_EQ(k.findings(), "kunmap-not-mapped");
  void* const p = k.kmap->kmap(page);
  k.kmap->kunmap(static_cast<phys::Page*>(p));  // the address instead of the page
  EXPECT_EQ(k.findings(), "kunmap-wrong-pointer");
  EXPECT_NE(k.last_text.find("0xfe0"), std::string::npos) << k.last_text;
  EXPECT_EQ(k.kmap->slots_in_use(), 1u);
  k.kmap->kunmap(page);
  k.kmap->kunmap(page);
  EXPECT_EQ(k.findings(), "kunmap-not-mapped");
  EXPECT_EQ(k.kmap->kmap(static_cast<phys::Page*>(p)), nullptr);
  EXPECT_EQ(k.findings(), "kmap-bad-page");
}

TEST_F(KmapTest, StrictModeUsesSlotsInTurn) {
  phys::Page* const page = high();
  void* const first = k.kmap->kmap(page);
  k.kmap->kunmap(page);
  void* const second = k.kmap->kmap(page);
  EXPECT_NE(first, second) << "a stale pointer must not come back to life at once";
  k.kmap->kunmap(page);
}

TEST_F(KmapTest, LazyModeKeepsTheMappingUntilTheWrap) {
  KmemOptions options = x86_32_options();
  options.kmap_mode = KmapMode::kLazy;
  Kmem lazy(options);
  phys::Page* const page = lazy.high_page();
  auto* const p = static_cast<std::byte*>(lazy.kmap->kmap(page));
  lazy.kmap->kunmap(page);
  EXPECT_EQ(lazy.kmap->slots_in_use(), 0u);
  EXPECT_EQ(lazy.kmap->page_address(page), p) << "not flushed yet";
  poke(p, 1);  // the bug that Linux does not show
  EXPECT_EQ(lazy.kmap->kmap(page), p);
  lazy.kmap->kunmap(page);
  for (unsigned i = 0; i < lazy.kmap->slots(); ++i) {
    phys::Page* const other = lazy.high_page();
    ASSERT_NE(lazy.kmap->kmap(other), nullptr);
    lazy.kmap->kunmap(other);
  }
  EXPECT_EQ(lazy.kmap->page_address(page), nullptr);
  lazy.kmap->kunmap(page);
  EXPECT_EQ(lazy.findings(), "kunmap-not-mapped");
}

TEST_F(KmapTaskTest, FullPoolWithoutHopeIsADeadlockThatEnds) {
  std::vector<phys::Page*> pages;
  for (unsigned i = 0; i < k.kmap->slots(); ++i) {
    pages.push_back(high());
    ASSERT_NE(k.kmap->kmap(pages.back()), nullptr);
  }
  EXPECT_EQ(k.kmap->kmap(high()), nullptr);
  EXPECT_EQ(k.findings(), "deadlock");
  EXPECT_NE(k.last_text.find("kmap slot"), std::string::npos) << k.last_text;
  EXPECT_NE(k.kmap->kmap(pages[0]), nullptr) << "a page that has a slot needs no other";
  k.kmap->kunmap(pages[0]);
  for (phys::Page* page : pages) k.kmap->kunmap(page);
  EXPECT_EQ(k.kmap->slots_in_use(), 0u);
}

TEST_F(KmapTest, WaiterGetsTheSlotThatKunmapFrees) {
  std::vector<phys::Page*> pages;
  for (unsigned i = 0; i <= k.kmap->slots(); ++i) pages.push_back(high());
  std::string log;
  sched::Task& holder = k.scheduler->spawn("holder", [&] {
    for (unsigned i = 0; i < k.kmap->slots(); ++i) k.kmap->kmap(pages[i]);
    log += "full ";
    k.scheduler->sleep_ns(1000000);
    log += "kunmap ";
    k.kmap->kunmap(pages[0]);
    return 0;
  });
  sched::Task& waiter = k.scheduler->spawn("waiter", [&] {
    k.scheduler->sleep_ns(1000);
    void* const p = k.kmap->kmap(pages.back());
    log += p != nullptr ? "mapped" : "failed";
    return 0;
  });
  k.scheduler->join(holder);
  k.scheduler->join(waiter);
  EXPECT_EQ(log, "full kunmap mapped");
  EXPECT_EQ(k.findings(), "");
}

TEST_F(KmapTaskTest, KmapMaySleep) {
  phys::Page* const page = high();
  task.enter_atomic(sched::AtomicReason::kSpinlock);
  k.kmap->kmap(page);
  EXPECT_EQ(k.findings(), "sleep-in-atomic");
  task.leave_atomic(sched::AtomicReason::kSpinlock);
  k.kmap->kunmap(page);
}

// ---- Atomic and local maps ----

TEST_F(KmapTaskTest, AtomicMapsNest) {
  phys::Page* const a = high();
  phys::Page* const b = low();
  phys::Page* const c = high();
  auto* const pa = static_cast<std::byte*>(k.kmap->kmap_atomic(a));
  void* const pb = k.kmap->kmap_atomic(b);
  void* const pc = k.kmap->kmap_atomic(c);
  EXPECT_EQ(depth(), 3u);
  poke(pa, 7);
  EXPECT_EQ(peek(k.ram->host(k.mem_map->pfn(a))), 7u);
  EXPECT_EQ(k.kmap->page_address(a), nullptr) << "page_address knows permanent maps only";
  EXPECT_EQ(k.kmap->mapped_at(pa), k.mem_map->pfn(a));
  k.kmap->kunmap_atomic(pc);
  k.kmap->kunmap_atomic(pb);
  k.kmap->kunmap_atomic(pa + 100);  // any address in the page
  EXPECT_EQ(depth(), 0u);
  EXPECT_EQ(k.findings(), "");
  EXPECT_TRUE(k.kmap->leaks().empty());
}

TEST_F(KmapTaskTest, SleepUnderAtomicMap) {
  void* const p = k.kmap->kmap_atomic(high());
  k.kmap->kmap(high());
  EXPECT_EQ(k.findings(), "sleep-in-atomic");
  k.kmap->kunmap_atomic(p);
}

TEST_F(KmapTaskTest, WrongOrder) {
  void* const a = k.kmap->kmap_atomic(high());
  void* const b = k.kmap->kmap_atomic(high());
  k.kmap->kunmap_atomic(a);
  EXPECT_EQ(k.findings(), "kunmap-atomic-order");
  k.kmap->kunmap_atomic(b);
  EXPECT_EQ(k.findings(), "");
  EXPECT_EQ(depth(), 0u);
}

TEST_F(KmapTaskTest, WrongPointer) {
  phys::Page* const page = high();
  void* const p = k.kmap->kmap_atomic(page);
  k.kmap->kunmap_atomic(page);  // the page instead of the address
  EXPECT_EQ(k.findings(), "kunmap-wrong-pointer");
  EXPECT_NE(k.last_text.find("struct page"), std::string::npos) << k.last_text;
  EXPECT_EQ(depth(), 0u) << "the preemption count goes down all the same";
  ASSERT_EQ(k.kmap->leaks().size(), 1u) << "and the map is left behind";
  EXPECT_EQ(k.kmap->leaks()[0].call, "kmap_atomic");
  k.kmap->kunmap_atomic(p);
  EXPECT_EQ(depth(), 0u);
  k.kmap->kunmap_atomic(p);
  EXPECT_EQ(k.findings(), "kunmap-wrong-pointer");
}

TEST_F(KmapTaskTest, LocalMapsMaySleepAndStack) {
  phys::Page* const page = high();
  void* const a = k.kmap->kmap_local_page(page);
  void* const b = k.kmap->kmap_local_page(page);
  EXPECT_NE(a, b) << "each local map has a slot of its own";
  EXPECT_EQ(depth(), 0u);
  EXPECT_TRUE(k.scheduler->check_may_sleep("test"));
  k.kmap->kunmap_local(a);
  EXPECT_EQ(k.findings(), "kunmap-atomic-order");
  k.kmap->kunmap_atomic(b);
  EXPECT_EQ(k.findings(), "kunmap-wrong-call");
  EXPECT_TRUE(k.kmap->leaks().empty());
}

TEST_F(KmapTaskTest, SlotsOfATaskRunOut) {
  std::vector<void*> maps;
  for (int i = 0; i < 16; ++i) maps.push_back(k.kmap->kmap_local_page(high()));
  EXPECT_EQ(k.kmap->kmap_local_page(high()), nullptr);
  EXPECT_EQ(k.findings(), "kmap-local-overflow");
  for (; !maps.empty(); maps.pop_back()) k.kmap->kunmap_local(maps.back());
  EXPECT_EQ(k.findings(), "");
}

TEST_F(KmapTaskTest, UnwindEndsWhatATaskLeft) {
  k.kmap->kmap_atomic(high());
  const u64 mark = k.kmap->local_depth(task);
  k.kmap->kmap_atomic(high());
  k.kmap->kmap_local_page(low());
  k.kmap->unwind_local(task, mark, "the driver oopsed");
  EXPECT_EQ(k.findings(), "kmap-leak kmap-leak");
  EXPECT_EQ(depth(), 1u);
  k.kmap->unwind_local(task, 0, "the task ends");
  EXPECT_EQ(k.findings(), "kmap-leak");
  EXPECT_EQ(depth(), 0u);
  EXPECT_TRUE(k.kmap->leaks().empty());
}

// ---- KM_USER0 and its like ----

TEST_F(KmapTaskTest, TypedSlots) {
  constexpr unsigned kUser0 = 3, kUser1 = 4;
  EXPECT_EQ(km_type_name(kUser0), "KM_USER0");
  phys::Page* const a = high();
  phys::Page* const b = high();
  void* const pa = k.kmap->kmap_atomic_type(a, kUser0);
  void* const pb = k.kmap->kmap_atomic_type(b, kUser1);
  poke(pa, 1);
  poke(pb, 2);
  EXPECT_EQ(peek(k.ram->host(k.mem_map->pfn(a))), 1u);
  EXPECT_EQ(depth(), 2u);
  k.kmap->kunmap_atomic_type(pa, kUser0);  // any order
  k.kmap->kunmap_atomic_type(pb, kUser1);
  EXPECT_EQ(depth(), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(KmapTaskTest, TypedSlotClashShowsTheWrongPage) {
  constexpr unsigned kUser0 = 3;
  phys::Page* const a = high();
  phys::Page* const b = high();
  poke(k.ram->host(k.mem_map->pfn(a)), 0xaa);
  poke(k.ram->host(k.mem_map->pfn(b)), 0xbb);
  void* const pa = k.kmap->kmap_atomic_type(a, kUser0);
  EXPECT_EQ(peek(pa), 0xaau);
  void* const pb = k.kmap->kmap_atomic_type(b, kUser0);
  EXPECT_EQ(k.findings(), "kmap-atomic-slot-clash");
  EXPECT_EQ(pa, pb);
  EXPECT_EQ(peek(pa), 0xbbu) << "as on a real machine";
  k.kmap->kunmap_atomic_type(pb, kUser0);
  k.kmap->kunmap_atomic_type(pa, kUser0);
  EXPECT_EQ(k.findings(), "kunmap-wrong-pointer");
  EXPECT_EQ(depth(), 0u);
  EXPECT_EQ(k.kmap->kmap_atomic_type(a, kKmTypes), nullptr);
  EXPECT_EQ(k.findings(), "kmap-atomic-bad-type");
}

TEST_F(KmapTaskTest, TypedMisuse) {
  constexpr unsigned kUser0 = 3, kUser1 = 4;
  phys::Page* const page = low();
  void* const p = k.kmap->kmap_atomic_type(page, kUser0);
  k.kmap->kunmap_atomic_type(page, kUser0);  // LDD3's readers do this
  EXPECT_EQ(k.findings(), "kunmap-wrong-pointer");
  k.kmap->kunmap_atomic_type(p, kUser1);
  EXPECT_EQ(k.findings(), "kunmap-wrong-pointer");
  ASSERT_EQ(k.kmap->leaks().size(), 1u);
  k.kmap->kunmap_atomic_type(p, kUser0);
  EXPECT_TRUE(k.kmap->leaks().empty());
}

TEST(Kmap, SixtyFourBitsNeedNoWindow) {
  Kmem k;
  EXPECT_EQ(k.kmap->window(), nullptr);
  phys::Page* const page = k.zones->alloc_page(VMSIM_GFP_HIGHUSER);
  EXPECT_EQ(k.kmap->kmap(page), k.ram->direct(k.mem_map->addr(page)));
  k.kmap->kunmap(page);
  void* const p = k.kmap->kmap_local_page(page);
  k.kmap->kunmap_local(p);
  EXPECT_EQ(k.findings(), "");
  k.zones->free_page(page);
}

TEST(Kmap, TooManySlotsForTheWindowAreRefused) {
  Kmem k(x86_32_options());
  KmapConfig config;
  config.window = {KernelAddr(0xfe000000), 16 * kPageSize, false};
  EXPECT_FALSE(KmapPool::create(*k.ram, *k.mem_map, *k.scheduler, k.probe, config));
}

using KmapDeathTest = KmapTest;

TEST_F(KmapDeathTest, UseAfterKunmapAndBeyondThePageFault) {
  phys::Page* const page = high();
  phys::Page* const next = high();
  auto* const p = static_cast<std::byte*>(k.kmap->kmap(page));
  k.kmap->kmap(next);
  poke(p + kPageSize - 1, 1);
  EXPECT_DEATH(poke(p + kPageSize, 1), "");
  k.kmap->kunmap(page);
  EXPECT_DEATH(poke(p, 1), "");
}

TEST_F(KmapDeathTest, UseAfterKunmapAtomicFaults) {
  void* const p = k.kmap->kmap_atomic(high());
  poke(p, 1);
  k.kmap->kunmap_atomic(p);
  EXPECT_DEATH(poke(p, 1), "");
}

}  // namespace
}  // namespace vmsim::kern
