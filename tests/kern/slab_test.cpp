// SPDX-License-Identifier: MIT
// kmalloc and named caches: sizes, alignment, refusals, damage that is found, and a ledger that
// returns to zero.
#include "kern/slab.hpp"

#include <cstdlib>
#include <cstring>
#include <map>

#include "kmem_fixture.hpp"

namespace vmsim::kern {
namespace {

constexpr vmsim_gfp_t kGfp = VMSIM_GFP_KERNEL;

class SlabTest : public testing::Test {
 protected:
  Kmem k;
};

TEST_F(SlabTest, SizeClassesAreThoseOfLinux) {
  const std::map<u64, u64> wanted = {{1, 8},        {8, 8},        {9, 16},      {33, 64},
                                     {65, 96},      {97, 128},     {129, 192},   {193, 256},
                                     {257, 512},    {4096, 4096},  {4097, 8192}, {8192, 8192},
                                     {8193, 16384}, {20000, 32768}};
  for (const auto& [size, room] : wanted) {
    void* const p = k.slab->kmalloc(size, kGfp);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(k.slab->ksize(p), room) << "kmalloc(" << size << ")";
    k.slab->kfree(p);
  }
  EXPECT_EQ(k.findings(), "");
  EXPECT_EQ(k.slab->live_objects(), 0u);
}

TEST_F(SlabTest, PowersOfTwoAreNaturallyAligned) {
  for (u64 size = 8; size <= 4096; size *= 2) {
    std::vector<void*> objects;
    for (int i = 0; i < 20; ++i) {
      objects.push_back(k.slab->kmalloc(size, kGfp));
      EXPECT_EQ(host_value(objects.back()) % size, 0u) << size;
    }
    for (void* p : objects) k.slab->kfree(p);
  }
}

TEST(Slab, NeighboursAreContiguousWithoutRedZones) {
  KmemOptions options;
  options.poison = false;
  Kmem k(options);
  const auto* a = static_cast<std::byte*>(k.slab->kmalloc(64, kGfp));
  const auto* b = static_cast<std::byte*>(k.slab->kmalloc(64, kGfp));
  EXPECT_EQ(b - a, 64);
  k.slab->kfree(a);
  EXPECT_EQ(k.slab->kmalloc(50, kGfp), a) << "the last one freed is the first one used again";
}

TEST_F(SlabTest, FramesAreOfKindSlabAndLow) {
  void* const small = k.slab->kmalloc(100, kGfp);
  void* const large = k.slab->kmalloc(20000, kGfp);
  EXPECT_EQ(k.mem_map->kind(k.memory->virt_to_page(small)), phys::PageKind::kSlab);
  // Large blocks are plain compound pages in the kernel.
  EXPECT_NE(k.mem_map->kind(k.memory->virt_to_page(large)), phys::PageKind::kSlab);
  EXPECT_TRUE(phys::is_head(k.memory->virt_to_page(large)));
  k.slab->kfree(small);
  k.slab->kfree(large);
  k.slab->trim();
  EXPECT_EQ(k.frames_used(), 0u);
  EXPECT_EQ(k.slab->frames_held(), 0u);
}

TEST_F(SlabTest, ZeroSizeAndNull) {
  EXPECT_EQ(k.slab->kmalloc(0, kGfp), kZeroSizePtr);
  k.slab->kfree(kZeroSizePtr);
  k.slab->kfree(nullptr);
  EXPECT_EQ(k.slab->ksize(nullptr), 0u);
  EXPECT_EQ(k.slab->ksize(kZeroSizePtr), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, TooLarge) {
  EXPECT_EQ(k.slab->kmalloc(kKmallocMax + 1, kGfp | VMSIM_GFP_BIT_NOWARN), nullptr);
  EXPECT_EQ(k.findings(), "");
  EXPECT_EQ(k.slab->kmalloc(~u64{0}, kGfp), nullptr);
  EXPECT_EQ(k.findings(), "kmalloc-too-large");
  void* const largest = k.slab->kmalloc(kKmallocMax, kGfp);
  EXPECT_NE(largest, nullptr);
  k.slab->kfree(largest);
}

TEST_F(SlabTest, KzallocIsZeroAfterUse) {
  for (const u64 size : {24u, 200u, 5000u, 30000u}) {
    void* const dirty = k.slab->kmalloc(size, kGfp);
    std::memset(dirty, 0xff, size);
    k.slab->kfree(dirty);
    const auto* clean = static_cast<unsigned char*>(k.slab->kzalloc(size, kGfp));
    EXPECT_TRUE(std::all_of(clean, clean + size, [](unsigned char c) { return c == 0; })) << size;
    k.slab->kfree(clean);
    const auto* by_flag =
        static_cast<unsigned char*>(k.slab->kmalloc(size, kGfp | VMSIM_GFP_BIT_ZERO));
    EXPECT_TRUE(std::all_of(by_flag, by_flag + size, [](unsigned char c) { return c == 0; }))
        << size;
    k.slab->kfree(by_flag);
  }
}

TEST_F(SlabTest, DmaMemoryLiesBelow16MiB) {
  void* const p = k.slab->kmalloc(100, kGfp | VMSIM_GFP_DMA);
  EXPECT_LT(k.memory->pa(p), u64{16} << 20);
  k.slab->kfree(p);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, HighMemoryFlagIsRefused) {
  void* const p = k.slab->kmalloc(100, kGfp | VMSIM_GFP_BIT_HIGHMEM);
  EXPECT_NE(p, nullptr);
  EXPECT_EQ(k.findings(), "slab-bad-gfp");
  k.slab->kfree(p);
}

TEST_F(SlabTest, DoubleFree) {
  void* const a = k.slab->kmalloc(40, kGfp);
  void* const b = k.slab->kmalloc(40, kGfp);
  k.slab->kfree(a);
  k.slab->kfree(a);
  EXPECT_EQ(k.findings(), "double-free");
  EXPECT_EQ(k.slab->live_objects(), 1u);
  k.slab->kfree(b);
  k.slab->trim();
  k.slab->kfree(b);  // its frame has left the slab
  EXPECT_EQ(k.findings(), "double-free");
  void* const large = k.slab->kmalloc(50000, kGfp);
  k.slab->kfree(large);
  k.slab->kfree(large);
  EXPECT_EQ(k.findings(), "double-free");
  EXPECT_EQ(k.slab->live_objects(), 0u);
  EXPECT_EQ(k.slab->live_bytes(), 0u);
}

TEST_F(SlabTest, BadPointers) {
  auto* const p = static_cast<std::byte*>(k.slab->kmalloc(100, kGfp));
  auto* const large = static_cast<std::byte*>(k.slab->kmalloc(50000, kGfp));
  int local = 0;
  k.slab->kfree(p + 8);
  k.slab->kfree(large + kPageSize);
  k.slab->kfree(&local);
  k.slab->kfree(reinterpret_cast<void*>(~u64{0} - 11));
  k.slab->kfree(k.ram->base() + (u64{8} << 20));
  EXPECT_EQ(
      k.findings(),
      "kfree-bad-pointer kfree-bad-pointer kfree-bad-pointer kfree-bad-pointer kfree-bad-pointer");
  EXPECT_EQ(k.slab->live_objects(), 2u);
  void* const v = k.vmalloc->vmalloc(100);
  k.slab->kfree(v);
  EXPECT_EQ(k.findings(), "kfree-bad-pointer");
  EXPECT_NE(k.last_text.find("vmalloc address"), std::string::npos) << k.last_text;
  k.vmalloc->vfree(v);
  k.slab->kfree(p);
  k.slab->kfree(large);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, OverflowIsFoundAtFree) {
  auto* const p = static_cast<std::byte*>(k.slab->kmalloc(40, kGfp));
  poke(p + 40, 0x41);  // inside the size class, past what was asked for
  k.slab->kfree(p);
  EXPECT_EQ(k.findings(), "slab-corruption");
  EXPECT_NE(k.last_text.find("kmalloc-64"), std::string::npos) << k.last_text;
  EXPECT_NE(k.last_text.find("byte 40 is 0x41"), std::string::npos) << k.last_text;
  auto* const full = static_cast<std::byte*>(k.slab->kmalloc(64, kGfp));
  poke(full + 64, 0);  // an exact fit has a red zone too
  k.slab->kfree(full);
  EXPECT_EQ(k.findings(), "slab-corruption");
}

TEST_F(SlabTest, UseAfterFreeIsFoundAtNextAllocation) {
  auto* const keep = k.slab->kmalloc(64, kGfp);
  auto* const p = static_cast<std::byte*>(k.slab->kmalloc(64, kGfp));
  k.slab->kfree(p);
  poke(p + 10, 1);
  EXPECT_EQ(k.findings(), "");
  EXPECT_EQ(k.slab->kmalloc(64, kGfp), p);
  EXPECT_EQ(k.findings(), "slab-corruption");
  EXPECT_NE(k.last_text.find("after it was freed"), std::string::npos) << k.last_text;
  k.slab->kfree(p);
  k.slab->kfree(keep);
  EXPECT_EQ(k.findings(), "") << "damage is reported once";
}

TEST_F(SlabTest, UseAfterFreeOfTheLastObjectIsFoundByTrimAndCheck) {
  auto* const p = static_cast<std::byte*>(k.slab->kmalloc(64, kGfp));
  k.slab->kfree(p);
  poke(p, 1);
  EXPECT_EQ(k.slab->check(), 1u);
  EXPECT_EQ(k.findings(), "slab-corruption");
  poke(p, 1);
  k.slab->trim();
  EXPECT_EQ(k.findings(), "slab-corruption");
}

TEST_F(SlabTest, KsizeGivesTheSlackAway) {
  auto* const p = static_cast<std::byte*>(k.slab->kmalloc(40, kGfp));
  std::memset(p, 0x11, k.slab->ksize(p));
  k.slab->kfree(p);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, Krealloc) {
  auto* const p = static_cast<char*>(k.slab->krealloc(nullptr, 10, kGfp));
  std::memcpy(p, "123456789", 10);
  EXPECT_EQ(k.slab->krealloc(p, 16, kGfp), p) << "fits where it is";
  auto* const q = static_cast<char*>(k.slab->krealloc(p, 3000, kGfp));
  EXPECT_NE(q, p);
  EXPECT_STREQ(q, "123456789");
  EXPECT_EQ(k.slab->live_bytes(), 3000u);
  auto* const r = static_cast<char*>(k.slab->krealloc(q, 100000, kGfp));
  EXPECT_STREQ(r, "123456789");
  SiteOracle fail("kmalloc");
  k.probe.set_fail_oracle(&fail);
  EXPECT_EQ(k.slab->krealloc(r, 1000000, kGfp), nullptr);
  k.probe.set_fail_oracle(nullptr);
  EXPECT_STREQ(r, "123456789") << "a failed krealloc leaves the object";
  EXPECT_EQ(k.slab->krealloc(r, 0, kGfp), kZeroSizePtr);
  EXPECT_EQ(k.slab->live_objects(), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, KreallocZeroesGrowth) {
  auto* const p = static_cast<unsigned char*>(k.slab->kmalloc(10, kGfp));
  std::memset(p, 0xff, 10);
  auto* const q = static_cast<unsigned char*>(k.slab->krealloc(p, 16, kGfp | VMSIM_GFP_BIT_ZERO));
  EXPECT_EQ(q[9], 0xff);
  EXPECT_EQ(q[10], 0);
  EXPECT_EQ(q[15], 0);
  k.slab->kfree(q);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, FaultInjection) {
  SiteOracle fail("kmalloc");
  k.probe.set_fail_oracle(&fail);
  EXPECT_EQ(k.slab->kmalloc(8, kGfp), nullptr);
  EXPECT_EQ(k.slab->kmalloc(0, kGfp), kZeroSizePtr);
  k.probe.set_fail_oracle(nullptr);
  SiteOracle no_pages("alloc_pages");
  k.probe.set_fail_oracle(&no_pages);
  EXPECT_EQ(k.slab->kmalloc(8, kGfp), nullptr);
  EXPECT_EQ(k.slab->kmalloc(100000, kGfp), nullptr);
  k.probe.set_fail_oracle(nullptr);
  EXPECT_EQ(k.slab->live_objects(), 0u);
  EXPECT_EQ(k.frames_used(), 0u);
}

TEST_F(SlabTest, GfpKernelInAtomicContext) {
  sched::Task& task = k.scheduler->create_task("t");
  {
    const sched::KernelEntry entry(*k.scheduler, task, nullptr);
    task.enter_atomic(sched::AtomicReason::kSpinlock);
    k.slab->kfree(k.slab->kmalloc(8, VMSIM_GFP_ATOMIC));
    EXPECT_EQ(k.findings(), "");
    k.slab->kfree(k.slab->kmalloc(8, kGfp));
    EXPECT_EQ(k.findings(), "sleep-in-atomic");
    task.leave_atomic(sched::AtomicReason::kSpinlock);
  }
  k.scheduler->destroy_task(task);
}

TEST_F(SlabTest, LedgerNamesOwnersInOrder) {
  void* const a = k.slab->kmalloc(10, kGfp, 7);
  void* const b = k.slab->kmalloc(9000, kGfp, 8);
  void* const c = k.slab->kmalloc(30, kGfp, 7);
  const std::vector<LiveObject> of_7 = k.slab->live_objects_of(7);
  ASSERT_EQ(of_7.size(), 2u);
  EXPECT_EQ(of_7[0].address, a);
  EXPECT_EQ(of_7[1].address, c);
  EXPECT_EQ(of_7[1].size_bytes, 30u);
  EXPECT_EQ(of_7[1].cache, "kmalloc-32");
  EXPECT_EQ(k.slab->live_objects_of().size(), 3u);
  EXPECT_EQ(k.slab->live_bytes(), 9040u);
  EXPECT_NE(k.slab->slabinfo_text().find("kmalloc-32             1"), std::string::npos)
      << k.slab->slabinfo_text();
  for (void* p : {a, b, c}) k.slab->kfree(p);
}

// ---- Named caches ----

TEST_F(SlabTest, CacheLifeCycle) {
  SlabCache* const cache = k.slab->create_cache({"scull", 300, 0, kSlabHwcacheAlign, {}});
  ASSERT_NE(cache, nullptr);
  std::vector<void*> objects;
  for (int i = 0; i < 100; ++i) {
    objects.push_back(k.slab->alloc(cache, kGfp));
    ASSERT_NE(objects.back(), nullptr);
    EXPECT_EQ(host_value(objects.back()) % 64, 0u);
    std::memset(objects.back(), 0x22, 300);
  }
  EXPECT_EQ(cache->live_objects(), 100u);
  for (void* p : objects) k.slab->free(cache, p);
  k.slab->destroy_cache(cache);
  EXPECT_EQ(k.findings(), "");
  EXPECT_EQ(k.frames_used(), 0u);
  EXPECT_EQ(k.slab->alloc(cache, kGfp), nullptr);
  k.slab->destroy_cache(cache);
  EXPECT_EQ(k.findings(), "kmem-cache-bad-pointer kmem-cache-bad-pointer");
}

TEST_F(SlabTest, CacheWithLiveObjectsIsBusy) {
  SlabCache* const cache = k.slab->create_cache({"busy", 64, 0, 0, {}});
  void* const p = k.slab->alloc(cache, kGfp);
  k.slab->destroy_cache(cache);
  EXPECT_EQ(k.findings(), "kmem-cache-destroy-busy");
  EXPECT_NE(k.last_text.find("1 live object;"), std::string::npos) << k.last_text;
  EXPECT_EQ(k.slab->live_objects(), 1u);
  k.slab->free(cache, p);
  EXPECT_EQ(k.frames_used(), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, ConstructorRunsOncePerObjectOfARun) {
  unsigned calls = 0;
  CacheSpec spec{"made", 128, 0, 0, [&](void* object) {
                   ++calls;
                   std::memset(object, 0x33, 128);
                   return true;
                 }};
  SlabCache* const cache = k.slab->create_cache(std::move(spec));
  auto* const p = static_cast<unsigned char*>(k.slab->alloc(cache, kGfp));
  EXPECT_EQ(calls, cache->objects_per_run());
  EXPECT_EQ(p[127], 0x33);
  p[5] = 0x44;
  k.slab->free(cache, p);
  EXPECT_EQ(k.slab->alloc(cache, kGfp), p);
  EXPECT_EQ(p[5], 0x44) << "an object with a constructor keeps its state while free";
  EXPECT_EQ(calls, cache->objects_per_run());
  k.slab->free(cache, p);
  k.slab->destroy_cache(cache);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(SlabTest, OopsInConstructorFailsTheAllocation) {
  SlabCache* const cache = k.slab->create_cache({"oops", 128, 0, 0, [](void*) { return false; }});
  EXPECT_EQ(k.slab->alloc(cache, kGfp), nullptr);
  EXPECT_EQ(k.frames_used(), 0u);
}

TEST_F(SlabTest, CacheRefusals) {
  EXPECT_EQ(k.slab->create_cache({"none", 0, 0, 0, {}}), nullptr);
  EXPECT_EQ(k.slab->create_cache({"huge", kKmallocMax + 1, 0, 0, {}}), nullptr);
  EXPECT_EQ(k.slab->create_cache({"skew", 64, 24, 0, {}}), nullptr);
  EXPECT_EQ(k.findings(), "kmem-cache-bad-args kmem-cache-bad-args kmem-cache-bad-args");
  SlabCache* const a = k.slab->create_cache({"twin", 64, 0, 0, {}});
  SlabCache* const b = k.slab->create_cache({"twin", 64, 0, 0, {}});
  EXPECT_EQ(k.findings(), "kmem-cache-duplicate");
  void* const p = k.slab->alloc(a, kGfp);
  k.slab->free(b, p);
  EXPECT_EQ(k.findings(), "slab-wrong-cache");
  EXPECT_EQ(a->live_objects(), 0u) << "freed where it belongs";
  k.slab->free(a, nullptr);
  EXPECT_EQ(k.findings(), "kfree-bad-pointer");
}

// ---- A long random life against a model ----

TEST(Slab, RandomLifeKeepsTheLedgerAndTheContents) {
  const char* const given = std::getenv("VMSIM_SEED");
  u64 state = given != nullptr ? std::strtoull(given, nullptr, 0) : 42;
  SCOPED_TRACE("VMSIM_SEED=" + std::to_string(state));
  for (const bool poison : {false, true}) {
    KmemOptions options;
    options.poison = poison;
    Kmem k(options);
    std::map<unsigned char*, std::pair<u64, unsigned char>> live;
    u64 bytes = 0;
    for (int step = 0; step < 20000; ++step) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const u64 draw = state >> 20;
      if (draw % 5 < 3 && live.size() < 500) {
        const u64 size = draw % 97 == 0 ? draw % 60000 + 1 : draw % 700 + 1;
        auto* const p = static_cast<unsigned char*>(k.slab->kmalloc(size, kGfp));
        ASSERT_NE(p, nullptr);
        const auto mark = static_cast<unsigned char>(draw);
        std::memset(p, mark, size);
        const auto next = live.lower_bound(p);
        ASSERT_TRUE(next == live.end() || p + size <= next->first);
        ASSERT_TRUE(next == live.begin() ||
                    std::prev(next)->first + std::prev(next)->second.first <= p);
        live.emplace(p, std::pair(size, mark));
        bytes += size;
      } else if (!live.empty()) {
        auto at = live.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(draw / 7 % live.size()));
        const auto [size, mark] = at->second;
        ASSERT_EQ(at->first[0], mark);
        ASSERT_EQ(at->first[size - 1], mark);
        k.slab->kfree(at->first);
        live.erase(at);
        bytes -= size;
      }
      ASSERT_EQ(k.slab->live_objects(), live.size());
      ASSERT_EQ(k.slab->live_bytes(), bytes);
    }
    EXPECT_EQ(k.slab->check(), 0u);
    for (const auto& [p, what] : live) k.slab->kfree(p);
    k.slab->trim();
    EXPECT_EQ(k.findings(), "");
    EXPECT_EQ(k.frames_used(), 0u);
  }
}

}  // namespace
}  // namespace vmsim::kern
